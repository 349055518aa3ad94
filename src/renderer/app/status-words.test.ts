/** What the status bar says. */

import { describe, expect, it } from 'vitest'
import { emptyOutcome } from '../../../test/support/int4-batch.ts'
import { describeSummary } from './status-words.ts'

describe('the status bar', () => {
  it('says how the last run ended', () => {
    const summary = { durationMs: 20, statementsRun: 1, statementsTotal: 1, failure: null }
    const outcome = { ...emptyOutcome, durationMs: 12.34 }
    const say = (fields: Partial<typeof outcome>): string =>
      describeSummary({ ...summary, outcome: { ...outcome, ...fields } })
    expect(say({ commandTag: 'SELECT 2000', rowCount: 2000 })).toBe('12 ms · 2,000 rows')
    const cached = { savedMs: 100, storedAtMs: 1 }
    expect(say({ commandTag: 'SELECT 5', rowCount: 5, cached })).toBe('12 ms · 5 rows · cached')
    expect(say({ commandTag: 'CREATE TABLE' })).toBe('12 ms · CREATE TABLE')
    expect(say({ status: 'cut', commandTag: null, rowCount: 7, resultBytes: 512 << 20 })).toBe(
      '12 ms · cut at 512 MB, 7 rows',
    )
    expect(say({ status: 'failed', commandTag: null })).toBe('12 ms · failed')
    const broken = { code: 'disconnected', message: 'gone', sql: null } as const
    expect(describeSummary({ ...summary, outcome: null, failure: broken })).toBe('20 ms · broken off')
    const script = { ...summary, statementsRun: 2, statementsTotal: 5, outcome }
    expect(describeSummary(script)).toBe('20 ms · 2 of 5 statements · 0 rows')
  })

  it('says which statement of a script ended it, not that it was run like those before', () => {
    const script = { durationMs: 20, statementsRun: 3, statementsTotal: 3, failure: null }
    const failed = { ...emptyOutcome, status: 'failed', commandTag: null } as const
    expect(describeSummary({ ...script, outcome: failed })).toBe('20 ms · statement 3 of 3 failed')
    const cancelled = { ...failed, status: 'cancelled' } as const
    expect(describeSummary({ ...script, statementsRun: 2, outcome: cancelled })).toBe(
      '20 ms · statement 2 of 3 cancelled',
    )
  })
})
