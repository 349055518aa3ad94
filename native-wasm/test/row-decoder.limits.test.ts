/** The edges of what a result can be: very large, very wide, and empty in every way. For both implementations. */

import { describe, expect, test } from 'vitest'
import { columnKinds, ColumnBatch, isNull, textBytes } from '../../src/contract/column-batch.ts'
import { columnsMax, hostMessageBytesMax } from '../../src/contract/limits.ts'
import { createRowDecoder } from '../js/create-row-decoder.ts'
import * as layout from '../js/layout.ts'
import type { RowDecoder } from '../js/row-decoder.ts'
import * as wire from './backend-bytes.ts'

const mebibyte = 1 << 20
/** What PGlite hands over at a time. */
const chunkBytes = 8192

/** How much memory an implementation may keep when nothing is pending. */
const memoryKeptBytesMax = 16 * mebibyte

function pushInChunks(decoder: RowDecoder, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    decoder.push(bytes.subarray(at, at + chunkBytes))
    expect(decoder.next()).toBeNull()
  }
}

function takeBatch(decoder: RowDecoder): ColumnBatch {
  const buffer = decoder.takeBatch()
  if (buffer === null) throw new Error('No rows are pending')
  return new ColumnBatch(buffer)
}

/** Type and length of a message whose body is not there. */
function header(type: string, length: number): Uint8Array {
  const bytes = Buffer.alloc(5)
  bytes.write(type, 'latin1')
  bytes.writeInt32BE(length, 1)
  return bytes
}

describe.each(['wasm', 'twin'] as const)('%s', (name) => {
  function open(...kinds: number[]): RowDecoder {
    const decoder = createRowDecoder(name)
    expect(decoder.name).toBe(name)
    decoder.reset(Uint8Array.from(kinds))
    return decoder
  }

  test('a row of 64 MB passes, and its memory is given back', () => {
    const decoder = open(columnKinds.text, columnKinds.int32)
    const large = Buffer.alloc(64 * mebibyte, 'wardian ')
    const small = wire.dataRow([wire.text('small'), wire.int32(1)])
    pushInChunks(decoder, small)
    pushInChunks(decoder, wire.dataRow([large, wire.int32(2)]))
    decoder.push(small.subarray(0, 9))
    expect(decoder.next()).toBeNull()
    expect(decoder.pendingRows).toBe(2)
    const batch = takeBatch(decoder)
    expect(large.equals(textBytes(batch.column(0), 1))).toBe(true)
    expect([...batch.column(1).values]).toStrictEqual([1, 2])
    expect(decoder.memoryBytes).toBeLessThanOrEqual(memoryKeptBytesMax)
    decoder.push(small.subarray(9))
    expect(decoder.next()).toBeNull()
    expect([...takeBatch(decoder).column(1).values]).toStrictEqual([1])
  })

  test('another message of 64 MB passes, and its memory is given back', () => {
    const decoder = open(columnKinds.text)
    const body = Buffer.alloc(64 * mebibyte, 'notice ')
    decoder.push(wire.message('N', body))
    const message = decoder.next()
    expect(message?.type).toBe('N'.charCodeAt(0))
    expect(body.equals(message?.body ?? Buffer.of())).toBe(true)
    expect(decoder.next()).toBeNull()
    decoder.clear()
    expect(decoder.memoryBytes).toBeLessThanOrEqual(memoryKeptBytesMax)
  })

  test('a row of 1,664 columns passes, one more is refused', () => {
    const kinds = Array.from({ length: columnsMax }, (_, column) => (column % 6) + 1)
    const cells = [
      Uint8Array.of(1),
      wire.int32(-7),
      wire.uint32(7),
      wire.int64(-7n),
      wire.float64(0.5),
      wire.text('z'),
    ]
    const decoder = open(...kinds)
    for (let row = 0; row < 3; row++)
      decoder.push(wire.dataRow(kinds.map((_, column) => cells[column % 6] ?? null)))
    expect(decoder.next()).toBeNull()
    const batch = takeBatch(decoder)
    expect([batch.columnCount, batch.rowCount]).toStrictEqual([columnsMax, 3])
    for (let column = 0; column < columnsMax; column++) {
      const read =
        column % 6 === 5 ? textBytes(batch.column(column), 2) : batch.column(column).values.slice(2, 3)
      expect([...read]).toStrictEqual([[1], [-7], [7], [-7n], [0.5], [...wire.text('z')]][column % 6])
    }
    expect(() => decoder.reset(new Uint8Array(columnsMax + 1).fill(1))).toThrow('1665 columns')
  })

  test('columns of nothing but null pass, for each kind', () => {
    const kinds = Object.values(columnKinds)
    const decoder = open(...kinds)
    for (let row = 0; row < 1001; row++) decoder.push(wire.dataRow(kinds.map(() => null)))
    expect(decoder.next()).toBeNull()
    const batch = takeBatch(decoder)
    for (let column = 0; column < kinds.length; column++) {
      const view = batch.column(column)
      expect(view.nullCount).toBe(1001)
      expect([...view.values].every((value) => Number(value) === 0)).toBe(true)
      expect(Array.from({ length: 1001 }, (_, row) => isNull(view, row)).includes(false)).toBe(false)
    }
  })

  test('no rows make no batch', () => {
    const decoder = open(columnKinds.text)
    decoder.push(wire.commandComplete('SELECT 0'))
    expect(decoder.next()?.type).toBe('C'.charCodeAt(0))
    expect(decoder.next()).toBeNull()
    expect([decoder.pendingRows, decoder.pendingBytes, decoder.takeBatch()]).toStrictEqual([0, 0, null])
  })

  test('rows without columns are counted, however many', () => {
    const decoder = open()
    const rows = 200_000
    decoder.push(Buffer.concat(Array.from({ length: rows }, () => wire.dataRow([]))))
    expect(decoder.next()).toBeNull()
    expect([decoder.pendingRows, decoder.pendingBytes]).toStrictEqual([rows, rows * 7])
    const batch = takeBatch(decoder)
    expect([batch.columnCount, batch.rowCount, batch.buffer.byteLength]).toStrictEqual([0, rows, 16])
  })

  test('more rows than the table of rows has at first keep their values', () => {
    const decoder = open(columnKinds.int32)
    const rows = 150_000
    const bytes = Buffer.concat(Array.from({ length: rows }, (_, row) => wire.dataRow([wire.int32(row)])))
    pushInChunks(decoder, bytes)
    const values = takeBatch(decoder).column(0).values
    expect(values.every((value, row) => value === row)).toBe(true)
    expect(values).toHaveLength(rows)
  })

  test('a message that is too large is passed over, and everything around it is kept', () => {
    const decoder = open(columnKinds.int32)
    const length = layout.messageBytesMax
    decoder.push(
      Buffer.concat([wire.dataRow([wire.int32(1)]), header('D', length), Buffer.alloc(chunkBytes)]),
    )
    expect(() => decoder.next()).toThrow(expect.objectContaining({ reason: 'too-large' }))
    expect(decoder.next()).toBeNull()
    const filler = new Uint8Array(mebibyte)
    let left = length - 4 - chunkBytes
    for (; left > mebibyte; left -= mebibyte) decoder.push(filler)
    decoder.push(Buffer.concat([filler.subarray(0, left), wire.dataRow([wire.int32(2)])]))
    expect(decoder.next()).toBeNull()
    expect([...takeBatch(decoder).column(0).values]).toStrictEqual([1, 2])
    expect(decoder.memoryBytes).toBeLessThanOrEqual(memoryKeptBytesMax)
  })

  test('the largest message that is not too large is waited for', () => {
    const decoder = open(columnKinds.int32)
    decoder.push(header('D', layout.messageBytesMax - 1))
    expect(decoder.next()).toBeNull()
  })

  test.each([-1, 0, 3, 0x40000000])('a message length of %i is refused until a clear', (length) => {
    const decoder = open(columnKinds.int32)
    decoder.push(header('C', length))
    const refused = expect.objectContaining({ name: 'DecodeError', reason: 'malformed' })
    expect(() => decoder.next()).toThrow(refused)
    expect(() => decoder.push(Uint8Array.of(1))).toThrow(refused)
    expect(() => decoder.takeBatch()).toThrow(refused)
    expect(() => decoder.reset(Uint8Array.of(1))).toThrow(refused)
    decoder.clear()
    decoder.reset(Uint8Array.of(columnKinds.int32))
    decoder.push(wire.dataRow([wire.int32(5)]))
    expect(decoder.next()).toBeNull()
    expect([...takeBatch(decoder).column(0).values]).toStrictEqual([5])
  })

  test('a refused row is named with its number and column', () => {
    const message = (kinds: number[], ...rows: Uint8Array[]): string => {
      const decoder = open(...kinds)
      decoder.push(Buffer.concat(rows))
      try {
        decoder.next()
        decoder.takeBatch()
        return 'nothing'
      } catch (error) {
        return error instanceof Error ? error.message : 'not an error'
      }
    }
    const { int32, text } = columnKinds
    const good = wire.dataRow([wire.int32(1), wire.text('x')])
    const negative = wire.dataRow([wire.int32(1), null])
    negative.writeInt32BE(-2, negative.length - 4)
    expect([
      message([int32, text], good, wire.dataRow([wire.int32(1)])),
      message([int32, text], good, wire.dataRow([wire.text('abc'), wire.text('')])),
      message([int32, text], good, negative),
      message([text], wire.message('D', Buffer.of(0, 1, 0, 0, 0, 9, 1))),
      message([text], wire.message('D', Buffer.of(0, 1, 0, 0, 0, 0, 1))),
      message([text], wire.message('D', Buffer.of(0))),
    ]).toStrictEqual([
      'Row 2 has 1 columns instead of 2',
      'Row 2 has 3 bytes in column 1, which is of kind 2',
      'Row 2 has a length of -2 in column 2',
      'Row 1 ends within column 1',
      'Row 1 has 1 bytes after its last column',
      'Row 1 ends within column 1',
    ])
  })

  test('a row that is too short to say how many columns it has is refused, also where none are expected', () => {
    for (const body of [Buffer.of(), Buffer.of(0)]) {
      const decoder = open()
      decoder.push(wire.message('D', body))
      expect(() => decoder.next()).toThrow('Row 1 ends within column 1')
    }
  })

  test('a long result needs no more memory than a short one', () => {
    const decoder = open(columnKinds.text)
    const rows = Buffer.concat([wire.dataRow([Buffer.alloc(7000)]), wire.commandComplete('part')])
    for (let round = 0; round < 3000; round++) {
      decoder.push(rows.subarray(0, 6000))
      decoder.next()
      decoder.push(rows.subarray(6000))
      while (decoder.next() !== null);
      if (round % 7 === 0) decoder.takeBatch()
    }
    expect(decoder.memoryBytes).toBeLessThanOrEqual(2 * mebibyte)
  })

  test('columns may change only when no rows are pending', () => {
    const decoder = open(columnKinds.int32)
    decoder.push(wire.dataRow([wire.int32(1)]))
    decoder.next()
    expect(() => decoder.reset(Uint8Array.of(columnKinds.text))).toThrow('pending rows')
    decoder.takeBatch()
    expect(() => decoder.reset(Uint8Array.of(7))).toThrow(TypeError)
    decoder.reset(Uint8Array.of(columnKinds.text))
  })
})

test('the largest row fits in one message to a client', () => {
  expect(layout.messageBytesMax + 8 * mebibyte).toBeLessThan(hostMessageBytesMax)
})
