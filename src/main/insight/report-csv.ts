/** One kind of row of a report as CSV (RFC 4180): numbers as digits, times in ISO 8601, nothing for the unknown. */

import type { Finding, ReportPart } from '../../contract/insight.ts'
import type { ReportData } from './report-data.ts'

type Cell = string | number | boolean | null

export function reportCsv(data: ReportData, part: ReportPart): string {
  const [head, rows] = tables[part](data)
  return [head, ...rows].map((row) => `${row.map(cellText).join(',')}\r\n`).join('')
}

type Table = readonly [head: readonly string[], rows: readonly (readonly Cell[])[]]

const tables: Readonly<Record<ReportPart, (data: ReportData) => Table>> = {
  statements: ({ statements }) =>
    objects(statements?.rows ?? [], [
      ...[
        'fingerprint',
        'text',
        'calls',
        'errors',
        'rows',
        'bytes',
        'cacheHits',
        'totalMs',
        'meanMs',
        'maxMs',
      ],
      ...['p50Ms', 'p90Ms', 'p95Ms', 'p99Ms', 'p999Ms', 'waitMs', 'growth', 'firstSeenMs', 'lastSeenMs'],
    ]),
  tables: ({ tables: found }) =>
    objects(found?.tables ?? [], [
      ...['qualifiedName', 'kind', 'totalBytes', 'heapBytes', 'indexBytes', 'toastBytes', 'rows', 'deadRows'],
      ...[
        'bloatBytes',
        'sequentialScans',
        'sequentialRows',
        'indexScans',
        'inserted',
        'updated',
        'hotUpdated',
      ],
      ...['deleted', 'heapHits', 'heapReads', 'indexHits', 'indexReads', 'lastVacuumMs', 'lastAnalyzeMs'],
    ]),
  indexes: ({ indexes }) =>
    objects(indexes?.indexes ?? [], [
      ...[
        'qualifiedName',
        'table',
        'definition',
        'bytes',
        'bloatBytes',
        'scans',
        'rowsRead',
        'hits',
        'reads',
      ],
      ...['lastScanMs', 'isUnique', 'isPrimary', 'isValid'],
    ]),
  findings: (data) => [
    ['kind', 'certainty', 'table', 'object', 'title', 'why', 'bytes', 'repair', 'undo'],
    allFindings(data).map(({ kind, certainty, table, object, title, why, bytes, repair }) => [
      ...[kind, certainty, table, object, title, why, bytes],
      ...[repair?.sql ?? null, repair?.undo ?? null],
    ]),
  ],
  series: ({ overTime }) => [
    ['time', ...(overTime?.names ?? [])],
    (overTime?.times ?? []).map((time, index) => [
      new Date(time).toISOString(),
      ...(overTime?.columns.map((column) => column[index] ?? null) ?? []),
    ]),
  ],
}

export function allFindings({ indexes, tables: found }: ReportData): readonly Finding[] {
  return [...(indexes?.findings ?? []), ...(found?.findings ?? [])]
}

/** Moments end in `Ms` and are as long ago as a moment is. */
const moments = new Set(['firstSeenMs', 'lastSeenMs', 'lastVacuumMs', 'lastAnalyzeMs', 'lastScanMs'])

function objects(rows: readonly object[], names: readonly string[]): Table {
  const head = names.map((name) => (moments.has(name) ? name.slice(0, -2) : name))
  const cells = rows.map((row) =>
    names.map((name) => {
      const value = Reflect.get(row, name) as Cell
      return moments.has(name) && typeof value === 'number' ? new Date(value).toISOString() : value
    }),
  )
  return [head, cells]
}

/** NULL is an empty field, an empty text `""`. */
function cellText(cell: Cell): string {
  if (cell === null) return ''
  const text = String(cell)
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
