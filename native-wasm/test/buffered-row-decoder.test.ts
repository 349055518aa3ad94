/** What happens at the limits of memory, with a core that only claims to be full. */

import { expect, test } from 'vitest'
import { BufferedRowDecoder } from '../js/buffered-row-decoder.ts'
import * as layout from '../js/layout.ts'
import type { RowCore } from '../js/row-core.ts'

function fakeCore(claims: Partial<RowCore>): RowCore {
  return {
    name: 'twin',
    rows: 0,
    rowBytes: 0,
    unreadBytes: 0,
    memoryBytes: 0,
    failedRow: 0,
    failedColumn: 0,
    failedValue: 0,
    setKinds: () => {},
    append: () => true,
    scan: () => layout.scanNeedsMore,
    readMessage: () => ({ type: 0, body: new Uint8Array(0) }),
    unread: () => new Uint8Array(0),
    drop: () => {},
    encode: () => layout.scanNeedsMore,
    clear: () => {},
    ...claims,
  }
}

test('what waits to be decoded is bounded', () => {
  const [rowBytes, unreadBytes] = [layout.arenaBytesMax / 2, layout.arenaBytesMax / 2 - 2]
  const decoder = new BufferedRowDecoder(fakeCore({ rows: 1, rowBytes, unreadBytes }))
  decoder.push(new Uint8Array(2))
  expect(() => decoder.push(new Uint8Array(3))).toThrow('More than 320 MiB wait to be decoded')
})

test('memory that the machine does not give is an error, wherever it is missed', () => {
  const outOfMemory = expect.objectContaining({ name: 'DecodeError', reason: 'out-of-memory' })
  const appending = new BufferedRowDecoder(fakeCore({ append: () => false }))
  expect(() => appending.push(new Uint8Array(1))).toThrow(outOfMemory)
  const scanning = new BufferedRowDecoder(fakeCore({ scan: () => layout.scanOutOfMemory }))
  expect(() => scanning.next()).toThrow(outOfMemory)
  const encoding = new BufferedRowDecoder(fakeCore({ rows: 1, encode: () => layout.scanOutOfMemory }))
  expect(() => encoding.takeBatch()).toThrow(outOfMemory)
  encoding.clear()
  expect(encoding.next()).toBeNull()
})
