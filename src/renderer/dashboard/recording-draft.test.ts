/** Settings of what is recorded come back as they were, and what the host would refuse is told where it is typed. */

import { describe, expect, it } from 'vitest'
import type { StatisticsSettings } from '../../contract/statistics.ts'
import { draftOf, monitorChangesOf, problemsOf, statisticsOf } from './recording-draft.ts'

const settings = {
  ...{ isOn: true, intervalMs: 250, databaseIntervalMs: 10_000, retentionHours: 24, thresholds: [] },
  webhook: null,
}
const statistics: StatisticsSettings = {
  ...{ isOn: false, bucketMs: 60_000, retentionMs: 604_800_000, examples: 'memory', slowMs: null },
  redactsSlow: true,
}
const draft = draftOf(settings, statistics)

describe('the settings of what is recorded', () => {
  it('are the same when nothing was typed', () => {
    expect(problemsOf(draft)).toEqual({})
    expect(monitorChangesOf(draft)).toEqual({ isOn: true, intervalMs: 250, retentionHours: 24 })
    expect(statisticsOf(draft)).toEqual(statistics)
  })

  it('are told what is wrong at both sides of each bound', () => {
    const wrong = (fields: Partial<typeof draft>): readonly string[] =>
      Object.keys(problemsOf({ ...draft, ...fields }))
    expect(wrong({ intervalSeconds: '0.25', retentionHours: '744', bucketSeconds: '10' })).toEqual([])
    expect(wrong({ intervalSeconds: '0.2', retentionHours: '745', bucketSeconds: '9' })).toEqual([
      ...['intervalSeconds', 'retentionHours', 'bucketSeconds'],
    ])
    expect(wrong({ statisticsDays: '0', slowMs: 'often' })).toEqual(['statisticsDays', 'slowMs'])
    expect(wrong({ slowMs: '' })).toEqual([])
  })
})
