/**
 * The same rows as a column batch, read by either reader of texts, and as texts: they must be the same values, for
 * every type that the client knows. Also what each value is, from a table that is the README's.
 */

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ColumnBatch, columnKinds } from '../contract/column-batch.ts'
import { formatCell } from '../contract/cell-text.ts'
import { createTwinTextReader } from '../../native-wasm/js/twin-text-reader.ts'
import { createTextReader } from '../../native-wasm/js/wasm-text-reader.ts'
import { encodeBatch, type EncodableColumn } from '../../test/support/encode-batch.ts'
import { parameterText } from '../../test/support/parameter-text.ts'
import { JsonText } from './json-text.ts'
import type { ReadingContext, ResultField } from './result-field.ts'
import { RowBatch } from './row-batch.ts'
import { ColumnChunk, TextChunk, type RowChunk } from './row-chunk.ts'
import { TypeParsers, typeOids } from './type-parsers.ts'

const moduleBytes = readFileSync(new URL('../../native-wasm/out/text-reader.wasm', import.meta.url))
const wasm = await createTextReader(Uint8Array.from(moduleBytes))
const readers = [wasm, createTwinTextReader()]
const parsers = new TypeParsers()

const rounds = { numRuns: Number(process.env['WARDIAN_FUZZ_ROUNDS'] ?? 200) }

const field = (type: number, name = 'value'): ResultField => ({ name, type, table: null, column: null })

/** A type with the values that its column has in a batch. */
const typedColumns = fc.oneof(
  columnsOf(typeOids.bool, columnKinds.bool, fc.boolean()),
  columnsOf(typeOids.int4, columnKinds.int32, fc.integer()),
  columnsOf(typeOids.oid, columnKinds.uint32, fc.nat()),
  columnsOf(typeOids.int8, columnKinds.int64, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  columnsOf(typeOids.float8, columnKinds.float64, fc.double()),
  columnsOf(
    typeOids.text,
    columnKinds.text,
    fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
  ),
  columnsOf(
    typeOids.numeric,
    columnKinds.text,
    fc.bigInt().map((digits) => `${digits}.10`),
  ),
  columnsOf(
    typeOids.bytea,
    columnKinds.text,
    fc.uint8Array().map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`),
  ),
  columnsOf(typeOids.jsonb, columnKinds.text, fc.json()),
  columnsOf(1009, columnKinds.text, fc.array(fc.option(fc.string())).map(parameterText)),
)

function columnsOf<T extends boolean | number | bigint | string>(
  type: number,
  kind: EncodableColumn['kind'],
  values: fc.Arbitrary<T>,
) {
  const column = fc.array(fc.option(values, { freq: 6 }), { minLength: 1, maxLength: 60 })
  return column.map((some) => ({ field: field(type), column: { kind, values: some } }))
}

function batchOf(column: EncodableColumn): ColumnBatch {
  return new ColumnBatch(encodeBatch([column], column.values.length))
}

function context(texts = wasm): ReadingContext {
  return { parsers, texts }
}

describe('rows of a column batch', () => {
  test('are those of the same texts, by whichever reader', () => {
    fc.assert(
      fc.property(typedColumns, ({ field: of, column }) => {
        const batch = batchOf(column)
        const texts = column.values.map((_, row) => [formatCell(batch.column(0), row)])
        const chunks: RowChunk[] = readers.map((reader) => new ColumnChunk(batch, 0, context(reader)))
        chunks.push(new TextChunk(texts, context()))
        const [first, ...others] = chunks.map((chunk) => new RowBatch([of], [chunk]))
        for (const other of others) {
          expect(other.rows).toStrictEqual(first?.rows)
          expect(other.arrays()).toStrictEqual(first?.arrays())
          expect(other.columns()[0]?.values).toStrictEqual(first?.columns()[0]?.values)
        }
        const nulls = column.values.map((value) => value === null)
        expect(nulls.map((_, row) => first?.columns()[0]?.isNull(row))).toStrictEqual(nulls)
        expect(first?.rows.map((row) => row['value'] === null)).toStrictEqual(nulls)
      }),
      rounds,
    )
  })

  test('are exact: no value goes through a number that cannot hold it', () => {
    const column = { kind: columnKinds.int64, values: [9007199254740993n, -(2n ** 63n)] }
    const rows = new RowBatch([field(typeOids.int8)], [new ColumnChunk(batchOf(column), 0, context())])
    expect(rows.arrays()).toStrictEqual([[9007199254740993n], [-(2n ** 63n)]])
    const values: [number, string, unknown][] = [
      [typeOids.numeric, '0.1000000000000000000000000000001', '0.1000000000000000000000000000001'],
      [typeOids.float8, '5e-324', 5e-324],
      [typeOids.float4, '1e-45', 1e-45],
      [typeOids.timestamptz, '2026-11-22 03:00:00.123456+00', '2026-11-22 03:00:00.123456+00'],
      [typeOids.bytea, '\\x00ff', Uint8Array.of(0, 255)],
      [typeOids.bytea, 'a\\\\b\\000', Uint8Array.of(97, 92, 98, 0)],
      [typeOids.jsonb, '{"a": 12345678901234567890}', new JsonText('{"a": 12345678901234567890}')],
      [1016, '{1,NULL,{9007199254740993}}', [1n, null, [9007199254740993n]]],
      [1009, '[0:1]={"a,\\"b",NULL}', ['a,"b', null]],
    ]
    for (const [type, text, value] of values) {
      expect(new RowBatch([field(type)], [new TextChunk([[text]], context())]).arrays()).toStrictEqual([
        [value],
      ])
    }
  })

  test('have one shape, and no column can become a prototype', () => {
    const names = ['a', '__proto__', 'constructor', 'a']
    const rows = new RowBatch(
      names.map((name) => field(typeOids.text, name)),
      [new TextChunk([['1', '2', '3', '4']], context())],
    ).rows
    expect(Object.entries(rows[0] ?? {})).toStrictEqual([
      ['a', '4'],
      ['__proto__', '2'],
      ['constructor', '3'],
    ])
    expect(Object.getPrototypeOf(rows[0])).toBe(Object.prototype)
  })

  test('go through a parser that the program has given, as text', () => {
    const given = new TypeParsers({ [typeOids.int8]: (text) => `<${text}>`, [typeOids.bool]: (text) => text })
    for (const [type, kind, value, expected] of [
      [typeOids.int8, columnKinds.int64, 5n, '<5>'],
      [typeOids.bool, columnKinds.bool, true, 't'],
    ] as const) {
      const batch = batchOf({ kind, values: [value, null] })
      const rows = new RowBatch([field(type)], [new ColumnChunk(batch, 0, { parsers: given, texts: wasm })])
      expect(rows.arrays()).toStrictEqual([[expected], [null]])
    }
  })

  test('that make no sense are refused', () => {
    const broken = ['{1', '{1,}', '1', '{"a}', '{a}b', '', '{{{{{{{1}}}}}}}']
    for (const text of broken) {
      const rows = new RowBatch([field(1009)], [new TextChunk([[text]], context())])
      expect(() => rows.rows).toThrow(expect.objectContaining({ code: 'broken_answer' }))
    }
    for (const text of ['\\x0', '\\xzz', '\\9', '\\777']) {
      const rows = new RowBatch([field(typeOids.bytea)], [new TextChunk([[text]], context())])
      expect(() => rows.rows).toThrow(expect.objectContaining({ code: 'broken_answer' }))
    }
  })
})
