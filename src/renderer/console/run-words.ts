/** What the console says of a run and its results. Pure. */

import type { StatementOutcome } from '../../contract/statement.ts'
import type { RunProgress } from '../state/console-model.ts'
import { formatBytes, formatDuration, formatRows } from '../widgets/number-format.ts'

/** `Running 1.2 s`, `Waiting for console 2, whose transaction is open · 3.0 s`. */
export function progressWords(progress: RunProgress, elapsedMs: number): string {
  const { phase, statementIndex, statementCount, rowCount } = progress
  const seconds = `${(elapsedMs / 1_000).toFixed(1)} s`
  const parts = [
    phase === 'waiting' ? `${phaseWords(progress)} · ${seconds}` : `${phaseWords(progress)} ${seconds}`,
    statementCount > 1 ? `statement ${statementIndex + 1} of ${statementCount}` : null,
    rowCount > 0 && phase !== 'waiting' ? formatRows(rowCount) : null,
  ]
  return parts.filter((part) => part !== null).join(' · ')
}

function phaseWords({ phase, holder, isHolderInTransaction }: RunProgress): string {
  switch (phase) {
    case 'idle':
      return ''
    case 'opening':
      return 'Starting'
    case 'running':
      return 'Running'
    case 'cancelling':
      return 'Cancelling'
    case 'waiting':
      return isHolderInTransaction
        ? `Waiting for ${holder ?? 'another session'}, whose transaction is open`
        : `Waiting for ${holder ?? 'another session'} to finish`
  }
}

/** A line about a result that is complete, or why it is not. */
export function resultWords(outcome: StatementOutcome, rowsHere: number): string {
  const rows = formatRows(rowsHere)
  switch (outcome.status) {
    case 'ok':
      return `${rows} · ${formatDuration(outcome.durationMs)}${cachedWords(outcome)}`
    case 'cut':
      return (
        `Cut at ${formatBytes(outcome.resultBytes)}: only the first ${rows} are here. ` +
        'Add a LIMIT or choose fewer columns to see the rest.'
      )
    case 'cancelled':
      return rowsHere === 0
        ? 'Cancelled before the first row.'
        : `Cancelled after ${rows}; there may be more.`
    case 'failed':
      return `Failed after ${rows}: ${outcome.error?.message ?? 'see Messages'}`
  }
}

/** ` · cached, 12 ms saved`, where it was not run. */
function cachedWords({ cached }: StatementOutcome): string {
  return cached ? ` · cached, ${formatDuration(cached.savedMs)} saved` : ''
}

/** `SELECT 5 · 12 ms`, and what was cut or cancelled. */
export function outcomeWords(outcome: StatementOutcome): string {
  const { status, commandTag, rowCount, resultBytes, durationMs } = outcome
  const done = {
    ok: commandTag ?? 'Done',
    cut: `Cut at ${formatBytes(resultBytes)} after ${formatRows(rowCount)}`,
    cancelled: `Cancelled after ${formatRows(rowCount)}`,
    failed: 'Failed',
  }[status]
  return `${done} · ${formatDuration(durationMs)}`
}
