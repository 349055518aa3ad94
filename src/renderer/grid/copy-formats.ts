/**
 * How cells are written as text for other programs: each format as the pieces around rows and cells. Values are
 * the exact texts that Postgres prints; what a format cannot tell apart is said at the format.
 */

import { columnKinds } from '../../contract/column-batch.ts'
import type { ColumnDescription } from '../../contract/statement.ts'

export const copyFormats = ['tsv', 'tsv-headers', 'csv', 'json', 'markdown', 'insert', 'in-list'] as const
export type CopyFormat = (typeof copyFormats)[number]

/** One row's cells as text; null is NULL. */
export type CellTexts = readonly (string | null)[]

/** Writes rows one after the other; `between` stands between two rows. */
export interface RowWriter {
  readonly head: string
  row(cells: CellTexts): string
  readonly between: string
  readonly tail: string
}

/** pg_type.dat of PostgreSQL 18: json, jsonb. */
const jsonOids = new Set([114, 3802])
/** float4, numeric: texts that are numbers, unless they are NaN or infinite. */
const numberTextOids = new Set([700, 1700])
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const sqlNumber = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const plainIdentifier = /^[a-z_][a-z0-9_$]*$/

/** The writer of a format for these columns. `isSingleCell`: the value stands alone and is never quoted. */
export function rowWriter(
  format: CopyFormat,
  columns: readonly ColumnDescription[],
  isSingleCell: boolean,
): RowWriter {
  switch (format) {
    case 'tsv':
      return { ...lines(''), row: (cells) => (isSingleCell ? (cells[0] ?? '') : tsvRow(cells)) }
    case 'tsv-headers':
      return { ...lines(`${tsvRow(columns.map((column) => column.name))}\n`), row: tsvRow }
    case 'csv':
      return { ...lines(`${csvRow(columns.map((column) => column.name))}\n`), row: csvRow }
    case 'json':
      return jsonWriter(columns)
    case 'markdown':
      return markdownWriter(columns)
    case 'insert':
      return insertWriter(columns)
    case 'in-list':
      return inListWriter(columns)
  }
}

function lines(head: string): Omit<RowWriter, 'row'> {
  return { head, between: '\n', tail: '' }
}

/** As spreadsheets write it: quoted only where a tab, a line end or a quote would break the cell. NULL is empty. */
function tsvRow(cells: CellTexts): string {
  return cells.map((cell) => (cell === null ? '' : /[\t\n\r]|^"/.test(cell) ? quoted(cell) : cell)).join('\t')
}

/** As COPY … CSV writes it: NULL is empty, the empty text is `""`. */
function csvRow(cells: CellTexts): string {
  return cells
    .map((cell) => (cell === null ? '' : cell === '' || /[",\n\r]|^\s|\s$/.test(cell) ? quoted(cell) : cell))
    .join(',')
}

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`
}

function isNumber(column: ColumnDescription): boolean {
  return column.kind === columnKinds.text
    ? numberTextOids.has(column.typeOid)
    : column.kind !== columnKinds.bool
}

/** An array of objects. Numbers keep all digits; NaN and infinities, which JSON has not, are strings. */
function jsonWriter(columns: readonly ColumnDescription[]): RowWriter {
  const keys = distinctNames(columns).map((name) => JSON.stringify(name))
  const value = (cell: string | null, column: ColumnDescription | undefined): string => {
    if (cell === null) return 'null'
    if (column && jsonOids.has(column.typeOid)) return cell
    if (column?.kind === columnKinds.bool) return cell
    return column && isNumber(column) && jsonNumber.test(cell) ? cell : JSON.stringify(cell)
  }
  return {
    head: '[\n',
    row: (cells) =>
      `  {${cells.map((cell, at) => `${keys[at] ?? ''}: ${value(cell, columns[at])}`).join(', ')}}`,
    between: ',\n',
    tail: '\n]\n',
  }
}

/** Names of one object's members: a column that has the name of an earlier one gets a number. */
function distinctNames(columns: readonly ColumnDescription[]): string[] {
  const taken = new Set<string>()
  return columns.map(({ name }) => {
    let distinct = name
    for (let number = 2; taken.has(distinct); number += 1) distinct = `${name}_${number}`
    taken.add(distinct)
    return distinct
  })
}

function markdownWriter(columns: readonly ColumnDescription[]): RowWriter {
  const cell = (text: string | null): string =>
    text === null
      ? '*NULL*'
      : text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll(/\r?\n/g, '<br>')
  const row = (cells: CellTexts): string => `| ${cells.map(cell).join(' | ')} |`
  const rule = columns.map((column) => (isNumber(column) ? '---:' : '---')).join(' | ')
  return {
    head: `${row(columns.map((column) => column.name))}\n| ${rule} |\n`,
    row,
    between: '\n',
    tail: '\n',
  }
}

/** Statements for a table whose name the user fills in. Literals are unknown-typed, so the target decides. */
function insertWriter(columns: readonly ColumnDescription[]): RowWriter {
  const names = columns.map((column) => identifier(column.name)).join(', ')
  return {
    head: `insert into table_name (${names}) values\n`,
    row: (cells) => `  (${cells.map((cell, at) => literal(cell, columns[at])).join(', ')})`,
    between: ',\n',
    tail: ';\n',
  }
}

/** For `where … in (…)`. NULL is left out, since IN never finds it. */
function inListWriter(columns: readonly ColumnDescription[]): RowWriter {
  return {
    head: '(',
    row: (cells) =>
      cells
        .map((cell, at) => (cell === null ? null : literal(cell, columns[at])))
        .filter((text) => text !== null)
        .join(', '),
    between: ', ',
    tail: ')',
  }
}

/** A value as SQL, with standard_conforming_strings on, as it is by default. */
function literal(cell: string | null, column: ColumnDescription | undefined): string {
  if (cell === null) return 'null'
  if (column?.kind === columnKinds.bool) return cell
  if (column && isNumber(column) && sqlNumber.test(cell)) return cell
  return `'${cell.replaceAll("'", "''")}'`
}

/** Quoted unless it is certain that it need not be; a keyword is quoted needlessly rather than missed. */
function identifier(name: string): string {
  return plainIdentifier.test(name) && !sqlKeywords.has(name) ? name : `"${name.replaceAll('"', '""')}"`
}

/** The reserved words of PostgreSQL 18 (appendix C), which cannot be column names without quotes. */
const sqlKeywords = new Set(
  (
    'all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate ' +
    'collation column concurrently constraint create cross current_catalog current_date current_role ' +
    'current_schema current_time current_timestamp current_user default deferrable desc distinct do else end ' +
    'except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into ' +
    'is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on ' +
    'only or order outer overlaps placing primary references returning right select session_user similar some ' +
    'symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when ' +
    'where window with'
  ).split(' '),
)
