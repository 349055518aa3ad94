/**
 * Exactness against a real Postgres: every built-in type, in several session settings, asked once with
 * fixed-width types in binary and once all as text. What formatCell makes of the first must be the second, to the
 * last character.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ColumnBatch } from '../../src/contract/column-batch.ts'
import { formatCell } from '../../src/contract/cell-text.ts'
import { createRowDecoder } from '../js/create-row-decoder.ts'
import type { RowDecoder } from '../js/row-decoder.ts'
import { Postgres, textCells } from './postgres-wire.ts'
import type { Answer } from './postgres-wire.ts'
import { compositeSamples, compositeSchema, typeSamples } from './type-samples.ts'

const allSamples = [...Object.values(typeSamples).flat(), ...compositeSamples]

/** Settings that change how Postgres prints. */
const settings = [
  `set timezone = 'UTC'`,
  `set timezone = 'Europe/Amsterdam'; set datestyle = 'German'; set intervalstyle = 'iso_8601'`,
  `set timezone = 'America/St_Johns'; set datestyle = 'SQL, DMY'; set intervalstyle = 'sql_standard';
   set bytea_output = 'escape'`,
  `set timezone = 'Asia/Kolkata'; set datestyle = 'Postgres, MDY'; set intervalstyle = 'postgres_verbose'`,
]

/** Initialising a database takes seconds on a busy machine. */
const openTimeoutMs = 120_000

let postgres: Postgres
beforeAll(async () => {
  postgres = await Postgres.open()
  await postgres.script(compositeSchema)
}, openTimeoutMs)
afterAll(async () => {
  await postgres[Symbol.asyncDispose]()
})

function decodedCells(decoder: RowDecoder, { kinds, bytes }: Answer): (string | null)[][] {
  decoder.clear()
  decoder.reset(kinds)
  decoder.push(bytes)
  while (decoder.next() !== null);
  const buffer = decoder.takeBatch()
  if (buffer === null) return []
  const batch = new ColumnBatch(buffer)
  const columns = Array.from({ length: batch.columnCount }, (_, column) => batch.column(column))
  return Array.from({ length: batch.rowCount }, (_, row) => columns.map((column) => formatCell(column, row)))
}

describe.each(['wasm', 'twin'] as const)('%s', (name) => {
  const decoder = createRowDecoder(name)

  test.each(settings)('every built-in type is printed as Postgres prints it: %s', async (setting) => {
    await postgres.script(setting)
    const sql = `select ${allSamples.join(', ')}`
    const printed = textCells(await postgres.ask(sql, 'text'))
    expect(printed[0]).toHaveLength(allSamples.length)
    expect(decodedCells(decoder, await postgres.ask(sql, 'mixed'))).toStrictEqual(printed)
    expect(decodedCells(decoder, await postgres.ask(sql, 'text'))).toStrictEqual(printed)
  })

  test('null of every built-in type is null', async () => {
    const types = Object.keys(typeSamples).map((type) => `null::"${type}"`)
    const cells = decodedCells(decoder, await postgres.ask(`select ${types.join(', ')}`, 'mixed'))
    expect(cells).toStrictEqual([types.map(() => null)])
  })

  test('a table of many rows with nulls is printed as Postgres prints it', async () => {
    const sql = `select i::int2, i, i::int8 * 1000000007 * i, i % 2 = 0, i::oid, sqrt(i), i / 7.0,
      nullif(repeat('é', i % 20), ''), case when i % 3 > 0 then i::float8 / 3 end,
      case when i % 5 > 0 then i end, '1900-01-01 00:00+00'::timestamptz + i * interval '1 day 1.000001 s'
      from generate_series(1, 5000) i`
    const printed = textCells(await postgres.ask(sql, 'text'))
    expect(printed).toHaveLength(5000)
    expect(decodedCells(decoder, await postgres.ask(sql, 'mixed'))).toStrictEqual(printed)
  })

  test('results without rows or without columns are read', async () => {
    expect(decodedCells(decoder, await postgres.ask('select 1 where false', 'mixed'))).toStrictEqual([])
    expect(decodedCells(decoder, await postgres.ask('select', 'mixed'))).toStrictEqual([[]])
  })
})

test('there is a sample for every built-in type', async () => {
  const sql = `select typname from pg_type where typnamespace = 'pg_catalog'::regnamespace
    and typtype in ('b', 'r', 'm', 'd', 'e') and typcategory <> 'A' and typrelid = 0`
  const names = textCells(await postgres.ask(sql, 'text')).flat()
  expect(names.filter((name) => name === null || !(name in typeSamples))).toStrictEqual([])
})

test('values that are easily lost are all there', async () => {
  await postgres.script(`set datestyle = 'ISO'`)
  const sql = `select 9223372036854775807, '-0'::float8, 'NaN'::float8, 1e23::float8, 9007199254740993.0,
    'infinity'::timestamptz, '4713-01-01 BC'::date, '4294967295'::oid, 5::sample_positive, null, ''`
  const cells = decodedCells(createRowDecoder('wasm'), await postgres.ask(sql, 'mixed'))
  expect(cells).toStrictEqual([
    [
      ...['9223372036854775807', '-0', 'NaN', '9.999999999999999e+22', '9007199254740993.0'],
      ...['infinity', '4713-01-01 BC', '4294967295', '5', null, ''],
    ],
  ])
})
