/**
 * Makes the values of one series from what is read: gauges as they are, counters as growth a second. Each group of
 * readings has a time of its own, because some are read less often than others. Knows no source.
 */

import { metricByName, type MetricName, type Readings } from './metric-catalog.ts'

/** Readings of one moment. The names of a group are in no other group of its series. */
export interface ReadingGroup {
  readonly name: string
  /** Of a monotonic clock. The same as before: nothing was read since. */
  readonly readMs: number
  readonly readings: Readings
}

interface Known {
  readonly group: ReadingGroup
  readonly values: ReadonlyMap<number, number>
}

/** Hits among all, since the look before. */
const ratios = [
  { name: 'bufferHitRatio', hits: 'bufferHits', misses: 'bufferReads' },
  { name: 'cacheHitRatio', hits: 'cacheHits', misses: 'cacheMisses' },
] as const satisfies readonly { name: MetricName; hits: MetricName; misses: MetricName }[]

export class RateKeeper {
  readonly #known = new Map<string, Known>()

  /** Values by the numbers of their metrics. A counter that has gone down, or is seen first, has none. */
  values(groups: readonly ReadingGroup[]): Map<number, number> {
    const all = new Map<number, number>()
    for (const group of groups) {
      const known = this.#known.get(group.name)
      const isOld = known?.group.readMs === group.readMs
      const values = isOld ? known.values : valuesOf(group, known?.group ?? null)
      if (!isOld) this.#known.set(group.name, { group, values })
      for (const [number, value] of values) all.set(number, value)
    }
    return all
  }
}

function valuesOf(group: ReadingGroup, before: ReadingGroup | null): Map<number, number> {
  const values = new Map<number, number>()
  const seconds = before ? (group.readMs - before.readMs) / 1_000 : 0
  for (const [name, value] of Object.entries(group.readings)) {
    const metric = metricByName.get(name)
    if (!metric || value === undefined) continue
    if (metric.kind === 'gauge') values.set(metric.number, value)
    else {
      const growth = value - (before?.readings[metric.name] ?? Number.NaN)
      if (growth >= 0 && seconds > 0) values.set(metric.number, growth / seconds)
    }
  }
  for (const { name, hits, misses } of ratios) {
    const growthOf = (counter: MetricName): number =>
      (group.readings[counter] ?? Number.NaN) - (before?.readings[counter] ?? Number.NaN)
    const [hitCount, missCount] = [growthOf(hits), growthOf(misses)]
    const number = metricByName.get(name)?.number
    const wasWanted = hitCount >= 0 && missCount >= 0 && hitCount + missCount > 0
    if (wasWanted && number !== undefined) values.set(number, hitCount / (hitCount + missCount))
  }
  return values
}
