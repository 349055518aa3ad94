/** Moments as they are told on hover. */

import { describe, expect, it } from 'vitest'
import { momentWords, relativeWords, timestamptzWords } from './moment-words.ts'

const nowMs = Date.UTC(2026, 10, 21, 12)

describe('momentWords', () => {
  it('tells UTC and how long ago', () => {
    expect(momentWords(nowMs - 180_000, nowMs)).toBe('2026-11-21 11:57:00 UTC · 3 minutes ago')
  })

  it.each([
    [0, 'just now'],
    [-59_999, 'just now'],
    [-3_600_000, '1 hour ago'],
    [-86_400_000, 'yesterday'],
    [86_400_000 * 3, 'in 3 days'],
    [-86_400_000 * 800, '2 years ago'],
  ])('calls a distance of %d ms %s', (distanceMs, words) => {
    expect(relativeWords(nowMs + distanceMs, nowMs)).toBe(words)
  })
})

describe('timestamptzWords', () => {
  it.each([
    ['2026-11-21 13:00:00+01', '2026-11-21 12:00:00 UTC · just now'],
    ['2026-11-21 17:30:00.123456+05:30', '2026-11-21 12:00:00.123456 UTC · just now'],
    ['2026-11-20 07:00:00-05', '2026-11-20 12:00:00 UTC · yesterday'],
    ['1883-11-18 12:00:00-04:56:02', '1883-11-18 16:56:02 UTC · 143 years ago'],
    ['0001-01-01 00:30:00+01 BC', '0002-12-31 23:30:00 UTC BC · 2,026 years ago'],
    ['0044-03-15 12:00:00+00 BC', '0044-03-15 12:00:00 UTC BC · 2,069 years ago'],
    ['12026-01-01 00:00:00+00', '12026-01-01 00:00:00 UTC · in 9,999 years'],
  ])('knows %s', (text, words) => {
    expect(timestamptzWords(text, nowMs)).toBe(words)
  })

  it.each(['infinity', '-infinity', '294276-12-31 23:59:59+00', '21.11.2026 13:00:00 CET', '', '2026-11-21'])(
    'says nothing of %j',
    (text) => {
      expect(timestamptzWords(text, nowMs)).toBeNull()
    },
  )
})
