/**
 * The decoder in plain TypeScript: what runs where WebAssembly cannot, and what the WebAssembly one is compared
 * with. Written to be obviously right first and quick second; its batches are byte for byte the same.
 */

import { BufferedRowDecoder } from './buffered-row-decoder.ts'
import * as layout from './layout.ts'
import type { RowCore } from './row-core.ts'
import { checkRows } from './twin-row-check.ts'
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
  failedRow = 0
  failedColumn = 0
  failedValue = 0
  #kinds: Uint8Array = new Uint8Array(0)
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
      this.failedRow = this.rows
      this.failedColumn = 0
      if (length + 1 < layout.rowHeaderBytes) return layout.scanBeyondMessage
      this.failedValue = view.getUint16(this.#cursor + layout.messageHeaderBytes)
      if (this.failedValue !== this.#kinds.length) return layout.scanColumnCount
      this.#keepRow(length + 1)
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

  unread(): Uint8Array {
    return this.#bytes.subarray(this.#cursor, this.#end)
  }

  drop(count: number): void {
    this.#cursor += count
  }

  encode(read: (batch: Uint8Array<ArrayBuffer>) => void): number {
    const starts = this.#rowStarts.subarray(0, this.rows)
    const counts = checkRows({ view: this.#view, kinds: this.#kinds, starts, end: this.rowBytes })
    if ('status' in counts) {
      this.failedRow = counts.row
      this.failedColumn = counts.column
      this.failedValue = counts.value
      return counts.status
    }
    const plan = planBatch(counts)
    const batch = plan.createBuffer()
    if (batch === null) return layout.scanOutOfMemory
    const cursors = starts.map((start) => start + layout.rowHeaderBytes)
    for (const column of plan.columns) {
      encodeColumn(column, { bytes: this.#bytes, view: this.#view, cursors }, batch)
    }
    this.#forgetRows()
    read(new Uint8Array(batch))
    return layout.scanNeedsMore
  }

  clear(): void {
    this.#cursor = this.#end
    this.#forgetRows()
  }

  #forgetRows(): void {
    this.rows = 0
    this.rowBytes = 0
    this.#closeGap()
    if (this.memoryBytes <= bufferKeptBytesMax || this.#end > bufferKeptBytesMax / 2) return
    this.#resize(Math.max(bufferBytesMin, this.#end))
    this.#rowStarts = new Uint32Array(rowStartsMin)
  }

  #keepRow(messageBytes: number): void {
    if (this.rows === this.#rowStarts.length) {
      const larger = new Uint32Array(this.rows * 2)
      larger.set(this.#rowStarts)
      this.#rowStarts = larger
    }
    if (this.rowBytes !== this.#cursor) {
      this.#bytes.copyWithin(this.rowBytes, this.#cursor, this.#cursor + messageBytes)
    }
    this.#rowStarts[this.rows] = this.rowBytes
    this.rows += 1
    this.rowBytes += messageBytes
    this.#cursor += messageBytes
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

function tryAllocate(bytes: number): Uint8Array<ArrayBuffer> | null {
  try {
    return new Uint8Array(bytes)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
