/**
 * How a metric has behaved over a range of time: its mean, how much it varies, and whether it grows or shrinks. The
 * trend is Theil and Sen's (the median of all slopes), which single spikes do not move; how sure it is, Mann and
 * Kendall's test (Hollander, Wolfe, Chicken: Nonparametric Statistical Methods, 3rd edition, sections 8.1 and 9.3).
 */

import type { Stability } from '../../contract/monitor.ts'

/** Points that are compared each with each: 20,000 pairs take a millisecond. */
export const stabilityPointsMax = 200
/** Fewer tell nothing. */
const pointsMin = 8
/** A trend is believed when such an order comes by chance in fewer than one of a thousand cases. */
const chanceMax = 0.001
/** Over the whole range, in parts of the mean: less is steady whatever the test says. */
const driftMin = 0.02
const unsteadyVariation = 0.5

const msPerHour = 3_600_000

export interface MeasuredPoint {
  readonly atMs: number
  readonly value: number
}

/** `points` in order of time, none of them NaN; at most `stabilityPointsMax` are looked at for the trend. */
export function stabilityOf(points: readonly MeasuredPoint[], sampleCount: number): Stability {
  const values = points.map(({ value }) => value)
  if (values.length < pointsMin) return { ...unknown, sampleCount }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const standardDeviation = Math.sqrt(squares / (values.length - 1))
  const thinned = thin(points)
  const trendPerHour = medianSlope(thinned) * msPerHour
  const trendChance = chanceOfOrder(thinned)
  const hours = ((points.at(-1)?.atMs ?? 0) - (points[0]?.atMs ?? 0)) / msPerHour
  const isTrend = trendChance < chanceMax && Math.abs(trendPerHour * hours) > driftMin * Math.abs(mean)
  const isUnsteady = standardDeviation > unsteadyVariation * Math.abs(mean)
  const trend = trendPerHour > 0 ? 'rising' : 'falling'
  return {
    ...{ sampleCount, mean, standardDeviation, trendPerHour, trendChance },
    ...{ least: Math.min(...values), greatest: Math.max(...values) },
    verdict: isTrend ? trend : isUnsteady ? 'unsteady' : 'steady',
  }
}

const unknown: Stability = {
  ...{ sampleCount: 0, mean: null, least: null, greatest: null, standardDeviation: null },
  ...{ trendPerHour: null, trendChance: null, verdict: 'unknown' },
}

function thin(points: readonly MeasuredPoint[]): readonly MeasuredPoint[] {
  if (points.length <= stabilityPointsMax) return points
  const step = points.length / stabilityPointsMax
  return Array.from({ length: stabilityPointsMax }, (_, index) => points[Math.floor(index * step)]).filter(
    (point) => point !== undefined,
  )
}

/** Of the value's unit, a millisecond. */
function medianSlope(points: readonly MeasuredPoint[]): number {
  const slopes: number[] = []
  points.forEach((late, at) => {
    for (const early of points.slice(0, at)) {
      if (late.atMs > early.atMs) slopes.push((late.value - early.value) / (late.atMs - early.atMs))
    }
  })
  if (slopes.length === 0) return 0
  const sorted = Float64Array.from(slopes).sort()
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2
}

/** Two-sided, by the normal approximation, corrected for ties. */
function chanceOfOrder(points: readonly MeasuredPoint[]): number {
  let score = 0
  points.forEach((late, at) => {
    for (const early of points.slice(0, at)) score += Math.sign(late.value - early.value)
  })
  const spread = (count: number): number => count * (count - 1) * (2 * count + 5)
  const ties = [...Map.groupBy(points, ({ value }) => value).values()]
  const tied = ties.reduce((sum, { length }) => sum + spread(length), 0)
  const variance = (spread(points.length) - tied) / 18
  if (variance <= 0 || score === 0) return 1
  return 2 * upperTail((Math.abs(score) - 1) / Math.sqrt(variance))
}

/** Of the normal distribution, to 7 digits (Abramowitz and Stegun, 26.2.17). */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z)
  const polynomial =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial
}
