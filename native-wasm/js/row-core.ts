/**
 * What an implementation of the decoder has to provide: a buffer that is scanned and encoded. Everything that
 * both do alike (limits, skipping, errors) is in buffered-row-decoder.ts, which alone uses this.
 */

import type { BackendMessage } from './row-decoder.ts'

/** Rows lie densely at the start of the buffer, unread bytes behind them. */
export interface RowCore {
  readonly name: 'wasm' | 'twin'
  /** Rows scanned and not yet encoded, and the bytes of their messages. */
  readonly rows: number
  readonly rowBytes: number
  /** Bytes that no scan has consumed. */
  readonly unreadBytes: number
  readonly memoryBytes: number
  /** Where the last scan or encoding failed: row (of those kept), column, and the length or count that is wrong. */
  readonly failedRow: number
  readonly failedColumn: number
  readonly failedValue: number

  /** Kinds are valid and at most columnsMax; there are no rows. */
  setKinds(kinds: Uint8Array): void
  /** Copies `bytes` behind the unread ones. False when the machine has no memory left. */
  append(bytes: Uint8Array): boolean
  /** Consumes complete DataRows with the right number of columns; answers one of the scan… numbers of layout.ts. */
  scan(): number
  /** Consumes the message at which the last scan stopped with scanOtherMessage. */
  readMessage(): BackendMessage
  /** The unread bytes, as a view that is valid until the next call. */
  unread(): Uint8Array
  /** Consumes `count` unread bytes without looking at them. */
  drop(count: number): void
  /**
   * Checks, encodes and forgets the rows, and hands the batch to `read`, as a view that is valid only during the call.
   * Answers one of the scan… numbers instead if a row makes no sense, and scanNeedsMore if all is well.
   */
  encode(read: (batch: Uint8Array<ArrayBuffer>) => void): number
  /** Forgets rows and unread bytes; kinds stay. */
  clear(): void
}
