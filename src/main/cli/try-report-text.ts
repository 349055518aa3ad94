/** The report of a trial as text for people: what would happen first, then what would be different, then how it ran. */

import type {
  TryFailure,
  TryObject,
  TryReport,
  TrySample,
  TryStatement,
  TryTable,
} from '../../contract/try-report.ts'
import { sqlErrorText } from './sql-error-text.ts'
import { shortened, visibleText } from './terminal-text.ts'

/** Columns of the screen for the text of a statement, and for a sample row. */
const statementWidth = 70
const sampleWidth = 150

export function tryReportText(report: TryReport, { withPlans }: { readonly withPlans: boolean }): string {
  const sections = [
    headline(report),
    ...report.remarks.map(visibleText),
    ...outsideLines(report.statements),
    section('Schema', report.objects.flatMap(objectLines), report.objectsLeftOut),
    section('Rows', report.tables.flatMap(tableLines), report.tablesLeftOut),
    section(
      'Sequences',
      report.sequences.map(({ name, before, after }) => {
        return `  ${visibleText(name)}: ${before ?? 'not used'} → ${after ?? 'not used'}`
      }),
      0,
    ),
    section(
      'Statements',
      report.statements.flatMap((statement) => statementLines(statement, withPlans)),
      0,
    ),
    report.failure ? tryFailureText(report.failure) : '',
  ]
  return `${sections.filter((text) => text !== '').join('\n')}\n`
}

/** What went wrong, where in the script, and all that Postgres says of it. */
export function tryFailureText({ error, line, column, statement }: TryFailure): string {
  const place = `at line ${line}, column ${column}:`
  const text = error.sql ? sqlErrorText(error.sql, statement) : visibleText(error.message)
  return `\n${place}\n${text}`
}

function headline(report: TryReport): string {
  const { wouldSucceed, statementsRun, statementsTotal, mode, runMs } = report
  const count = `${statementsTotal} ${statementsTotal === 1 ? 'statement' : 'statements'}`
  const how = mode === 'transaction' ? ' as one transaction' : ''
  const took = `${runMs.toFixed(1)} ms`
  if (!wouldSucceed) {
    const kept =
      mode === 'transaction' ? 'nothing would be changed' : 'below is what would be committed before it'
    return `The script would fail at statement ${statementsRun} of ${statementsTotal}${how}; ${kept}.`
  }
  const open = report.leavesTransactionOpen
    ? ' It leaves a transaction open: what is in that one would not be committed, and is not told below.'
    : ''
  const isNothing = report.objects.length + report.tables.length + report.sequences.length === 0
  const nothing = isNothing && !report.leavesTransactionOpen ? ' Nothing would be different afterwards.' : ''
  return `The script would succeed: ${count}${how}, ${took}.${nothing}${open}`
}

function outsideLines(statements: readonly TryStatement[]): string[] {
  return statements.flatMap(({ index, outside }) =>
    outside === null ? [] : [`Statement ${index + 1} ${outside}.`],
  )
}

function section(title: string, lines: readonly string[], leftOut: number): string {
  if (lines.length === 0) return ''
  const more = leftOut > 0 ? [`  … and ${leftOut} more`] : []
  return ['', `${title}:`, ...lines, ...more].join('\n')
}

function objectLines({ kind, name, change, difference }: TryObject): string[] {
  const lines = difference.split('\n').map((line) => `    ${visibleText(line)}`)
  return [`  ${change} ${kind} ${visibleText(name)}`, ...lines]
}

function tableLines(table: TryTable): string[] {
  const {
    name,
    fate,
    inserted,
    updated,
    deleted,
    isExact,
    isRewritten,
    columns,
    samples,
    rowsBefore,
    rowsAfter,
  } = table
  const counts = [
    [inserted, 'inserted'],
    [updated, 'updated'],
    [deleted, 'deleted'],
  ] as const
  const parts = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`)
  const fates = { kept: [], created: ['created'], dropped: ['dropped'] }[fate]
  const doubt = isExact
    ? ''
    : ` (${isRewritten ? 'written anew' : 'much was changed'}: its rows could not be compared one by one)`
  const total = fate === 'dropped' ? '' : ` · ${rowsBefore} → ${rowsAfter} rows`
  const head = `  ${visibleText(name)}: ${[...fates, ...parts].join(', ') || 'no rows'}${doubt}${total}`
  return [head, ...samples.map((sample) => `    ${shortened(sampleText(sample, columns), sampleWidth)}`)]
}

function sampleText({ change, before, after }: TrySample, columns: readonly string[]): string {
  const cell = (value: string | null | undefined): string =>
    value === null || value === undefined ? 'NULL' : visibleText(value)
  if (before && after) {
    // The first column tells which row it is, most of the time.
    const cells = columns.flatMap((column, at) => {
      if (before[at] !== after[at]) return [`${column}=${cell(before[at])} → ${cell(after[at])}`]
      return at === 0 ? [`${column}=${cell(after[at])}`] : []
    })
    return `~ ${cells.join(', ')}`
  }
  const row = before ?? after ?? []
  const mark = { inserted: '+', updated: '~', deleted: '-' }[change]
  return `${mark} ${columns.map((column, at) => `${column}=${cell(row[at])}`).join(', ')}`
}

function statementLines(statement: TryStatement, withPlans: boolean): string[] {
  const { index, commandTag, durationMs, status, text, notices, noticesLeftOut, plan } = statement
  const result = status === 'ok' ? (commandTag ?? 'done') : status
  const shown = shortened(visibleText(text.replaceAll(/\s+/g, ' ')), statementWidth)
  const said = notices.map((notice) => `      ${notice.severity}: ${visibleText(notice.message)}`)
  const more = noticesLeftOut > 0 ? [`      … and ${noticesLeftOut} more messages`] : []
  const plans = withPlans && plan !== null ? plan.split('\n').map((line) => `      ${visibleText(line)}`) : []
  return [`  ${index + 1}. ${result} · ${durationMs.toFixed(1)} ms · ${shown}`, ...said, ...more, ...plans]
}
