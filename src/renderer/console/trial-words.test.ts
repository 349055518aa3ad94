/** What the console says of trials, and where it points to. */

import { describe, expect, it } from 'vitest'
import type { TryReport } from '../../contract/try-report.ts'
import { exampleTryApplied, exampleTryReport } from '../../../test/support/try-examples.ts'
import { failureMark } from './trial-place.ts'
import {
  appliedWords,
  consequenceWords,
  reportText,
  tableSizeWords,
  trialFraction,
  trialProgressWords,
  verdictWords,
} from './trial-words.ts'

const good: TryReport = { ...exampleTryReport, wouldSucceed: true, failure: null }

describe('words of trials', () => {
  it('say what is being done, and how much of it', () => {
    expect(trialProgressWords(null, 300)).toBe('Starting · 0.3 s')
    const running = { kind: 'step', step: 'running', index: 2, count: 12 } as const
    expect(trialProgressWords(running, 1_250)).toBe('Running the script on the copy: 3 of 12 · 1.3 s')
    expect([trialFraction(running), trialFraction({ ...running, count: 1 }), trialFraction(null)]).toEqual([
      ...[2 / 12, null, null],
    ])
    const waiting = { kind: 'waiting', holder: 'console 2', holderInTransaction: true } as const
    expect(trialProgressWords(waiting, 0)).toBe('Waiting for console 2, whose transaction is open · 0.0 s')
  })

  it('say whether it would succeed, and what follows', () => {
    expect(verdictWords(good)).toBe('It would succeed: 3 statements')
    expect(consequenceWords(good)).toMatch(/^Your database is untouched/)
    expect(consequenceWords({ ...good, leavesTransactionOpen: true })).toMatch(
      /^It leaves a transaction open/,
    )
    expect(consequenceWords({ ...good, objects: [], tables: [], sequences: [] })).toMatch(/^Nothing would be/)
    expect(verdictWords(exampleTryReport)).toBe('It would fail at statement 2 of 3')
    expect(consequenceWords({ ...exampleTryReport, mode: 'transaction' })).toMatch(/nothing of it/)
    expect(consequenceWords(exampleTryReport)).toMatch(/would have been committed/)
  })

  it('say how applying it ended', () => {
    expect(appliedWords({ ...exampleTryApplied, failure: null })).toBe(
      'Applied as one transaction: 2 statements in 3.5 ms',
    )
    expect(appliedWords(exampleTryApplied)).toBe('Applying failed at statement 2, and nothing was changed')
    expect(appliedWords({ ...exampleTryApplied, wasOneTransaction: false })).toMatch(/before it is committed/)
  })

  it('say what became of a table, and all of it as text', () => {
    const [table] = good.tables
    expect(table && tableSizeWords(table)).toBe('10 → 10 rows')
    expect(table && tableSizeWords({ ...table, fate: 'dropped' })).toBe('dropped with 10 rows')
    expect(table && tableSizeWords({ ...table, fate: 'created', rowsAfter: 1 })).toBe('new, 1 row')
    const text = reportText(exampleTryReport)
    for (const part of [
      'Line 3: division by zero',
      '+  mail text',
      '1 inserted, 2 updated',
      '10 → 11',
      'UPDATE 2',
    ]) {
      expect(text).toContain(part)
    }
  })

  it('point to the token that failed, in the text around what was tried', () => {
    const text = `select 1;\nselect 😀é from nowhere`
    const failure = { ...exampleTryReport.failure, line: 2, column: 16 }
    const mark = failureMark({ text, start: 100 }, { ...failure } as NonNullable<TryReport['failure']>)
    expect(mark.start).toBe(100 + text.indexOf('nowhere'))
    expect(mark.length).toBe('nowhere'.length)
  })
})
