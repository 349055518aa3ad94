/**
 * A report as one HTML file: it opens anywhere, asks for nothing, and runs nothing. Its policy allows one style sheet,
 * by its hash. Times are in UTC, since the file is read anywhere.
 */

import { createHash } from 'node:crypto'
import type { Finding, HealthInsight } from '../../contract/insight.ts'
import { bytesText, numberText } from './finding-words.ts'
import { element, type Child, type Markup } from './markup.ts'
import { chart } from './report-chart.ts'
import { allFindings } from './report-csv.ts'
import type { ReportData } from './report-data.ts'
import { reportStyle } from './report-style.ts'

/** Statements and tables that people read; the JSON and CSV reports have all. */
const rowsShownMax = 50

export function reportHtml(data: ReportData): string {
  const title = `${data.instance}: performance report`
  const hash = createHash('sha256').update(reportStyle).digest('base64')
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`
  const head = element('head', {}, [
    element('meta', { charset: 'utf-8' }),
    element('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('meta', { name: 'referrer', content: 'no-referrer' }),
    element('title', {}, title),
    // The one text that is not escaped: our own, and its hash is in the policy.
    { markup: `<style>${reportStyle}</style>` },
  ])
  const body = element('body', {}, [
    element('h1', {}, title),
    element('p', { class: 'about' }, aboutText(data)),
    ...data.notes.map((note) => element('p', { class: 'note' }, note)),
    ...sections(data),
  ])
  return `<!doctype html>\n${element('html', { lang: 'en' }, [head, body]).markup}\n`
}

function aboutText({ product, madeAtMs, fromMs, toMs }: ReportData): string {
  return `${moment(fromMs)} to ${moment(toMs)} UTC · made by ${product} at ${moment(madeAtMs)} UTC`
}

function sections(data: ReportData): Markup[] {
  const parts: readonly (readonly [title: string, content: readonly Child[]])[] = [
    ['Over time', overTime(data)],
    ['Statements by total time', statements(data)],
    ['What could be better', findings(allFindings(data))],
    ['Caches', data.health ? health(data.health) : []],
    ['Tables', tables(data)],
    ['Indexes', indexes(data)],
  ]
  return parts
    .filter(([, content]) => content.length > 0)
    .map(([title, content]) => element('section', {}, [element('h2', {}, title), ...content]))
}

const megabyte = 1 << 20

function overTime({ overTime: series, resources, fromMs, toMs }: ReportData): Markup[] {
  const range = { fromMs, toMs }
  const ofStatements = series && [
    chart(series, { title: 'Statements', unit: 'a second', names: ['calls', 'errors', 'hits'], ...range }),
    chart(series, { title: 'Latency', unit: 'ms', names: ['p50', 'p95', 'p99'], ...range }),
    chart(series, { title: 'Waiting for a turn', unit: 'ms', names: ['wait'], ...range }),
  ]
  const bytes = { unit: 'MB', perUnit: megabyte, ...range }
  const ofResources = resources && [
    chart(resources, { title: 'Memory', names: ['wasmMemory', 'engineHeap'], ...bytes }),
    chart(resources, { title: 'Processor', unit: 'cores', names: ['engineCpu'], ...range }),
    chart(resources, { title: 'On disk', names: ['disk', 'walDisk'], ...bytes }),
  ]
  return [...(ofStatements ?? []), ...(ofResources ?? [])]
}

function statements({ statements: found }: ReportData): Child[] {
  if (!found) return []
  const { totals, rows, count } = found
  const about =
    `${numberText(count)} statements, ${numberText(totals.calls)} calls, ${numberText(totals.errors)} errors, ` +
    `${numberText(totals.totalMs)} ms`
  const share = (ms: number): string => `${numberText((100 * ms) / (totals.totalMs || 1))} %`
  return [
    element('p', {}, about),
    table(
      ['Statement', 'Total ms', 'Share', 'Calls', 'Mean ms', 'p95 ms', 'Max ms', 'Rows', 'Errors'],
      rows
        .slice(0, rowsShownMax)
        .map((row) => [
          element('code', {}, row.text),
          ...[numberText(row.totalMs), share(row.totalMs), numberText(row.calls), milliseconds(row.meanMs)],
          ...[milliseconds(row.p95Ms), milliseconds(row.maxMs), numberText(row.rows), numberText(row.errors)],
        ]),
    ),
  ]
}

function findings(found: readonly Finding[]): Markup[] {
  if (found.length === 0) return [element('p', { class: 'none' }, 'Nothing was found.')]
  return found.map(({ title, why, certainty, repair }) =>
    element('article', {}, [
      element('h3', {}, [title, ' ', element('span', { class: `certainty ${certainty}` }, certainty)]),
      element('p', {}, why),
      ...(repair ? [element('pre', {}, repair.sql)] : []),
      ...(repair?.undo ? [element('p', {}, 'To undo it:'), element('pre', {}, repair.undo)] : []),
    ]),
  )
}

function health(found: HealthInsight): Markup[] {
  const { bufferHits, bufferReads, tableHits, tableReads, indexHits, indexReads } = found
  const rows: [string, string][] = [
    ['Database', bytesText(found.databaseBytes)],
    ['Buffers (shared_buffers)', bytesText(found.sharedBuffersBytes)],
    ['Blocks found in buffers', hitRate(bufferHits, bufferReads)],
    ['… of tables', hitRate(tableHits, tableReads)],
    ['… of indexes', hitRate(indexHits, indexReads)],
    ['Transactions committed', numberText(found.commits)],
    ['… rolled back', numberText(found.rollbacks)],
    ['Deadlocks', numberText(found.deadlocks)],
    ['Temporary files', `${numberText(found.temporaryFiles)}, ${bytesText(found.temporaryBytes)}`],
    ['Written to the log', found.walBytes === null ? '–' : bytesText(found.walBytes)],
  ]
  return [table(['What', 'Since it is counted'], rows)]
}

function tables({ tables: found }: ReportData): Markup[] {
  if (!found) return []
  const heads = [
    'Table',
    'Total',
    'Heap',
    'Indexes',
    'TOAST',
    'Rows',
    'Dead',
    'Not needed',
    'Read whole',
    'By index',
  ]
  const rows = found.tables
    .slice(0, rowsShownMax)
    .map((each) => [
      element('code', {}, each.qualifiedName),
      ...[each.totalBytes, each.heapBytes, each.indexBytes, each.toastBytes].map(bytesText),
      ...[each.rows, each.deadRows].map(knownNumber),
      each.bloatBytes === null ? '–' : bytesText(each.bloatBytes),
      ...[each.sequentialScans, each.indexScans].map(numberText),
    ])
  return [table(heads, rows), element('p', { class: 'about' }, `Not needed: ${found.bloatSource}`)]
}

function indexes({ indexes: found }: ReportData): Markup[] {
  if (!found) return []
  const rows = found.indexes
    .slice(0, rowsShownMax)
    .map((each) => [
      element('code', {}, each.definition),
      ...[bytesText(each.bytes), numberText(each.scans), numberText(each.rowsRead)],
      hitRate(each.hits, each.reads),
    ])
  return [table(['Index', 'Size', 'Scans', 'Entries read', 'In buffers'], rows)]
}

function table(heads: readonly string[], rows: readonly (readonly Child[])[]): Markup {
  const head = element(
    'tr',
    {},
    heads.map((each) => element('th', { scope: 'col' }, each)),
  )
  const body = rows.map((row) =>
    element(
      'tr',
      {},
      row.map((cell) => element('td', {}, cell)),
    ),
  )
  return element('table', {}, [element('thead', {}, head), element('tbody', {}, body)])
}

function knownNumber(value: number | null): string {
  return value === null ? '–' : numberText(value)
}

function milliseconds(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 })
}

function hitRate(hits: number, reads: number): string {
  return hits + reads === 0 ? '–' : `${((100 * hits) / (hits + reads)).toFixed(1)} %`
}

function moment(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}
