/** How files in memory change their size: compared with an array that is made anew each time. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { resizeGenerously } from './data-filesystem.ts'

test('a file in memory keeps its bytes and gains zeros, whatever sizes it is given in turn', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5000), { maxLength: 30 }), (sizes) => {
      const node = { contents: new Uint8Array(0), usedBytes: 0 }
      let expected = new Uint8Array(0)
      for (const [index, size] of sizes.entries()) {
        resizeGenerously(node, size)
        const next = new Uint8Array(size)
        next.set(expected.subarray(0, size))
        expected = next
        expect(node.usedBytes).toBe(size)
        expect(node.contents.length).toBeGreaterThanOrEqual(size)
        expect(node.contents.subarray(0, size)).toEqual(expected)
        node.contents.fill(index + 1, 0, size)
        expected.fill(index + 1)
      }
    }),
  )
})

test('a file that grows page by page is rarely copied, and one that shrinks gives memory back', () => {
  const node = { contents: new Uint8Array(0), usedBytes: 0 }
  const buffers = new Set<ArrayBufferLike>()
  for (let bytes = 8192; bytes <= 8192 * 1000; bytes += 8192) {
    resizeGenerously(node, bytes)
    buffers.add(node.contents.buffer)
  }
  expect(buffers.size).toBeLessThan(15)
  resizeGenerously(node, 8192)
  expect(node.contents.length).toBe(8192)
})
