/**
 * What every carrier of messages looks like to the layers above. A port knows nothing of calls,
 * streams or contracts; it moves one message at a time, in order, or says that it is closed.
 */

import type { Disposable } from '../base/disposable.ts'

/** One message: a JSON-safe head, and raw buffers beside it that no carrier encodes as text. */
export interface PortMessage {
  readonly head: JsonValue
  readonly buffers: readonly ArrayBuffer[]
}

/** What survives every carrier unchanged. Anything else (bigint, Date, undefined) must be encoded first. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined }

/** Who listens to a port. */
export interface PortListener {
  onMessage(message: PortMessage): void
  /** Called once, whichever side closed; `reason` says why when the carrier knows. */
  onClose(reason: string): void
}

/** A two-way message channel. */
export interface Port extends Disposable {
  /**
   * Sends one message. Buffers are given away: where the carrier can transfer, the sender's are detached, where
   * it copies they are not; never touch them afterwards. Posting on a closed port is silently dropped, because
   * the listener has been told already. Throws a WorkbenchError, and sends nothing, when the message is too
   * large (`limit-exceeded`) or holds what no carrier can carry (`invalid-argument`).
   */
  post(message: PortMessage): void
  /** Starts delivery; messages that arrived before are delivered first. Called exactly once. */
  listen(listener: PortListener): void
  /** Bytes that the carrier still holds for a slow peer; 0 where the carrier cannot know. */
  readonly bufferedBytes: number
  /** Resolves when `bufferedBytes` has fallen under the carrier's low-water mark, or the port is closed. */
  drained(): Promise<void>
  /** Ends the port and tells both listeners why; `dispose` does the same without a particular reason. */
  close(reason: string): void
}
