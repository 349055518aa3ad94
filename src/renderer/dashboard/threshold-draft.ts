/** A threshold as it is being typed, in the units that people use. Pure. */

import type { Metric, Threshold } from '../../contract/monitor.ts'
import type { ChartUnit } from './chart-units.ts'

export interface ThresholdDraft {
  readonly metric: string
  readonly comparison: Threshold['comparison']
  /** In the unit that `unitWords` names. */
  readonly limit: string
  readonly forSeconds: string
}

const mebibyte = 1_048_576

/** What a limit is typed in, and how many of the metric's own units that is. */
const typedUnits: Readonly<Record<ChartUnit, readonly [words: string, factor: number]>> = {
  bytes: ['MB', mebibyte],
  'bytes/s': ['MB a second', mebibyte],
  ms: ['ms', 1],
  cores: ['cores', 1],
  ratio: ['%', 0.01],
  count: ['', 1],
  '1/s': ['a second', 1],
}

export function unitWords(metric: Metric | undefined): string {
  return metric ? typedUnits[metric.unit][0] : ''
}

/** null where it is none. */
export function thresholdOf(
  draft: ThresholdDraft,
  metric: Metric | undefined,
): Pick<Threshold, 'metric' | 'comparison' | 'limit' | 'forMs'> | null {
  const limit = draft.limit.trim() === '' ? Number.NaN : Number(draft.limit)
  const seconds = Number(draft.forSeconds)
  if (!metric || !Number.isFinite(limit) || !(seconds >= 0 && seconds <= 86_400)) return null
  return {
    ...{ metric: metric.name, comparison: draft.comparison },
    ...{ limit: limit * typedUnits[metric.unit][1], forMs: Math.round(seconds * 1_000) },
  }
}
