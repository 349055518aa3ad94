/** The bounds of a message on both sides, and what cannot be a message at all. */

import { describe, expect, it } from 'vitest'
import { decodeMessage, encodeMessage, messageBuffersMax } from './message-codec.ts'
import type { JsonValue } from './port.ts'

/** Its head takes `headBytes` as JSON in UTF-8, with text of 1, 2, 3 or 4 bytes a character. */
function textOf(headBytes: number, character: string): string {
  const bytes = new TextEncoder().encode(character).byteLength
  const repeated = character.repeat(Math.floor((headBytes - 2) / bytes))
  return repeated + 'x'.repeat(headBytes - 2 - repeated.length * (bytes / character.length))
}

describe('the size of a message', () => {
  it.each(['x', 'é', '€', '𝄞'])('counts its head in UTF-8 bytes (%s)', (character) => {
    const fits = { head: textOf(1_000, character), buffers: [new ArrayBuffer(24)] }
    const tooLarge = { head: textOf(1_001, character), buffers: [new ArrayBuffer(24)] }
    const { text } = encodeMessage(fits, 1_024)
    expect(new TextEncoder().encode(text).byteLength).toBe(1_000)
    expect(decodeMessage({ text, buffers: fits.buffers }, 1_024)).toEqual(fits)
    expect(() => encodeMessage(tooLarge, 1_024)).toThrow('A message of 1025 bytes is over the limit of 1024')
    const larger = { text: JSON.stringify(tooLarge.head), buffers: tooLarge.buffers }
    expect(() => decodeMessage(larger, 1_024)).toThrow('has 1025 bytes; at most 1024 are allowed')
  })
})

describe('encoding', () => {
  it('keeps every code unit of a text, well-formed or not', () => {
    const head = Array.from({ length: 0x1_0000 }, (_, unit) => String.fromCharCode(unit)).join('')
    const { text } = encodeMessage({ head, buffers: [] }, 1 << 20)
    const overTheWire = new TextDecoder().decode(new TextEncoder().encode(text))
    expect(decodeMessage({ text: overTheWire, buffers: [] }, 1 << 20).head).toBe(head)
  })

  it('refuses what JSON cannot hold', () => {
    const cyclic: unknown[] = []
    cyclic.push(cyclic)
    for (const head of [7n, cyclic, undefined, () => 1]) {
      expect(() => encodeMessage({ head: head as JsonValue, buffers: [] }, 1_000)).toThrow(/^The message h/)
    }
  })

  it('refuses buffers that are shared, gone, given twice or too many', () => {
    const gone = new ArrayBuffer(1)
    gone.transfer()
    const twice = new ArrayBuffer(1)
    const shared = new SharedArrayBuffer(1) as unknown as ArrayBuffer
    for (const buffers of [[gone], [twice, twice], [shared]]) {
      expect(() => encodeMessage({ head: null, buffers }, 1_000)).toThrow(
        'Each buffer of a message must be whole',
      )
    }
    const many = Array.from({ length: messageBuffersMax + 1 }, () => new ArrayBuffer(0))
    expect(() => encodeMessage({ head: null, buffers: many }, 1_000)).toThrow('at most 16 buffers')
    expect(encodeMessage({ head: null, buffers: many.slice(1) }, 1_000).buffers).toHaveLength(
      messageBuffersMax,
    )
  })
})

describe('decoding', () => {
  it('bears any depth', () => {
    const text = '['.repeat(300_000) + ']'.repeat(300_000)
    expect(Array.isArray(decodeMessage({ text, buffers: [] }, 1 << 20).head)).toBe(true)
  })

  it('makes no prototype of a key', () => {
    const { head } = decodeMessage({ text: '{"__proto__": {"polluted": 1}}', buffers: [] }, 1_000)
    expect('polluted' in (head as object)).toBe(false)
  })
})
