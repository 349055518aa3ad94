/** What an analysis of a metric's course says, in words. Pure. */

import type { Metric, Stability } from '../../contract/monitor.ts'
import { formatValue } from './chart-units.ts'

export function verdictWords({ title, unit }: Metric, stability: Stability): string {
  const { verdict, trendPerHour } = stability
  const slope = trendPerHour === null ? '' : ` by ${formatValue(Math.abs(trendPerHour), unit)} an hour`
  switch (verdict) {
    case 'steady':
      return `${title} is steady.`
    case 'rising':
      return `${title} is rising${slope}.`
    case 'falling':
      return `${title} is falling${slope}.`
    case 'unsteady':
      return `${title} goes nowhere, but varies by more than half of its average.`
    case 'unknown':
      return `Too little was measured of ${title} to tell.`
  }
}

export function stabilityFacts(
  { unit }: Metric,
  stability: Stability,
): readonly (readonly [label: string, value: string])[] {
  const { sampleCount, mean, least, greatest, standardDeviation, trendChance } = stability
  const write = (value: number | null): string => formatValue(value ?? Number.NaN, unit)
  return [
    ['Average', write(mean)],
    ['Lowest', write(least)],
    ['Highest', write(greatest)],
    ['Deviation', write(standardDeviation)],
    ['By chance', trendChance === null ? '–' : `${(trendChance * 100).toPrecision(2)} %`],
    ['Samples', sampleCount.toLocaleString('en')],
  ]
}
