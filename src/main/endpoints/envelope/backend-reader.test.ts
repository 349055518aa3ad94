/** Tests of how answers are split into messages, and rows turned into JSON, however they were cut on their way. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BackendReader } from './backend-reader.ts'
import { JsonRows } from './json-rows.ts'

const messageBytesMax = 50

/** A message of type `type`. */
function message(type: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(5)
  head[0] = type
  head.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

function dataRow(cells: readonly (Uint8Array | null)[]): Buffer {
  const count = Buffer.alloc(2)
  count.writeUInt16BE(cells.length)
  const parts = cells.flatMap((cell) => {
    const length = Buffer.alloc(4)
    length.writeInt32BE(cell?.length ?? -1)
    return cell ? [length, cell] : [length]
  })
  return message(0x44, Buffer.concat([count, ...parts]))
}

/** JSON goes by what the message says of itself. */
const whole = { start: 0, end: 0, count: 1 }

/** The pieces of `bytes` when it is cut at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...at].map((start, index) => bytes.subarray(start, at[index] ?? bytes.length))
}

/** Everything from its start to its end. */
function messagesIn({ bytes, start, end, count }: BackendReader): [number, number[]][] {
  const found: [number, number[]][] = []
  for (let at = start; at < end;) {
    const next = at + 1 + bytes.readUInt32BE(at + 1)
    found.push([bytes[at] ?? 0, [...bytes.subarray(at + 5, next)]])
    at = next
  }
  expect(found.length).toBe(count)
  return found
}

describe('messages', () => {
  it('are found whole, wherever they were cut, and long ones are passed over', () => {
    const one = fc.tuple(fc.nat(255), fc.uint8Array({ maxLength: 80 }))
    fc.assert(
      fc.property(
        fc.array(one, { maxLength: 8 }),
        fc.array(fc.nat()),
        fc.boolean(),
        (sent, places, isLazy) => {
          const reader = new BackendReader(messageBytesMax)
          const found: [number, number[] | null][] = []
          const read = (): void => {
            while (reader.peek()) {
              const { type, bytes, bodyAt, end, isOversize } = reader
              expect(reader.peek()).toBe(true)
              found.push([type, isOversize ? null : [...bytes.subarray(bodyAt, end)]])
              reader.consume()
            }
          }
          for (const piece of cut(Buffer.concat(sent.map(([type, body]) => message(type, body))), places)) {
            reader.push(piece)
            if (!isLazy) read()
          }
          read()
          expect(found).toEqual(
            sent.map(([type, body]) => [type, body.length + 5 > messageBytesMax ? null : [...body]]),
          )
          expect(reader.storedBytes).toBe(0)
        },
      ),
    )
  })

  it('of one type that lie together can be taken at once, as many as are wanted', () => {
    const one = fc.tuple(fc.constantFrom(0x44, 0x43), fc.uint8Array({ maxLength: 60 }))
    fc.assert(
      fc.property(
        fc.array(one, { maxLength: 12 }),
        fc.array(fc.nat()),
        fc.nat(200),
        (sent, places, bytesMax) => {
          const reader = new BackendReader(messageBytesMax)
          const all = sent.filter(([, body]) => body.length + 5 <= messageBytesMax)
          const found: [number, number[]][] = []
          for (const piece of cut(Buffer.concat(sent.map(([type, body]) => message(type, body))), places)) {
            reader.push(piece)
            while (reader.peek()) {
              const first = reader.end - reader.start
              reader.extend(bytesMax)
              expect(reader.end - reader.start).toBeLessThanOrEqual(Math.max(first, bytesMax))
              if (!reader.isOversize) found.push(...messagesIn(reader))
              reader.consume()
            }
          }
          expect(found).toEqual(all.map(([type, body]) => [type, [...body]]))
          expect(reader.storedBytes).toBe(0)
        },
      ),
    )
  })

  it('that cannot be are refused', () => {
    const reader = new BackendReader(messageBytesMax)
    reader.push(Buffer.from([0x44, 0, 0, 0, 3]))
    expect(() => reader.peek()).toThrow(expect.objectContaining({ code: 'invalid-message' }))
  })
})

describe('rows in JSON', () => {
  it('are the texts that they were', () => {
    const cell = fc.option(fc.string({ unit: 'binary', maxLength: 50 }), { nil: null })
    const rows = new JsonRows()
    fc.assert(
      fc.property(fc.array(fc.array(cell, { maxLength: 5 }), { minLength: 1, maxLength: 20 }), (sent) => {
        for (const row of sent)
          rows.add(dataRow(row.map((text) => (text === null ? null : Buffer.from(text)))), whole)
        expect(rows.rows).toBe(sent.length)
        const taken = rows.take()
        expect(JSON.parse(Buffer.from(taken).toString())).toEqual(sent)
      }),
    )
  })

  it('are UTF-8 whatever a database without an encoding holds', () => {
    for (const length of [1, 10_000]) {
      const rows = new JsonRows()
      rows.add(dataRow([Buffer.alloc(length, 0xe9), Buffer.from('"\u0000\u001f')]), whole)
      const text = Buffer.from(rows.take()).toString()
      expect(JSON.parse(text)).toEqual([['\ufffd'.repeat(length), '"\u0000\u001f']])
    }
  })
})
