/** Copies of short bytes, many in one buffer. */

import { expect, test } from 'vitest'
import { CopyPool } from './copy-pool.ts'

test('copies are as the bytes were, of any length, and stay so', () => {
  const pool = new CopyPool()
  const lengths = [
    0,
    1,
    64,
    1_023,
    1_024,
    1_025,
    5_000,
    0,
    ...Array.from({ length: 40 }, (_, at) => 500 + at),
  ]
  const source = new Uint8Array(5_000)
  const copies = lengths.map((length, value) => {
    source.fill(value)
    const copy = pool.copy(source.subarray(0, length))
    source.fill(255)
    return copy
  })
  expect(copies.map(({ length }) => length)).toEqual(lengths)
  copies.forEach((copy, value) => expect(copy.every((byte) => byte === value)).toBe(true))
})

test('short ones share a buffer, long ones have their own', () => {
  const pool = new CopyPool()
  const [first, second] = [pool.copy(new Uint8Array(10)), pool.copy(new Uint8Array(10))]
  expect(second.buffer).toBe(first.buffer)
  expect(pool.copy(new Uint8Array(5_000)).buffer.byteLength).toBe(5_000)
})
