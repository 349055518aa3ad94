/**
 * Rows that are collected and encoded aside: the same batches and the same refusals as those of the decoder, and turns
 * of the event loop in between. Rounds come from WARDIAN_FUZZ_ROUNDS.
 */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columnKinds, ColumnBatch, isNull, textBytes } from '../../src/contract/column-batch.ts'
import { createRowDecoder } from '../js/create-row-decoder.ts'
import type { LargeRow, RowDecoder } from '../js/row-decoder.ts'
import * as wire from './backend-bytes.ts'
import { anyResult, toBackendBytes } from './result-model.ts'

const rounds = { numRuns: Number(process.env['WARDIAN_FUZZ_ROUNDS'] ?? 100) }
const noTurn = (): Promise<void> => Promise.resolve()

/** Has the decoder find the row in the first piece, and gives it the other one. */
function collect(decoder: RowDecoder, bytes: Uint8Array, cutAt: number): LargeRow {
  decoder.push(bytes.subarray(0, cutAt))
  expect(decoder.next()).toBeNull()
  const row = decoder.takeLargeRow(1)
  if (row === null) throw new Error('There is no row')
  expect(row.isComplete).toBe(false)
  const rest = bytes.subarray(cutAt)
  expect(row.push(rest)).toBe(rest.length)
  expect(row.isComplete).toBe(true)
  return row
}

for (const name of ['wasm', 'twin'] as const) {
  describe(name, { timeout: 30_000 + rounds.numRuns * 20 }, () => {
    const decoder = createRowDecoder(name)

    test('any row becomes the batch that the decoder would make', async () => {
      const anyRow = anyResult.filter(({ rows, others }) => rows.length > 0 && others.length === 0)
      await fc.assert(
        fc.asyncProperty(anyRow, fc.nat(), async (model, cut) => {
          const kinds = Uint8Array.from(model.kinds)
          const bytes = toBackendBytes({ ...model, rows: model.rows.slice(0, 1) })
          decoder.clear()
          decoder.reset(kinds)
          const row = collect(decoder, bytes, 5 + (cut % (bytes.length - 5)))
          const batch = await row.encode(noTurn)
          decoder.push(bytes)
          expect(decoder.next()).toBeNull()
          expect(Buffer.from(batch)).toEqual(Buffer.from(decoder.takeBatch() ?? new ArrayBuffer()))
        }),
        rounds,
      )
    })

    test('what is long is copied in steps, and everything around it is right', async () => {
      const long = Buffer.alloc(9 << 20, 'abc')
      const kinds = Uint8Array.of(columnKinds.int32, columnKinds.text, columnKinds.text, columnKinds.text)
      decoder.clear()
      decoder.reset(kinds)
      const bytes = wire.dataRow([wire.int32(7), long, null, wire.text('behind')])
      let turnCount = 0
      const turn = (): Promise<void> => {
        turnCount += 1
        return Promise.resolve()
      }
      const batch = new ColumnBatch(await collect(decoder, bytes, 100).encode(turn))
      expect(turnCount).toBe(3)
      const [first, second, third, fourth] = [0, 1, 2, 3].map((column) => batch.column(column))
      expect(first?.values[0]).toBe(7)
      expect(second && Buffer.compare(textBytes(second, 0), long)).toBe(0)
      expect(third && isNull(third, 0)).toBe(true)
      expect(fourth && Buffer.from(textBytes(fourth, 0)).toString()).toBe('behind')
    })

    test.each([
      ['with its line feed', 'a,b\n', 'a,b'],
      ['without one', 'a,b', 'a,b'],
      ['that is empty', '\n', ''],
    ])('a line of COPY %s is a row of one text', async (_what, line, text) => {
      decoder.clear()
      const row = collect(decoder, wire.message('d', Buffer.from(line)), 5)
      expect(row.isLine).toBe(true)
      const batch = new ColumnBatch(await row.encode(noTurn))
      expect([batch.rowCount, batch.columnCount]).toEqual([1, 1])
      expect(Buffer.from(textBytes(batch.column(0), 0)).toString()).toBe(text)
    })

    test('what follows it, and the rows before it, stay with the decoder', async () => {
      decoder.clear()
      decoder.reset(Uint8Array.of(columnKinds.text))
      decoder.push(wire.dataRow([wire.text('before')]))
      const row = collect(decoder, wire.dataRow([wire.text('large')]), 8)
      expect(row.push(wire.commandComplete('SELECT 2'))).toBe(0)
      decoder.push(wire.commandComplete('SELECT 2'))
      expect(decoder.next()).toMatchObject({ type: 0x43 })
      expect(decoder.pendingRows).toBe(1)
      await row.encode(noTurn)
    })

    test('a row that does not fit its columns is refused in the same words', async () => {
      decoder.clear()
      decoder.reset(Uint8Array.of(columnKinds.int32))
      decoder.push(wire.dataRow([wire.int32(1)]))
      const tooWide = collect(decoder, wire.dataRow([wire.text('123')]), 8)
      await expect(tooWide.encode(noTurn)).rejects.toThrow('Row 2 has 3 bytes in column 1')
      const tooMany = collect(decoder, wire.dataRow([null, null]), 8)
      await expect(tooMany.encode(noTurn)).rejects.toThrow('Row 3 has 2 columns instead of 1')
    })

    test('other messages, and rows that are shorter, are left alone', () => {
      decoder.clear()
      decoder.reset(Uint8Array.of(columnKinds.text))
      for (const bytes of [wire.message('C', Buffer.alloc(200)), wire.dataRow([Buffer.alloc(50)])]) {
        decoder.push(bytes.subarray(0, 20))
        expect(decoder.next()).toBeNull()
        expect(decoder.takeLargeRow(100)).toBeNull()
        decoder.push(bytes.subarray(20))
        decoder.next()
      }
      expect(decoder.pendingRows).toBe(1)
    })
  })
}
