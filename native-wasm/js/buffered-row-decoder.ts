/**
 * The decoder as its callers see it, over either implementation: bounds what is buffered, passes over a message
 * that is too large, words the errors, and refuses everything after bytes that made no sense, since nothing
 * that follows them can be trusted. Knows no layout of rows.
 */

import * as layout from './layout.ts'
import { CollectedRow } from './large-row.ts'
import type { RowCore } from './row-core.ts'
import { DecodeError } from './row-decoder.ts'
import { inMebibytes, outOfMemory, rowFaultWords } from './row-fault-words.ts'
import type { BackendMessage, LargeRow, RowDecoder } from './row-decoder.ts'

/** See RowDecoder. After a DecodeError that is not `too-large`, only `clear` helps. */
export class BufferedRowDecoder implements RowDecoder {
  readonly name: 'wasm' | 'twin'
  readonly fallbackReason: string | null
  readonly #core: RowCore
  #kinds: Uint8Array = new Uint8Array(0)
  #rowsTaken = 0
  /** Bytes still to come of a message that was too large. */
  #skipBytes = 0
  #failure: DecodeError | null = null

  constructor(core: RowCore, fallbackReason: string | null = null) {
    this.fallbackReason = fallbackReason
    this.name = core.name
    this.#core = core
  }

  get pendingRows(): number {
    return this.#core.rows
  }

  get pendingBytes(): number {
    return this.#core.rowBytes
  }

  get memoryBytes(): number {
    return this.#core.memoryBytes
  }

  reset(kinds: Uint8Array): void {
    this.#refuseAfterFailure()
    if (this.#core.rows > 0) throw new Error('Take the pending rows before the columns change')
    if (kinds.some((kind) => kind < layout.kindBool || kind > layout.kindText)) {
      throw new TypeError('A column has an unknown kind')
    }
    if (kinds.length > layout.columnsMax) {
      throw new DecodeError(
        `A row of ${kinds.length} columns is wider than the ${layout.columnsMax} there can be`,
      )
    }
    this.#kinds = kinds.slice()
    this.#rowsTaken = 0
    this.#core.setKinds(this.#kinds)
  }

  push(bytes: Uint8Array): void {
    this.#refuseAfterFailure()
    const skipped = Math.min(this.#skipBytes, bytes.length)
    this.#skipBytes -= skipped
    if (skipped === bytes.length) return
    const core = this.#core
    const arriving = skipped > 0 ? bytes.subarray(skipped) : bytes
    if (core.rowBytes + core.unreadBytes + arriving.length > layout.arenaBytesMax) {
      throw this.#fail(new DecodeError(`More than ${inMebibytes(layout.arenaBytesMax)} wait to be decoded`))
    }
    if (!core.append(arriving)) throw this.#fail(outOfMemory())
  }

  next(): BackendMessage | null {
    this.#refuseAfterFailure()
    const status = this.#core.scan()
    if (status === layout.scanNeedsMore) return null
    if (status === layout.scanOtherMessage) return this.#core.readMessage()
    if (status === layout.scanTooLarge) throw this.#skipMessage()
    throw this.#fail(this.#describe(status))
  }

  takeLargeRow(bytesMin: number): LargeRow | null {
    this.#refuseAfterFailure()
    const core = this.#core
    if (core.unreadBytes < layout.messageHeaderBytes) return null
    const head = core.unread()
    const isRow = head[0] === layout.dataRowType
    const messageBytes = 1 + new DataView(head.buffer, head.byteOffset).getUint32(1)
    if (messageBytes < bytesMin || (!isRow && head[0] !== layout.copyDataType)) return null
    const large = new CollectedRow({ messageBytes, isRow, kinds: this.#kinds, rowNumber: this.#rowNumber })
    large.push(head)
    core.drop(head.length)
    if (isRow) this.#rowsTaken += 1
    return large
  }

  takeBatch(): ArrayBuffer | null {
    return this.readBatch(ownBuffer)
  }

  readBatch<T>(read: (batch: Uint8Array<ArrayBuffer>) => T): T | null {
    this.#refuseAfterFailure()
    const { rows } = this.#core
    if (rows === 0) return null
    let answer: T | null = null
    const status = this.#core.encode((batch) => (answer = read(batch)))
    if (status !== layout.scanNeedsMore) throw this.#fail(this.#describe(status))
    this.#rowsTaken += rows
    return answer
  }

  clear(): void {
    this.#core.clear()
    this.#failure = null
    this.#skipBytes = 0
    this.#rowsTaken = 0
    this.#kinds = new Uint8Array(0)
    this.#core.setKinds(this.#kinds)
  }

  get #rowNumber(): number {
    return this.#rowsTaken + this.#core.rows + 1
  }

  #skipMessage(): DecodeError {
    const messageBytes = this.#core.failedValue + 1
    const dropped = Math.min(messageBytes, this.#core.unreadBytes)
    this.#core.drop(dropped)
    this.#skipBytes = messageBytes - dropped
    const limit = inMebibytes(layout.messageBytesMax)
    return new DecodeError(
      `A message of ${inMebibytes(messageBytes)} is over the limit of ${limit}`,
      'too-large',
    )
  }

  #describe(status: number): DecodeError {
    const { failedRow, failedColumn, failedValue } = this.#core
    const row = this.#rowsTaken + failedRow + 1
    const fault = { status, row, column: failedColumn, value: failedValue }
    return rowFaultWords(fault, this.#kinds)
  }

  #fail(error: DecodeError): DecodeError {
    this.#failure = error
    return error
  }

  #refuseAfterFailure(): void {
    if (this.#failure) throw this.#failure
  }
}

/** The batch in a buffer of exactly its size: its own where it has one, else a copy. */
function ownBuffer(batch: Uint8Array<ArrayBuffer>): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = batch
  return byteLength === buffer.byteLength ? buffer : buffer.slice(byteOffset, byteOffset + byteLength)
}
