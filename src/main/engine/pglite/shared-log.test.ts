/** The log of an engine as its host reads it. */

import { expect, it } from 'vitest'
import { SharedLog } from './shared-log.ts'

it('keeps the last lines for the other side, whole, however many there were', () => {
  const engine = new SharedLog()
  const host = new SharedLog(engine.buffer)
  expect(host.lines).toEqual([])
  engine.add('first, in ä language')
  engine.add('')
  expect(host.lines).toEqual(['first, in ä language'])
  const lines = Array.from({ length: 3_000 }, (_, index) => `line ${index}`)
  for (const line of lines) engine.add(line)
  const kept = host.lines
  expect(kept.length).toBeGreaterThan(1_000)
  expect(kept).toEqual(lines.slice(-kept.length))
})

it('keeps others beside a line of any length', () => {
  const log = new SharedLog()
  log.add('before')
  log.add('x'.repeat(1_000_000))
  expect(log.lines).toEqual(['before', 'x'.repeat(1_000)])
})
