/** The kinds one by one; native-wasm/test/postgres-values.test.ts compares with a real Postgres. */

import { expect, test } from 'vitest'
import { displayCell, formatCell } from './cell-text.ts'
import { columnKinds } from './column-batch.ts'
import type { ColumnKind, ColumnView } from './column-batch.ts'

function column(kind: ColumnKind, values: ColumnView['values'], heap = new Uint8Array(0)): ColumnView {
  return { kind, nullCount: 0, validity: null, values, heap }
}

test('each kind is printed in full', () => {
  const utf8 = new TextEncoder().encode('\ufeffgröße')
  const cells: (string | null)[] = [
    formatCell(column(columnKinds.bool, Uint8Array.of(1)), 0),
    formatCell(column(columnKinds.int32, Int32Array.of(-2147483648)), 0),
    formatCell(column(columnKinds.uint32, Uint32Array.of(4294967295)), 0),
    formatCell(column(columnKinds.int64, BigInt64Array.of(-9223372036854775808n)), 0),
    formatCell(column(columnKinds.float64, Float64Array.of(-0)), 0),
    formatCell(column(columnKinds.text, Uint32Array.of(0, 0, utf8.length), utf8), 0),
    formatCell(column(columnKinds.text, Uint32Array.of(0, 0, utf8.length), utf8), 1),
  ]
  expect(cells).toStrictEqual([
    ...['t', '-2147483648', '4294967295', '-9223372036854775808', '-0', '', '\ufeffgröße'],
  ])
})

test('null is null, and neither empty nor a word', () => {
  const nulls: ColumnView = {
    ...column(columnKinds.bool, Uint8Array.of(0, 1)),
    nullCount: 1,
    validity: Uint8Array.of(2),
  }
  expect([0, 1].map((row) => formatCell(nulls, row))).toStrictEqual([null, 't'])
  expect([0, 1].map((row) => displayCell(nulls, row))).toStrictEqual([null, 'true'])
})

test('bool is shown in words', () => {
  const bools = column(columnKinds.bool, Uint8Array.of(0, 1))
  expect([0, 1].map((row) => formatCell(bools, row))).toStrictEqual(['f', 't'])
  expect([0, 1].map((row) => displayCell(bools, row))).toStrictEqual(['false', 'true'])
  expect(displayCell(column(columnKinds.int32, Int32Array.of(1)), 0)).toBe('1')
})
