/** Batches between two threads: what is lent comes out unharmed, and a place is used again only when it is free. */

import { expect, test } from 'vitest'
import { batchBytesTarget } from '../../../contract/limits.ts'
import { BatchSlots, takeLentBatch, type LentBatch } from './batch-slots.ts'
import { SharedSignals } from './shared-signals.ts'

const batchOf = (value: number, bytes = batchBytesTarget): Uint8Array<ArrayBuffer> =>
  new Uint8Array(bytes).fill(value)

function lend(slots: BatchSlots, value: number): LentBatch {
  const lent = slots.lend(batchOf(value))
  if (!lent) throw new Error('No slot was free')
  return lent
}

test('a slot is used again once its batch was taken out, and not before', () => {
  const signals = new SharedSignals()
  const slots = new BatchSlots(new SharedSignals(signals.buffer))
  const lent = [1, 2, 3, 4].map((value) => lend(slots, value))
  expect(slots.lend(batchOf(5))).toBeNull()
  for (let round = 0; round < 3; round++) {
    const oldest = lent.shift()
    if (!oldest) throw new Error('Four batches are lent')
    const taken = new Uint8Array(takeLentBatch(oldest, signals))
    lent.push(lend(slots, 5 + round))
    expect(Buffer.compare(taken, batchOf(1 + round))).toBe(0)
    expect(slots.lend(batchOf(9))).toBeNull()
  }
  const rest = lent.map((each) => new Uint8Array(takeLentBatch(each, signals)))
  expect(rest.map((taken) => [taken.length, taken[0], taken.at(-1)])).toEqual(
    [4, 5, 6, 7].map((value) => [batchBytesTarget, value, value]),
  )
})

test('a taken batch is a buffer of exactly its size, which can be transferred', () => {
  const signals = new SharedSignals()
  const lent = lend(new BatchSlots(signals), 7)
  const buffer = takeLentBatch(lent, signals)
  expect(buffer).toBeInstanceOf(ArrayBuffer)
  expect(structuredClone(buffer, { transfer: [buffer] }).byteLength).toBe(batchBytesTarget)
})

test('what is small, or larger than a slot, is not lent', () => {
  const slots = new BatchSlots(new SharedSignals())
  expect([batchOf(1, 1024), batchOf(1, 4 * batchBytesTarget)].map((batch) => slots.lend(batch))).toEqual([
    null,
    null,
  ])
})
