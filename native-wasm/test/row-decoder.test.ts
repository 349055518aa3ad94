/** The seam's behaviour, the same suite for both implementations. Larger and random inputs are in other files. */

import { describe, expect, test } from 'vitest'
import { columnKinds, ColumnBatch, isNull, textBytes } from '../../src/contract/column-batch.ts'
import { createRowDecoder } from '../js/create-row-decoder.ts'
import type { RowDecoder } from '../js/row-decoder.ts'
import * as wire from './backend-bytes.ts'

const { bool, int32, uint32, int64, float64, text } = columnKinds

function open(name: RowDecoder['name']): RowDecoder {
  const decoder = createRowDecoder(name)
  expect(decoder.name).toBe(name)
  return decoder
}

function takeBatch(decoder: RowDecoder): ColumnBatch {
  const buffer = decoder.takeBatch()
  if (buffer === null) throw new Error('No rows are pending')
  return new ColumnBatch(buffer)
}

for (const name of ['wasm', 'twin'] as const) {
  describe(name, () => {
    test('one row of every kind is read back', () => {
      const decoder = open(name)
      decoder.reset(Uint8Array.of(bool, int32, int32, uint32, int64, float64, text))
      decoder.push(
        wire.dataRow([
          Uint8Array.of(1),
          wire.int16(-2),
          wire.int32(-2147483648),
          wire.uint32(4294967295),
          wire.int64(-9223372036854775808n),
          wire.float64(-0),
          wire.text('größe'),
        ]),
      )
      expect(decoder.next()).toBeNull()
      const batch = takeBatch(decoder)
      expect(batch.rowCount).toBe(1)
      const values = [0, 1, 2, 3, 4, 5].map((column) => batch.column(column).values[0])
      expect(values).toStrictEqual([1, -2, -2147483648, 4294967295, -9223372036854775808n, -0])
      expect(Buffer.from(textBytes(batch.column(6), 0)).toString()).toBe('größe')
      expect(decoder.takeBatch()).toBeNull()
    })

    test('nulls are marked, and their slots are zero', () => {
      const decoder = open(name)
      decoder.reset(Uint8Array.of(int32, text))
      for (let row = 0; row < 11; row++) {
        decoder.push(wire.dataRow(row % 2 === 0 ? [null, wire.text('x')] : [wire.int32(row), null]))
        expect(decoder.next()).toBeNull()
      }
      const batch = takeBatch(decoder)
      const numbers = batch.column(0)
      const texts = batch.column(1)
      expect([numbers.nullCount, texts.nullCount]).toStrictEqual([6, 5])
      expect([...numbers.values]).toStrictEqual([0, 1, 0, 3, 0, 5, 0, 7, 0, 9, 0])
      expect([0, 1, 10].map((row) => [isNull(numbers, row), isNull(texts, row)])).toStrictEqual([
        [true, false],
        [false, true],
        [true, false],
      ])
    })
  })
}
