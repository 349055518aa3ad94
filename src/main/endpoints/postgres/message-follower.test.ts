/** Messages are found wherever the bytes are cut. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gatheredBytesMax, MessageFollower } from './message-follower.ts'

function message(type: string, body: Uint8Array | string): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(5), Buffer.from(body)])
  bytes.write(type, 'latin1')
  bytes.writeUInt32BE(bytes.length - 1, 1)
  return bytes
}

const wanted = new Set(['S', 'Z'].map((type) => type.charCodeAt(0)))
const seed = Number(process.env['WARDIAN_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

describe('a follower', () => {
  test('tells wanted messages and boundaries, however the bytes are cut', () => {
    const sent = fc.record({
      type: fc.constantFrom('S', 'Z', 'D', 'X'),
      body: fc.uint8Array({ maxLength: 40 }),
    })
    const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 })
    fc.assert(
      fc.property(fc.array(sent), cuts, (messages, sizes) => {
        const told: [string, string][] = []
        const follower = new MessageFollower({
          wanted,
          onMessage: (type, body) =>
            told.push([String.fromCharCode(type), Buffer.from(body).toString('hex')]),
        })
        const bytes = Buffer.concat(messages.map(({ type, body }) => message(type, body)))
        const ends = new Set([0])
        for (const { body } of messages) ends.add(Math.max(...ends) + 5 + body.length)
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const part = bytes.subarray(at, at + (sizes[turn % sizes.length] ?? 1))
          expect(follower.follow(part)).toBe(part.length)
          at += part.length
          expect(follower.isAtBoundary).toBe(ends.has(at))
        }
        const asked = messages.filter(({ type }) => 'SZ'.includes(type))
        expect(told).toEqual(asked.map(({ type, body }) => [type, Buffer.from(body).toString('hex')]))
      }),
      { seed },
    )
  })

  test('stops in front of the stop type, and nowhere inside another message', () => {
    const bytes = Buffer.concat([message('Q', 'XXXX\0'), message('d', 'X'), message('X', '')])
    const end = bytes.length - 5
    for (let at = 0; at <= end; at += 1) {
      const follower = new MessageFollower({ stopType: 'X'.charCodeAt(0) })
      expect(follower.follow(bytes.subarray(0, at))).toBe(at)
      expect(follower.follow(bytes.subarray(at))).toBe(end - at)
    }
  })

  test('gathers no body over its bound, and finds no boundary after an impossible length', () => {
    const told: number[] = []
    const follower = new MessageFollower({ wanted, onMessage: (_type, body) => told.push(body.length) })
    follower.follow(message('S', Buffer.alloc(gatheredBytesMax)))
    follower.follow(message('S', Buffer.alloc(gatheredBytesMax + 1)))
    follower.follow(message('Z', ''))
    expect(told).toEqual([gatheredBytesMax, 0])
    for (const length of [
      [0, 0, 0, 3],
      [0x80, 0, 0, 0],
      [0xff, 0xff, 0xff, 0xff],
    ]) {
      const lost = new MessageFollower({ wanted })
      expect(lost.follow(Buffer.from([0x5a, ...length, 1, 2, 3]))).toBe(8)
      expect(lost.isAtBoundary).toBe(false)
    }
  })
})
