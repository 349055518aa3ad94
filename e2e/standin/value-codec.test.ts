/** Goal: a value arrives as a structured clone carries it. Method: what structuredClone makes of the same. */

import { runInThisContext } from 'node:vm'
import { expect, test } from 'vitest'
import { createValueCodec } from './value-codec.ts'

const { encode, decode } = createValueCodec()

test.each([
  ['nothing', undefined],
  ['null', null],
  ['numbers that JSON has none of', [Number.NaN, -0, Number.POSITIVE_INFINITY]],
  ['a large integer', { amount: 2n ** 70n }],
  ['dates and patterns', [new Date(0), /a+/giu]],
  ['maps and sets', new Map<unknown, unknown>([[{ key: 1 }, new Set(['a', undefined])]])],
  ['a key that looks like a mark', { $: 'date', v: 3 }],
  [
    'buffers, also of eight bytes an element',
    [new Uint8Array([1, 2]), new Float64Array([0.5, 1.5]), new ArrayBuffer(3)],
  ],
  ['errors of their own kind', new RangeError('too far')],
])('%s', (_name, value) => {
  expect(decode(encode(value))).toStrictEqual(structuredClone(value))
})

test('what occurs twice is one thing afterwards, also within itself', () => {
  const shared = { name: 'shared' }
  const cycle: Record<string, unknown> = { one: shared, two: shared }
  cycle['self'] = cycle
  const copy = decode(encode(cycle)) as Record<string, unknown>
  expect(copy['one']).toBe(copy['two'])
  expect(copy['self']).toBe(copy)
})

test('functions are refused', () => {
  expect(() => encode({ call: () => 1 })).toThrow('An object could not be cloned.')
})

test('its text alone is all it needs', () => {
  const again = runInThisContext(`(${String(createValueCodec)})()`) as ReturnType<typeof createValueCodec>
  expect(again.decode(encode([1n, 'x']))).toEqual([1n, 'x'])
})

test('buffers are their own memory, also when they came in a Buffer of Node', () => {
  const [bytes] = decode(Buffer.from(encode([new Uint8Array([1, 2])]))) as [Uint8Array]
  expect(bytes.buffer).toStrictEqual(new Uint8Array([1, 2]).buffer)
})
