/**
 * The seam of the result path: backend bytes in, column batches and the other messages out. Implemented twice,
 * in WebAssembly (wasm-row-decoder.ts) and in TypeScript (twin-row-decoder.ts, oracle and fallback). Knows the
 * framing of the Postgres protocol and the layout of DataRow, and no statement, worker or engine.
 */

/** One complete backend message that is not a DataRow. `body` excludes type and length, and is a copy. */
export interface BackendMessage {
  /** The type byte, such as 0x5a (Z) for ReadyForQuery. */
  readonly type: number
  readonly body: Uint8Array
}

/** A row that is collected and encoded aside. */
export interface LargeRow {
  /** Whether it is a line of COPY, which becomes a row of one text column. */
  readonly isLine: boolean
  readonly isComplete: boolean
  /** Copies what belongs to the row; answers how many bytes that were. */
  push(bytes: Uint8Array): number
  /**
   * A batch of this one row, once it is complete. `turn` is awaited between two steps of some milliseconds. Throws
   * DecodeError when the row does not fit its columns.
   */
  encode(turn: () => Promise<void>): Promise<ArrayBuffer>
}

/**
 * Use: `push` bytes as they arrive, in pieces of any size; after each push call `next` until it answers null;
 * call `reset` when a RowDescription (or its cached knowledge) says what the following rows look like; call
 * `takeBatch` when enough rows are pending, and at the end of each result.
 */
export interface RowDecoder {
  readonly name: 'wasm' | 'twin'
  /** Why this is not the decoder that was asked for; null if it is. */
  readonly fallbackReason: string | null
  /** Column kinds (contract/column-batch.ts) of the rows to come. Pending rows must have been taken. */
  reset(kinds: Uint8Array): void
  /** Copies `bytes` in. They may be a view that is valid only during the call. */
  push(bytes: Uint8Array): void
  /**
   * Consumes complete DataRows up to the next other message and returns that one; null when more bytes are
   * needed. Throws DecodeError on bytes that cannot be a message, or a DataRow with another number of columns.
   */
  next(): BackendMessage | null
  /**
   * When `next` has answered null because of a DataRow or CopyData message of at least `bytesMin` bytes: takes what
   * has arrived of it out, for whoever collects and encodes it aside, without holding up its thread. Rows before it
   * stay pending; the next `push` brings what follows that message. null when there is no such message.
   */
  takeLargeRow(bytesMin: number): LargeRow | null
  /** Complete rows not yet taken, and the bytes of their messages. */
  readonly pendingRows: number
  readonly pendingBytes: number
  /** Memory held for buffers. After a huge row it is given back once nothing is pending. */
  readonly memoryBytes: number
  /**
   * Encodes all pending rows as one batch of exactly the needed size, which the caller owns; null if none. Throws
   * DecodeError if one of them does not fit the kinds.
   */
  takeBatch(): ArrayBuffer | null
  /**
   * As takeBatch, for a caller that has a place for the batch: hands `read` a view of it that is valid only during
   * the call, and answers what `read` answers; null if no rows are pending.
   */
  readBatch<T>(read: (batch: Uint8Array<ArrayBuffer>) => T): T | null
  /** Forgets everything, as after an engine restart. Memory is kept for the next use. */
  clear(): void
}

/**
 * Why decoding failed. `malformed` and `out-of-memory`: the decoder refuses everything until `clear`.
 * `too-large`: that one message is passed over, the rows before it stay pending and decoding can go on.
 */
export type DecodeFailure = 'malformed' | 'too-large' | 'out-of-memory'

/** The bytes are not what the protocol, the column kinds or the limits say they must be. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
  readonly reason: DecodeFailure

  constructor(message: string, reason: DecodeFailure = 'malformed') {
    super(message)
    this.reason = reason
  }
}
