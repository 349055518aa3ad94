/** Numbers over time as files: one table of both sources as CSV (RFC 4180), or all columns as JSON. Pure. */

import type { TimeWindow } from '../state/time-range.ts'
import type { TimeSeries } from '../state/time-series.ts'

export interface ExportedSeries {
  readonly statements: TimeSeries
  readonly resources: TimeSeries
}

export interface ExportHead {
  /** The database, or what is meant by all of them. */
  readonly scope: string
  readonly window: TimeWindow
}

/** A row for each moment of either source, in UTC; what was not measured then is empty. */
export function seriesCsv({ statements, resources }: ExportedSeries): string {
  const sources = [
    ['statements', statements],
    ['resources', resources],
  ] as const
  const head = sources.flatMap(([title, { columns }]) =>
    [...columns.keys()].map((name) => `${title}.${name}`),
  )
  const moments = [...new Set([...statements.timesMs, ...resources.timesMs])].sort((a, b) => a - b)
  const lines = [['time', ...head].map(quote).join(',')]
  const at = [0, 0]
  for (const atMs of moments) {
    const cells = sources.flatMap(([, { timesMs, columns }], index) => {
      const position = at[index] ?? 0
      const isHere = timesMs[position] === atMs
      if (isHere) at[index] = position + 1
      return [...columns.values()].map((values) => (isHere ? numberText(values[position]) : ''))
    })
    lines.push([new Date(atMs).toISOString(), ...cells].join(','))
  }
  return `${lines.join('\r\n')}\r\n`
}

/** Times in milliseconds since 1970; null where nothing was measured. */
export function seriesJson(series: ExportedSeries, { scope, window }: ExportHead): string {
  const columns = ({ timesMs, columns: all }: TimeSeries): Record<string, readonly (number | null)[]> => ({
    timeMs: [...timesMs],
    ...Object.fromEntries(
      [...all].map(([name, values]) => [
        name,
        Array.from(values, (value) => (Number.isFinite(value) ? value : null)),
      ]),
    ),
  })
  const told = { scope, from: new Date(window.fromMs).toISOString(), to: new Date(window.toMs).toISOString() }
  const { statements, resources } = series
  return `${JSON.stringify({ ...told, statements: columns(statements), resources: columns(resources) }, null, 1)}\n`
}

function numberText(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? '' : String(value)
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
