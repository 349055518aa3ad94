/** Tests of the binary messages: both ways, and against what hostile clients send. */

import { encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WorkbenchError } from '../contract/error.ts'
import { makePart, PartCodec, partBytes } from './message-parts.ts'

const codec = new PartCodec()

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

/** The code with which it fails; null if it does not. */
function failureOf(work: () => unknown): string | null {
  try {
    work()
    return null
  } catch (error) {
    return error instanceof WorkbenchError ? error.code : String(error)
  }
}

describe('messages of parts', () => {
  it('come back as they were sent, with each payload at a multiple of 8', () => {
    const part = fc.tuple(
      fc.jsonValue({ maxDepth: 3 }),
      fc.option(fc.uint8Array({ maxLength: 40 }), { nil: null }),
    )
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (sent) => {
        const clean = sent.filter(([envelope]) => !JSON.stringify(envelope).includes('__proto__'))
        fc.pre(clean.length > 0)
        const made = clean.map(([envelope, payload]) => makePart(codec.encode(envelope), payload))
        const message = joined(...made)
        const read = codec.read(message)
        // Integers of MessagePack have no negative zero, and neither has JSON.
        const written: unknown = JSON.parse(JSON.stringify(clean.map(([envelope]) => envelope)))
        expect(read.map(({ envelope }) => envelope)).toEqual(written)
        expect(read.map(({ payload }) => [...payload])).toEqual(
          clean.map(([, payload]) => [...(payload ?? [])]),
        )
        for (const { payload } of read) expect((payload.byteOffset - message.byteOffset) % 8).toBe(0)
        expect(message.length).toBe(
          clean.reduce((sum, [envelope, payload]) => {
            return sum + partBytes(encode(envelope).length, payload?.length ?? 0)
          }, 0),
        )
      }),
    )
  })

  it('are refused, whatever is cut off or changed, and nothing else happens', () => {
    const message = makePart(codec.encode({ meta: { type: 'query' }, data: { params: ['a', null] } }), null)
    fc.assert(
      fc.property(fc.nat(message.length - 1), fc.nat(255), fc.nat(message.length), (at, byte, end) => {
        const changed = message.slice(0, end)
        if (at < end) changed[at] = byte
        expect([null, 'invalid-message']).toContain(failureOf(() => codec.read(changed)))
      }),
    )
  })

  it.each([
    ['arrays nested without end', new Uint8Array(100_000).fill(0x91)],
    ['an array that announces a million values', Uint8Array.of(0xdd, 0, 0x0f, 0x42, 0x40)],
    [
      'maps that announce thousands each',
      joined(...Array.from({ length: 60 }, () => Uint8Array.of(0xde, 3, 0))),
    ],
    ['a key __proto__', encode({ ['__proto__']: 1, a: 2 }).fill(0x81, 0, 1)],
    ['an extension', Uint8Array.of(0xc7, 1, 5, 0)],
  ])('refuse %s', (_name, header) => {
    expect(() => codec.read(makePart(header, null))).toThrow(
      expect.objectContaining({ code: 'invalid-message' }),
    )
  })

  it('refuse what would take room for more than there is, before they make it', () => {
    const million = Uint8Array.of(0xdd, 0, 0x0f, 0x42, 0x40)
    for (const header of [
      new Uint8Array(100_000).fill(0x91),
      million,
      joined(Uint8Array.of(0x9f), million),
    ]) {
      expect(() => codec.read(makePart(header, null))).toThrow(/nested too deep, or cut off/)
    }
  })
})
