/**
 * One raw protocol conversation, in the worker: hands a program's messages to the backend and what it answers
 * to the host, waits for either side where it must, and brings the backend back to idle when the program has
 * gone, whatever it was in the middle of.
 */

import { WorkbenchError, toWireError } from '../../../contract/error.ts'
import type { TransactionState } from '../../../contract/statement.ts'
import type { Conversation } from './backend-loop.ts'
import { backendTypes, transactionStateOf } from '../protocol/backend-message.ts'
import { ChannelInput } from './channel-input.ts'
import type { HostMessage } from './engine-message.ts'
import {
  bindMessage,
  copyFailMessage,
  queryMessage,
  syncMessage,
  type Pieces,
} from '../protocol/frontend-message.ts'
import { FrameScanner } from '../protocol/message-frames.ts'
import { ownSession } from './sessions/own-session.ts'
import type { RunningTurn } from './running-turn.ts'
import type { WorkerContext } from './worker-context.ts'

/** Output is gathered up to this many bytes; eight of the backend's own buffers make one message to the host. */
const gatheredBytesMax = 64 << 10
/** Output of a slow statement leaves at least this often. */
const gatherTimeMaxMs = 5

/** Fails, and aborts the transaction with it: nobody prepares a statement of that name. */
const failingBind = bindMessage({ statementName: '_wardian_left', parameters: [], resultFormats: [] })

/** What this conversation needs beside the context. */
export interface ChannelOptions {
  readonly activity: number
  readonly running: RunningTurn
  /** The next message of the host, if there is one. */
  receive(): HostMessage | undefined
}

export class ChannelRun implements Conversation {
  readonly #context: WorkerContext
  readonly #options: ChannelOptions
  readonly #input = new ChannelInput()
  readonly #scanner = new FrameScanner((type, first) => this.#onBackendFrame(type, first))
  readonly #gathered = new Uint8Array(gatheredBytesMax)
  #gatheredBytes = 0
  #postedAtMs = 0
  #isUrgent = false
  #isEnded = false
  #transaction: TransactionState
  /** How much input had been handed over when the last ReadyForQuery was sent. */
  #readyAtBytes = 0

  constructor(context: WorkerContext, options: ChannelOptions) {
    this.#context = context
    this.#options = options
    this.#transaction = context.transaction
  }

  /** Returns when the channel has been ended and the backend is idle. */
  run(): void {
    const { loop } = this.#context
    while (this.#hasInput()) loop.step()
    this.#bringToIdle()
    this.#context.transaction = this.#transaction
  }

  read(bytesMax: number): Uint8Array {
    const bytes = this.#input.isNextForbidden ? this.#refuse() : this.#input.take(bytesMax)
    if (bytes.length > 0) return bytes
    // Only COPY FROM STDIN asks for more than the messages it was called for.
    if (!this.#isEnded && this.#waitForInput()) return this.read(bytesMax)
    this.#push(copyFailMessage(this.#isEnded ? 'the client has gone' : 'canceled by request'))
    return this.#input.take(bytesMax)
  }

  write(bytes: Uint8Array): void {
    this.#scanner.scan(bytes)
    if (this.#isEnded || this.#context.signals.isEnded(this.#options.activity)) return
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + gatheredBytesMax - this.#gatheredBytes)
      this.#gathered.set(part, this.#gatheredBytes)
      this.#gatheredBytes += part.length
      at += part.length
      if (this.#gatheredBytes === gatheredBytesMax) this.#flush()
    }
    if (this.#isUrgent || this.#context.nowMs() - this.#postedAtMs >= gatherTimeMaxMs) this.#flush()
  }

  /** Waits until there is something for the backend to do; false when the channel has been ended. */
  #hasInput(): boolean {
    const { loop } = this.#context
    if (loop.hasInput) return true
    while (this.#input.isEmpty && !this.#isEnded) this.#waitForInput()
    return !this.#isEnded
  }

  /** Blocks until the host has sent something; false when it is the end, or the statement's cancel. */
  #waitForInput(): boolean {
    const { signals, output } = this.#context
    const { activity, running } = this.#options
    this.#flush()
    const { takenBytes, isCopying } = this.#input
    output.post({ kind: 'channel-hungry', activity, takenBytes, isCopying })
    const message = signals.waitFor(
      () =>
        this.#options.receive() ??
        (isCopying && this.#context.isToEnd(activity, running.turn) ? ('cancelled' as const) : undefined),
    )
    if (message === 'cancelled') return false
    if (message.kind === 'channel-input') this.#input.push(message.messages)
    else if (message.kind === 'channel-end') this.#isEnded = true
    return !this.#isEnded
  }

  /** Undoes whatever the program was in the middle of. */
  #bringToIdle(): void {
    const { loop } = this.#context
    this.#isEnded = true
    this.#input.discard()
    // Sync would commit what a client that has left never finished.
    if (this.#input.takenBytes !== this.#readyAtBytes) this.#push(failingBind)
    this.#push(syncMessage())
    this.#settle()
    if (this.#transaction !== 'idle') {
      this.#push(queryMessage('rollback'))
      this.#settle()
    }
    loop.clearCancel()
    // What the engine itself reads is UTF-8; a session of a client keeps what it has set.
    if (this.#context.sessions.current !== ownSession) return
    this.#push(queryMessage(`set client_encoding to 'UTF8'`))
    this.#settle()
  }

  #settle(): void {
    const { loop } = this.#context
    while (!this.#input.isEmpty || loop.hasInput) loop.step()
  }

  /** Puts in messages of the engine's own, which do not count as the program's. */
  #push(pieces: Pieces): void {
    this.#input.push(pieces)
    for (const piece of pieces) this.#input.takenBytes -= piece.length
  }

  /** The program sent what would end the backend: it is told, and the COPY fails instead. */
  #refuse(): Uint8Array {
    const { activity } = this.#options
    const error = new WorkbenchError(
      'invalid-message',
      'A message arrived that cannot be sent while COPY FROM STDIN runs; close the connection',
    )
    this.#context.output.post({ kind: 'channel-refused', activity, error: toWireError(error) })
    this.#isEnded = true
    this.#input.discard()
    return new Uint8Array(0)
  }

  #onBackendFrame(type: number, firstBodyByte: number): void {
    switch (type) {
      case backendTypes.readyForQuery:
        this.#transaction = transactionStateOf(firstBodyByte)
        this.#readyAtBytes = this.#input.takenBytes
        this.#options.running.nextTurn()
        break
      case backendTypes.copyInResponse:
        this.#input.isCopying = true
        break
      case backendTypes.errorResponse:
        this.#input.isCopying = false
        break
      case backendTypes.noticeResponse:
        this.#isUrgent = true
        break
      default:
        break
    }
  }

  #flush(): void {
    if (this.#gatheredBytes === 0) return
    const { signals, output, nowMs } = this.#context
    const { activity, running } = this.#options
    const bytes = this.#gathered.slice(0, this.#gatheredBytes)
    this.#gatheredBytes = 0
    this.#isUrgent = false
    output.postWithin(
      {
        kind: 'channel-output',
        activity,
        bytes,
        turn: running.turn,
        transaction: this.#transaction,
        readyAtBytes: this.#readyAtBytes,
      },
      {
        costBytes: bytes.length,
        transfer: [bytes.buffer],
        isInterrupted: () => signals.isEnded(activity) || this.#context.isToEnd(activity, running.turn),
      },
    )
    this.#postedAtMs = nowMs()
  }
}
