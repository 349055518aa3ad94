// Goal: what the console says of runs and results, word for word.
import { expect, test } from 'vitest'
import type { StatementOutcome } from '../../contract/statement.ts'
import { idleProgress } from '../state/console-model.ts'
import { outcomeWords, progressWords, resultWords } from './run-words.ts'

const running = { ...idleProgress, phase: 'running' as const, statementCount: 1 }
const outcome: StatementOutcome = {
  status: 'ok',
  commandTag: 'SELECT 2000',
  rowCount: 2_000,
  resultBytes: 512 << 20,
  durationMs: 12.3,
  error: null,
  transaction: 'idle',
}

test.each([
  [running, 'Running 1.2 s'],
  [{ ...running, rowCount: 12_000 }, 'Running 1.2 s · 12,000 rows'],
  [{ ...running, statementIndex: 1, statementCount: 5 }, 'Running 1.2 s · statement 2 of 5'],
  [{ ...running, phase: 'cancelling' as const }, 'Cancelling 1.2 s'],
  [
    { ...running, phase: 'waiting' as const, holder: 'console 2', isHolderInTransaction: true },
    'Waiting for console 2, whose transaction is open · 1.2 s',
  ],
  [{ ...running, phase: 'waiting' as const, holder: 'psql' }, 'Waiting for psql to finish · 1.2 s'],
])('progress is %#: %s', (progress, words) => {
  expect(progressWords(progress, 1_234)).toBe(words)
})

test('a result says how complete it is', () => {
  expect(resultWords(outcome, 2_000)).toBe('2,000 rows · 12 ms')
  const cached = { savedMs: 98.7, storedAtMs: 1 }
  expect(resultWords({ ...outcome, cached }, 2_000)).toBe('2,000 rows · 12 ms · cached, 99 ms saved')
  expect(resultWords({ ...outcome, status: 'cut' }, 1_000_000)).toMatch(
    /^Cut at 512 MB: only the first 1,000,000 rows/,
  )
  expect(resultWords({ ...outcome, status: 'cancelled' }, 5)).toBe(
    'Cancelled after 5 rows; there may be more.',
  )
  expect(resultWords({ ...outcome, status: 'cancelled' }, 0)).toBe('Cancelled before the first row.')
  const error = { code: 'sql-error' as const, message: 'division by zero', sql: null }
  expect(resultWords({ ...outcome, status: 'failed', error }, 1)).toBe('Failed after 1 row: division by zero')
})

test('a message says what a statement did', () => {
  expect(outcomeWords(outcome)).toBe('SELECT 2000 · 12 ms')
  expect(outcomeWords({ ...outcome, status: 'cancelled', commandTag: null })).toBe(
    'Cancelled after 2,000 rows · 12 ms',
  )
})
