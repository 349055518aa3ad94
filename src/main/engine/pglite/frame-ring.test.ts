/** Frames through shared memory: in order, whole, and never more than there is room for. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameRing, frameBytesMax, type FrameHead } from './frame-ring.ts'

const capacity = 1 << 19
const head: FrameHead = { kind: 1, place: 2, turn: 3, takenBytes: 4, flags: 5 }

function ends(): { sender: FrameRing; receiver: FrameRing } {
  const buffer = new SharedArrayBuffer(FrameRing.bytesFor(capacity))
  return { sender: new FrameRing(buffer, 0, capacity), receiver: new FrameRing(buffer, 0, capacity) }
}

describe('a ring of frames', () => {
  test('hands over the numbers and bytes of each', () => {
    const { sender, receiver } = ends()
    expect(receiver.isEmpty).toBe(true)
    expect(sender.push({ ...head, takenBytes: 0x1_0000_0007 }, Uint8Array.of(7, 8))).toBe(true)
    expect(receiver.isEmpty).toBe(false)
    const taken: unknown[] = []
    expect(receiver.drain((frame) => taken.push({ ...frame, bytes: [...frame.bytes] }))).toBe(1)
    expect(taken).toEqual([{ ...head, takenBytes: 7, bytes: [7, 8] }])
    expect([receiver.isEmpty, receiver.drain(() => undefined)]).toEqual([true, 0])
  })

  test('keeps order and content however much passes, and says when it is full', () => {
    const lengths = fc.array(fc.oneof(fc.nat(40), fc.nat(frameBytesMax)), { maxLength: 60 })
    fc.assert(
      fc.property(lengths, fc.array(fc.boolean(), { maxLength: 60 }), (sizes, drains) => {
        const { sender, receiver } = ends()
        const taken: string[] = []
        const drain = (): number =>
          receiver.drain(({ turn, bytes }) => taken.push(`${turn}:${bytes.length}:${bytes.at(-1)}`))
        sizes.forEach((size, index) => {
          const bytes = new Uint8Array(size).fill(index)
          while (!sender.push({ ...head, turn: index }, bytes)) expect(drain()).toBeGreaterThan(0)
          if (drains[index]) drain()
        })
        drain()
        expect(taken).toEqual(sizes.map((size, index) => `${index}:${size}:${size > 0 ? index : undefined}`))
      }),
    )
  })

  test('takes at least four of the longest', () => {
    const { sender } = ends()
    const long = new Uint8Array(frameBytesMax)
    for (let count = 0; count < 4; count += 1) expect(sender.push(head, long)).toBe(true)
    while (sender.push(head, long));
    expect(sender.push(head, Uint8Array.of())).toBe(true)
  })
})
