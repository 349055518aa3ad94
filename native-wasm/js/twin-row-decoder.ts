/**
 * The decoder in plain TypeScript: what runs where WebAssembly cannot, and what the WebAssembly one is compared
 * with. Written to be obviously right first and quick second; its batches are byte for byte the same.
 */

import { BufferedRowDecoder } from './buffered-row-decoder.ts'
import * as layout from './layout.ts'
import type { RowCore } from './row-core.ts'
import { planBatch } from './twin-batch-plan.ts'
import { encodeColumn } from './twin-column-encoder.ts'
import type { BackendMessage, RowDecoder } from './row-decoder.ts'

/** The buffer at its first use; it doubles from there. */
const bufferBytesMin = 64 << 10
/** A larger buffer is given back once it is empty: one huge row should not cost memory for ever. */
const bufferKeptBytesMax = 16 << 20
const rowStartsMin = 1024

/** Makes a decoder that needs nothing but JavaScript. */
export function createTwinRowDecoder(fallbackReason: string | null = null): RowDecoder {
  return new BufferedRowDecoder(new TwinRowCore(), fallbackReason)
}

class TwinRowCore implements RowCore {
  readonly name = 'twin'
  rows = 0
  rowBytes = 0
  failedColumn = 0
  failedValue = 0
  #kinds: Uint8Array = new Uint8Array(0)
  #nullCounts = new Uint32Array(0)
  #heapBytes = new Uint32Array(0)
  #bytes = new Uint8Array(bufferBytesMin)
  #view = new DataView(this.#bytes.buffer)
  #rowStarts = new Uint32Array(rowStartsMin)
  /** The unread bytes are those from #cursor to #end; the rows end at rowBytes. */
  #cursor = 0
  #end = 0

  get unreadBytes(): number {
    return this.#end - this.#cursor
  }

  get memoryBytes(): number {
    return this.#bytes.length + this.#rowStarts.byteLength
  }

  setKinds(kinds: Uint8Array): void {
    this.#kinds = kinds
    this.#nullCounts = new Uint32Array(kinds.length)
    this.#heapBytes = new Uint32Array(kinds.length)
  }

  append(bytes: Uint8Array): boolean {
    this.#closeGap()
    const needed = this.#end + bytes.length
    if (needed > this.#bytes.length && !this.#resize(Math.max(needed, this.#bytes.length * 2))) return false
    this.#bytes.set(bytes, this.#end)
    this.#end = needed
    return true
  }

  scan(): number {
    const view = this.#view
    while (this.unreadBytes >= layout.messageHeaderBytes) {
      const length = view.getInt32(this.#cursor + 1)
      this.failedValue = length
      if (length < layout.messageLengthMin || length > layout.messageLengthMax) return layout.scanBadLength
      if (length + 1 > layout.messageBytesMax) return layout.scanTooLarge
      if (this.unreadBytes < length + 1) return layout.scanNeedsMore
      if (view.getUint8(this.#cursor) !== layout.dataRowType) return layout.scanOtherMessage
      const status = this.#scanRow(length + 1)
      if (status !== layout.scanNeedsMore) return status
    }
    return layout.scanNeedsMore
  }

  readMessage(): BackendMessage {
    const start = this.#cursor
    const end = start + 1 + this.#view.getInt32(start + 1)
    this.#cursor = end
    return {
      type: this.#view.getUint8(start),
      body: this.#bytes.slice(start + layout.messageHeaderBytes, end),
    }
  }

  drop(count: number): void {
    this.#cursor += count
  }

  encode(): ArrayBuffer | null {
    const plan = planBatch({
      kinds: this.#kinds,
      rows: this.rows,
      nullCounts: this.#nullCounts,
      heapBytes: this.#heapBytes,
    })
    const batch = plan.createBuffer()
    if (batch === null) return null
    const source = {
      bytes: this.#bytes,
      view: this.#view,
      cursors: this.#rowStarts.subarray(0, this.rows),
    }
    for (const column of plan.columns) encodeColumn(column, source, batch)
    this.#forgetRows()
    return batch
  }

  clear(): void {
    this.#cursor = this.#end
    this.#forgetRows()
  }

  #forgetRows(): void {
    this.rows = 0
    this.rowBytes = 0
    this.#nullCounts.fill(0)
    this.#heapBytes.fill(0)
    this.#closeGap()
    if (this.memoryBytes <= bufferKeptBytesMax || this.#end > bufferKeptBytesMax / 2) return
    this.#resize(Math.max(bufferBytesMin, this.#end))
    this.#rowStarts = new Uint32Array(rowStartsMin)
  }

  /** Checks the row at the cursor, keeps it and moves past it. Nothing is kept of a row that is refused. */
  #scanRow(messageBytes: number): number {
    const view = this.#view
    const start = this.#cursor
    const end = start + messageBytes
    let at = start + layout.messageHeaderBytes + 2
    this.failedColumn = 0
    if (at > end) return layout.scanBeyondMessage
    this.failedValue = view.getUint16(at - 2)
    if (this.failedValue !== this.#kinds.length) return layout.scanColumnCount
    for (let column = 0; column < this.#kinds.length; column++) {
      this.failedColumn = column
      if (at + 4 > end) return layout.scanBeyondMessage
      const length = view.getInt32(at)
      at += 4
      this.failedValue = length
      if (length < -1) return layout.scanNegativeLength
      if (length === -1) {
        add(this.#nullCounts, column, 1)
        continue
      }
      if (length > end - at) return layout.scanBeyondMessage
      if (!fits(this.#kinds[column], length)) return layout.scanWrongWidth
      add(this.#heapBytes, column, length)
      at += length
    }
    this.failedValue = end - at
    if (at !== end) return layout.scanTrailingBytes
    return this.#keepRow(messageBytes)
  }

  #keepRow(messageBytes: number): number {
    if (this.rows === this.#rowStarts.length) {
      const larger = new Uint32Array(this.rows * 2)
      larger.set(this.#rowStarts)
      this.#rowStarts = larger
    }
    if (this.rowBytes !== this.#cursor) {
      this.#bytes.copyWithin(this.rowBytes, this.#cursor, this.#cursor + messageBytes)
    }
    this.#rowStarts[this.rows] = this.rowBytes + layout.messageHeaderBytes + 2
    this.rows += 1
    this.rowBytes += messageBytes
    this.#cursor += messageBytes
    return layout.scanNeedsMore
  }

  /** Moves the unread bytes down to the rows, over what has been consumed. */
  #closeGap(): void {
    if (this.#cursor === this.rowBytes) return
    this.#bytes.copyWithin(this.rowBytes, this.#cursor, this.#end)
    this.#end = this.rowBytes + this.unreadBytes
    this.#cursor = this.rowBytes
  }

  #resize(bytes: number): boolean {
    const resized = tryAllocate(bytes)
    if (resized === null) return false
    resized.set(this.#bytes.subarray(0, this.#end))
    this.#bytes = resized
    this.#view = new DataView(resized.buffer)
    return true
  }
}

function fits(kind: number | undefined, length: number): boolean {
  switch (kind) {
    case layout.kindBool:
      return length === 1
    case layout.kindInt32:
      return length === 2 || length === 4
    case layout.kindUint32:
      return length === 4
    case layout.kindInt64:
    case layout.kindFloat64:
      return length === 8
    default:
      return true
  }
}

function add(counts: Uint32Array, index: number, amount: number): void {
  counts[index] = (counts[index] ?? 0) + amount
}

function tryAllocate(bytes: number): Uint8Array<ArrayBuffer> | null {
  try {
    return new Uint8Array(bytes)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
