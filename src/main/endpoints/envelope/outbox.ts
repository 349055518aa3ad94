/**
 * What is on its way to one socket: gathers what is put out in one turn of the event loop into one message, notices a
 * client that does not read, and gives up on it. Knows no frame: only where each ends.
 */

import { WebSocket } from 'ws'
import type { Clock } from '../../../base/clock.ts'
import type { Disposable } from '../../../base/disposable.ts'
import type { Encoding } from '../../../protocol/protocol-limits.ts'

/** One message; what is more begins another. A frame of rows has as much, and goes out without being joined. */
const messageBytesTarget = 128 << 10
/** Above, no more rows are made for the client. */
const congestedBytes = 1 << 20
/** Below, they are again. */
const easedBytes = 256 << 10
/** What may wait when something is to be added; a frame alone may be longer. */
const waitingBytesMax = 16 << 20
/** How long a client may take nothing while there is something for it. */
const stalledTimeMaxMs = 30_000

type Piece = string | Uint8Array

export interface OutboxOptions {
  readonly socket: WebSocket
  readonly encoding: Encoding
  readonly clock: Clock
  /** There is room again. */
  onEased(): void
  /** The client does not read. */
  onStalled(): void
  onSent(byteCount: number): void
}

export class Outbox implements Disposable {
  readonly #options: OutboxOptions
  /** Of envelopes that are not sent, each in one or more pieces. */
  #pieces: Piece[] = []
  #envelopeCount = 0
  #byteCount = 0
  #isScheduled = false
  #isCongested = false
  #isClosed = false
  #stalled: Disposable | null = null
  /** When the timer was set. */
  #waitingBytesSeen = 0
  readonly #onWritten = (): void => this.#look()

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** No rows are wanted before `onEased`. */
  get isCongested(): boolean {
    return this.#isCongested
  }

  /** Puts out one envelope: text in JSON, a part otherwise. */
  put(...pieces: readonly Piece[]): void {
    if (this.#isClosed) return
    const isText = this.#options.encoding === 'json'
    if (isText && this.#envelopeCount > 0) this.#pieces.push(',')
    for (const piece of pieces) {
      this.#pieces.push(piece)
      this.#byteCount += piece.length
    }
    this.#envelopeCount += 1
    if (this.#byteCount >= messageBytesTarget) this.flush()
    else if (!this.#isScheduled) {
      this.#isScheduled = true
      setImmediate(() => {
        this.#isScheduled = false
        this.flush()
      })
    }
  }

  /** Sends what there is. */
  flush(): void {
    if (this.#envelopeCount === 0 || this.#isClosed) return
    const { socket, encoding } = this.#options
    if (socket.bufferedAmount > waitingBytesMax) {
      this.#options.onStalled()
      return
    }
    if (encoding === 'json' && this.#envelopeCount > 1) {
      this.#pieces.unshift('[')
      this.#pieces.push(']')
    }
    const message = joined(this.#pieces)
    this.#pieces = []
    this.#envelopeCount = 0
    this.#byteCount = 0
    if (socket.readyState !== WebSocket.OPEN) return
    this.#options.onSent(message.length)
    socket.send(message, { binary: encoding === 'msgpack' }, this.#onWritten)
    this.#look()
  }

  /** The socket is closed, or to be. */
  dispose(): void {
    this.#isClosed = true
    this.#pieces = []
    this.#stalled?.dispose()
    this.#stalled = null
  }

  #look(): void {
    if (this.#isClosed) return
    const waitingBytes = this.#options.socket.bufferedAmount
    if (waitingBytes >= congestedBytes) this.#isCongested = true
    if (this.#isCongested && waitingBytes <= easedBytes) {
      this.#isCongested = false
      this.#options.onEased()
    }
    this.#watch(waitingBytes)
  }

  #watch(waitingBytes: number): void {
    if (waitingBytes === 0) {
      this.#stalled?.dispose()
      this.#stalled = null
      return
    }
    if (this.#stalled) return
    this.#waitingBytesSeen = waitingBytes
    this.#stalled = this.#options.clock.after(stalledTimeMaxMs, () => this.#onTimeOver())
  }

  /** Who has taken something meanwhile is slow, which is allowed. */
  #onTimeOver(): void {
    this.#stalled = null
    const waitingBytes = this.#options.socket.bufferedAmount
    if (waitingBytes >= this.#waitingBytesSeen) this.#options.onStalled()
    else this.#watch(waitingBytes)
  }
}

function joined(pieces: readonly Piece[]): Piece {
  if (pieces.every((piece) => typeof piece === 'string')) return pieces.join('')
  const [only] = pieces
  if (pieces.length === 1 && only !== undefined) return only
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)))
}
