/** What the console says of a trial. Pure. */

import type { TryApplied, TryProgress, TryReport, TryTable } from '../../contract/try-report.ts'
import { formatDuration, formatRows } from '../widgets/number-format.ts'

const stepWords = {
  copying: 'Copying the database',
  describing: 'Reading the schema',
  running: 'Running the script on the copy',
  comparing: 'Comparing the copy with the original',
  protecting: 'Taking a snapshot',
  applying: 'Applying the script',
} as const

/** `Running the script on the copy: 3 of 12 · 1.2 s`. */
export function trialProgressWords(progress: TryProgress | null, elapsedMs: number): string {
  const seconds = `${(elapsedMs / 1_000).toFixed(1)} s`
  if (!progress) return `Starting · ${seconds}`
  if (progress.kind === 'waiting') {
    const whose = progress.holderInTransaction ? ', whose transaction is open' : ''
    return `Waiting for ${progress.holder}${whose} · ${seconds}`
  }
  const { step, index, count } = progress
  const isCounted = count > 1 && step !== 'describing'
  return `${stepWords[step]}${isCounted ? `: ${index + 1} of ${count}` : ''} · ${seconds}`
}

/** From 0 to 1, where it is counted. */
export function trialFraction(progress: TryProgress | null): number | null {
  if (progress?.kind !== 'step' || progress.count < 2 || progress.step === 'describing') return null
  return progress.index / progress.count
}

/** The answer in one sentence. */
export function verdictWords(report: TryReport): string {
  const { wouldSucceed, statementsTotal, statementsRun, mode } = report
  const statements = `${statementsTotal.toLocaleString('en')} ${statementsTotal === 1 ? 'statement' : 'statements'}`
  if (!wouldSucceed) return `It would fail at statement ${statementsRun} of ${statementsTotal}`
  return `It would succeed: ${statements}${mode === 'transaction' ? ' as one transaction' : ''}`
}

/** What follows from that for the database. */
export function consequenceWords(report: TryReport): string {
  if (!report.wouldSucceed) {
    return report.mode === 'transaction'
      ? 'As one transaction nothing of it would be kept.'
      : 'What you see here would have been committed before it failed.'
  }
  if (report.leavesTransactionOpen) {
    return 'It leaves a transaction open: what is in that one would not be committed, and is not shown.'
  }
  if (report.objects.length + report.tables.length + report.sequences.length === 0) {
    return 'Nothing would be different afterwards.'
  }
  return 'Your database is untouched: all of this happened on a copy, which is gone.'
}

export function timeWords({ copyMs, runMs, compareMs }: TryReport): string {
  const [copy, run, compare] = [copyMs, runMs, compareMs].map(formatDuration)
  return `Ran in ${run} · copied in ${copy} · compared in ${compare}`
}

/** `12,000 → 12,003 rows`, or what became of the table. */
export function tableSizeWords({ fate, rowsBefore, rowsAfter }: TryTable): string {
  if (fate === 'created') return `new, ${formatRows(rowsAfter)}`
  if (fate === 'dropped') return `dropped with ${formatRows(rowsBefore)}`
  return `${rowsBefore.toLocaleString('en')} → ${formatRows(rowsAfter)}`
}

export function appliedWords({ wasOneTransaction, statementsRun, durationMs, failure }: TryApplied): string {
  const how = wasOneTransaction ? ' as one transaction' : ''
  if (!failure) return `Applied${how}: ${statementsRun} statements in ${formatDuration(durationMs)}`
  const kept = wasOneTransaction ? 'nothing was changed' : 'what ran before it is committed'
  return `Applying failed at statement ${failure.statementIndex + 1}, and ${kept}`
}

/** The whole report as text, to be pasted somewhere. */
export function reportText(report: TryReport): string {
  const objects = report.objects.map(
    ({ kind, name, change, difference }) => `${change} ${kind} ${name}\n${difference}`,
  )
  const tables = report.tables.map(
    ({ name, inserted, updated, deleted }) =>
      `${name}: ${inserted} inserted, ${updated} updated, ${deleted} deleted`,
  )
  const sequences = report.sequences.map(
    ({ name, before, after }) => `${name}: ${before ?? '-'} → ${after ?? '-'}`,
  )
  const statements = report.statements.map(
    ({ index, commandTag, status, durationMs, text }) =>
      `${index + 1}. ${commandTag ?? status} ${formatDuration(durationMs)}: ${text}`,
  )
  const parts = [
    [`${verdictWords(report)}. ${consequenceWords(report)}`, ...report.remarks],
    report.failure ? [`Line ${report.failure.line}: ${report.failure.error.message}`] : [],
    objects,
    tables,
    sequences,
    statements,
  ]
  return parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n')
}
