/** The settings of what is recorded, as they are typed: texts, what is wrong with them, and the way back. Pure. */

import type { MonitorChanges, MonitorSettings } from '../../contract/monitor.ts'
import type { StatisticsSettings } from '../../contract/statistics.ts'

export interface RecordingDraft {
  readonly measures: boolean
  readonly intervalSeconds: string
  readonly retentionHours: string
  readonly counts: boolean
  readonly bucketSeconds: string
  readonly statisticsDays: string
  readonly examples: StatisticsSettings['examples']
  /** Empty: nothing is slow. */
  readonly slowMs: string
  readonly redactsSlow: boolean
}

export type RecordingProblems = Partial<Record<keyof RecordingDraft, string>>

const dayMs = 86_400_000

export function draftOf(settings: MonitorSettings, statistics: StatisticsSettings): RecordingDraft {
  return {
    measures: settings.isOn,
    intervalSeconds: String(settings.intervalMs / 1_000),
    retentionHours: String(settings.retentionHours),
    counts: statistics.isOn,
    bucketSeconds: String(statistics.bucketMs / 1_000),
    statisticsDays: String(statistics.retentionMs / dayMs),
    examples: statistics.examples,
    slowMs: statistics.slowMs === null ? '' : String(statistics.slowMs),
    redactsSlow: statistics.redactsSlow,
  }
}

/** Field -> what is wrong with it; the bounds are the contract's. */
export function problemsOf(draft: RecordingDraft): RecordingProblems {
  const problems: { -readonly [K in keyof RecordingDraft]?: string } = {}
  const check = (
    field: 'intervalSeconds' | 'retentionHours' | 'bucketSeconds',
    min: number,
    max: number,
  ): void => {
    const value = numberOf(draft[field])
    if (value === null || value < min || value > max) problems[field] = `From ${min} to ${max}`
  }
  check('intervalSeconds', 0.25, 60)
  check('retentionHours', 1, 744)
  check('bucketSeconds', 10, 3_600)
  const days = numberOf(draft.statisticsDays)
  if (days === null || days * 24 < 1) problems.statisticsDays = 'At least an hour'
  const slow = numberOf(draft.slowMs)
  if (draft.slowMs.trim() !== '' && (slow === null || slow < 0)) problems.slowMs = 'Milliseconds, or empty'
  return problems
}

export function monitorChangesOf(draft: RecordingDraft): MonitorChanges {
  return {
    isOn: draft.measures,
    intervalMs: Math.round((numberOf(draft.intervalSeconds) ?? 1) * 1_000),
    retentionHours: Math.round(numberOf(draft.retentionHours) ?? 24),
  }
}

export function statisticsOf(draft: RecordingDraft): StatisticsSettings {
  return {
    isOn: draft.counts,
    bucketMs: Math.round((numberOf(draft.bucketSeconds) ?? 60) * 1_000),
    retentionMs: Math.round((numberOf(draft.statisticsDays) ?? 1) * dayMs),
    examples: draft.examples,
    slowMs: numberOf(draft.slowMs),
    redactsSlow: draft.redactsSlow,
  }
}

function numberOf(text: string): number | null {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : null
}
