/**
 * Random results for the tests of the decoders: what a result is (kinds and cells), how it is written as backend
 * bytes, and how a batch is read back into cells. Reading goes through the contract's ColumnBatch, as it does in
 * the renderer.
 */

import fc from 'fast-check'
import { columnKinds, ColumnBatch, isNull, textBytes } from '../../src/contract/column-batch.ts'
import type { ColumnKind, ColumnView } from '../../src/contract/column-batch.ts'
import * as wire from './backend-bytes.ts'

/** A cell as its exact wire bytes in lower-case hexadecimal, which no comparison can blur; null is null. */
export type Cell = string | null

/** Columns and rows, with other messages between the rows. */
export interface ResultModel {
  readonly kinds: readonly ColumnKind[]
  readonly rows: readonly (readonly Cell[])[]
  /** Row index before which the message comes. */
  readonly others: readonly { readonly before: number; readonly type: string; readonly body: Uint8Array }[]
}

const edgeDoubles = [
  '0000000000000000',
  '8000000000000000',
  '7ff0000000000000',
  'fff0000000000000',
  '7ff8000000000000',
  'fff8000000000001',
  '7ff0000000000001',
  '0000000000000001',
]
const edgeLongs = ['8000000000000000', '7fffffffffffffff', 'ffffffffffffffff', '0020000000000001']

const hexOf = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(hex)

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => hex(Buffer.from(text, 'utf8'))),
  fc.constantFrom(0, 15, 16, 17, 31, 32, 33, 127, 128, 129, 300, 5000).map((length) => '61'.repeat(length)),
  fc.uint8Array({ maxLength: 64 }).map(hex),
)

const cellsOf: Record<ColumnKind, fc.Arbitrary<string>> = {
  [columnKinds.bool]: fc.constantFrom('00', '01'),
  [columnKinds.int32]: fc.oneof(hexOf(2), hexOf(4), fc.constantFrom('80000000', '7fffffff', '8000', '7fff')),
  [columnKinds.uint32]: fc.oneof(hexOf(4), fc.constantFrom('ffffffff', '80000000')),
  [columnKinds.int64]: fc.oneof(hexOf(8), fc.constantFrom(...edgeLongs)),
  [columnKinds.float64]: fc.oneof(hexOf(8), fc.constantFrom(...edgeDoubles)),
  [columnKinds.text]: texts,
}

const kind = fc.constantFrom(...Object.values(columnKinds))

const other = fc.record({
  type: fc.constantFrom('N', 'C', 'Z', 'T', 'A', '\0'),
  body: fc.uint8Array({ maxLength: 50 }),
})

/** Any result: all kinds, no to many nulls, few rows and hundreds, around the multiples of 8 of a bitmap. */
export const anyResult: fc.Arbitrary<ResultModel> = fc
  .tuple(fc.array(kind, { maxLength: 9 }), fc.constantFrom(0, 1, 4), fc.integer({ min: 0, max: 35 }))
  .chain(([kinds, nullEvery, rowCount]) => {
    const cells = kinds.map((of) =>
      nullEvery === 0 ? cellsOf[of] : fc.option(cellsOf[of], { freq: nullEvery }),
    )
    const row: fc.Arbitrary<Cell[]> = fc.tuple(...cells)
    return fc.record({
      kinds: fc.constant(kinds),
      rows: fc
        .tuple(fc.array(row, { minLength: rowCount, maxLength: rowCount }), fc.constantFrom(1, 1, 1, 20))
        .map(([rows, times]) => Array<Cell[][]>(times).fill(rows).flat()),
      others: fc.array(
        fc.record({ before: fc.nat({ max: rowCount }), message: other }).map(({ before, message }) => ({
          before,
          ...message,
        })),
        { maxLength: 4 },
      ),
    })
  })

/** The result as it comes from a backend. */
export function toBackendBytes(model: ResultModel): Buffer {
  const parts: Uint8Array[] = []
  for (let row = 0; row <= model.rows.length; row++) {
    for (const { before, type, body } of model.others) {
      if (before === row) parts.push(wire.message(type, body))
    }
    const cells = model.rows[row]
    if (cells)
      parts.push(wire.dataRow(cells.map((cell) => (cell === null ? null : Buffer.from(cell, 'hex')))))
  }
  return Buffer.concat(parts)
}

/** The cells that a reader of the batches must see: int2 widened, everything else as it came. */
export function expectedCells(model: ResultModel): Cell[][] {
  return model.rows.map((cells) =>
    cells.map((cell, column) => {
      if (cell === null || model.kinds[column] !== columnKinds.int32 || cell.length === 8) return cell
      return hex(wire.int32(Buffer.from(cell, 'hex').readInt16BE()))
    }),
  )
}

/** All cells of a batch, back as wire bytes; checks on the way that null slots are zero. */
export function readBatch(buffer: ArrayBuffer): Cell[][] {
  const batch = new ColumnBatch(buffer)
  const columns = Array.from({ length: batch.columnCount }, (_, column) => batch.column(column))
  return Array.from({ length: batch.rowCount }, (_, row) => columns.map((column) => readCell(column, row)))
}

function readCell(column: ColumnView, row: number): Cell {
  const bytes = column.kind === columnKinds.text ? textBytes(column, row) : valueBytes(column, row)
  if (!isNull(column, row)) return hex(bytes)
  if (bytes.some((byte) => byte !== 0)) throw new Error('A null slot is not zero')
  return null
}

function valueBytes(column: ColumnView, row: number): Uint8Array {
  const { buffer, byteOffset, BYTES_PER_ELEMENT } = column.values
  return new Uint8Array(buffer, byteOffset + row * BYTES_PER_ELEMENT, BYTES_PER_ELEMENT).toReversed()
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
