/**
 * One raw conversation on the host's side: gates what a program writes, holds it back while the backend is
 * behind, and hands out what the backend answers under credit.
 */

import { onDispose, type Disposable } from '../../../base/disposable.ts'
import { Emitter } from '../../../base/event.ts'
import { WorkbenchError, fromWireError } from '../../../contract/error.ts'
import type { TransactionState } from '../../../contract/statement.ts'
import type { ProtocolChannel } from '../engine.ts'
import { TurnWaiters, type Activity, type ActivityMessage } from './activity.ts'
import type { HostMessage } from './engine-message.ts'
import { FrontendGate } from './frontend-gate.ts'
import { PullQueue } from '../result/pull-queue.ts'

/** Input that the worker may be behind with before writers wait: a few of the largest usual socket reads. */
const inputWindowBytes = 1 << 20

export interface ChannelActivityOptions {
  readonly number: number
  readonly transaction: TransactionState
  send(message: HostMessage, transfer?: readonly ArrayBuffer[]): void
  grant(bytes: number): void
  /** The channel has been disposed and waits for the backend to become idle. */
  onDisposed(): void
}

export class ChannelActivity implements Activity, ProtocolChannel {
  readonly number: number
  readonly output: AsyncIterable<Uint8Array>
  /** Resolves when the backend is idle after `dispose`. */
  readonly closed: Promise<void>
  readonly #options: ChannelActivityOptions
  readonly #gate = new FrontendGate()
  readonly #queue: PullQueue<Uint8Array>
  readonly #waiters = new TurnWaiters()
  readonly #writers = new Set<() => void>()
  readonly #count: Disposable
  readonly #didBecomeReady = new Emitter<null>()
  readonly onDidBecomeReady = this.#didBecomeReady.event
  #transaction: TransactionState
  #turn = 0
  #writtenBytes = 0
  #takenBytes = 0
  #readyAtBytes = 0
  /** Nothing runs: the backend has taken everything and waits, outside COPY. */
  #isWaiting = true
  #failure: WorkbenchError | null = null
  #isDisposed = false
  #isEnded = false
  #announceClosed: () => void = () => undefined

  constructor(options: ChannelActivityOptions) {
    this.number = options.number
    this.#options = options
    this.#transaction = options.transaction
    this.#count = onDispose('protocol-channel', () => this.#close())
    this.#queue = new PullQueue<Uint8Array>({
      onPulled: (bytes) => options.grant(bytes.length),
      onLeft: () => Promise.resolve(this.dispose()),
    })
    this.output = this.#queue
    this.closed = new Promise((resolve) => (this.#announceClosed = resolve))
  }

  get state(): { readonly transaction: TransactionState; readonly isReady: boolean } {
    const isReady = this.#gate.heldBytes === 0 && this.#readyAtBytes === this.#writtenBytes
    return { transaction: this.#transaction, isReady }
  }

  get cancellableTurn(): number | null {
    return this.#isWaiting || this.#isEnded ? null : this.#turn
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#throwFailure()
    const messages = this.#gate.push(bytes)
    if (messages.length > 0) {
      this.#isWaiting = false
      for (const message of messages) this.#writtenBytes += message.length
      const transfer = messages.map((message) => message.buffer)
      this.#options.send({ kind: 'channel-input', activity: this.number, messages }, transfer)
    }
    if (this.#writtenBytes - this.#takenBytes >= inputWindowBytes) await this.#roomForInput()
    // A failure that arrived meanwhile is the writer's to know.
    this.#throwFailure()
  }

  dispose(): void {
    this.#count.dispose()
  }

  onMessage(message: ActivityMessage): boolean {
    switch (message.kind) {
      case 'channel-output':
        this.#onOutput(message)
        return false
      case 'channel-hungry':
        this.#onHungry(message)
        return false
      case 'channel-refused':
        this.fail(fromWireError(message.error))
        return false
      case 'channel-closed':
        this.#isEnded = true
        this.#announceClosed()
        this.#waiters.reached(Infinity)
        return true
      default:
        return false
    }
  }

  fail(error: WorkbenchError): void {
    this.#failure ??= error
    this.#queue.fail(error)
    this.#releaseWriters()
    this.#waiters.reached(Infinity)
  }

  turnEnded(turn: number): Promise<void> {
    return this.#isEnded || this.#turn > turn ? Promise.resolve() : this.#waiters.wait(turn)
  }

  #onOutput(message: Extract<ActivityMessage, { kind: 'channel-output' }>): void {
    const { bytes, turn, transaction, readyAtBytes } = message
    const hasTurned = turn > this.#turn
    this.#transaction = transaction
    this.#turn = turn
    this.#readyAtBytes = readyAtBytes
    this.#onTaken(readyAtBytes)
    this.#waiters.reached(turn)
    if (this.#isDisposed) this.#options.grant(bytes.length)
    else this.#queue.push(bytes)
    if (hasTurned && !this.#isDisposed) this.#didBecomeReady.fire(null)
  }

  #onHungry(message: Extract<ActivityMessage, { kind: 'channel-hungry' }>): void {
    this.#onTaken(message.takenBytes)
    this.#isWaiting = message.takenBytes === this.#writtenBytes && !message.isCopying
    if (this.#isWaiting) this.#waiters.reached(Infinity)
  }

  #onTaken(takenBytes: number): void {
    this.#takenBytes = Math.max(this.#takenBytes, takenBytes)
    if (this.#writtenBytes - this.#takenBytes < inputWindowBytes) this.#releaseWriters()
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure
  }

  #roomForInput(): Promise<void> {
    return new Promise((resolve) => this.#writers.add(resolve))
  }

  #releaseWriters(): void {
    const writers = [...this.#writers]
    this.#writers.clear()
    for (const resolve of writers) resolve()
  }

  #close(): void {
    this.#isDisposed = true
    this.#didBecomeReady.dispose()
    this.#failure ??= new WorkbenchError('closed', 'The channel has been closed; open another')
    this.#queue.end()
    this.#releaseWriters()
    this.#options.onDisposed()
  }
}
