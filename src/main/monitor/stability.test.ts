/** Goal: trends are told from noise. Method: courses whose trend is known. */

import { describe, expect, it } from 'vitest'
import { stabilityOf, type MeasuredPoint } from './stability.ts'

const hourMs = 3_600_000

/** A point each minute; noise that repeats, so that a run is like the other. */
const points = (count: number, value: (hours: number, noise: number) => number): MeasuredPoint[] =>
  Array.from({ length: count }, (_, index) => {
    const noise = Math.sin(index * 12.9898) * 43_758.5453
    return { atMs: index * 60_000, value: value((index * 60_000) / hourMs, noise - Math.floor(noise) - 0.5) }
  })

describe('the stability of a metric', () => {
  it('tells the growth an hour through noise and single spikes', () => {
    const growing = points(300, (hours, noise) => 100 + 20 * hours + 5 * noise)
    growing[150] = { atMs: 150 * 60_000, value: 1_000_000 }
    const told = stabilityOf(growing, 300)
    expect(told.verdict).toBe('rising')
    expect(told.trendPerHour).toBeCloseTo(20, 0)
  })

  it('tells a metric that shrinks, one that stays, and one that only varies', () => {
    expect(
      stabilityOf(
        points(300, (hours) => 100 - 5 * hours),
        300,
      ).verdict,
    ).toBe('falling')
    expect(
      stabilityOf(
        points(300, (_, noise) => 100 + noise),
        300,
      ).verdict,
    ).toBe('steady')
    expect(
      stabilityOf(
        points(300, (_, noise) => 10 + 100 * noise),
        300,
      ).verdict,
    ).toBe('unsteady')
    expect(
      stabilityOf(
        points(300, () => 0),
        300,
      ).verdict,
    ).toBe('steady')
  })

  it('does not call growth what is too little to matter', () => {
    expect(
      stabilityOf(
        points(300, (hours) => 1_000_000 + hours),
        300,
      ).verdict,
    ).toBe('steady')
  })

  it('tells nothing of a few points', () => {
    expect(
      stabilityOf(
        points(7, (hours) => hours),
        7,
      ),
    ).toMatchObject({ verdict: 'unknown', mean: null })
  })

  it('has the usual deviation of a sample', () => {
    const told = stabilityOf(
      [2, 4, 4, 4, 5, 5, 7, 9].map((value, index) => ({ atMs: index, value })),
      8,
    )
    expect(told.mean).toBe(5)
    expect(told.standardDeviation).toBeCloseTo(Math.sqrt(32 / 7), 10)
  })
})
