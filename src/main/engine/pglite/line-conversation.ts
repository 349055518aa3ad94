/**
 * One client's conversation on the line, on the host's side: gates what it sends, and keeps count of what the
 * backend has taken and answered. Knows no other conversation.
 */

import { onDispose, type Disposable } from '../../../base/disposable.ts'
import { WorkbenchError } from '../../../contract/error.ts'
import type { TransactionState } from '../../../contract/statement.ts'
import type {
  ConversationListener,
  ConversationState,
  EngineConversation,
  SessionTimeouts,
} from '../engine.ts'
import { TurnWaiters } from './activity.ts'
import { belongsIntoCopy } from './channel-input.ts'
import { FrontendGate, RefusedMessageError } from './frontend-gate.ts'
import { frameHeadBytes } from '../protocol/message-frames.ts'
import { frameBytesMax, type RingFrame } from './frame-ring.ts'
import { timeoutsOf } from './sessions/current-timeouts.ts'
import {
  aheadStates,
  expiryFlags,
  inputFlags,
  inputKinds,
  outputFlags,
  outputKinds,
  transactionOfFlags,
  type SharedLine,
} from './shared-line.ts'

const nothing = new Uint8Array(0)
const nothingKept: readonly Uint8Array[] = []

/** Data of a COPY that the backend may be behind with. */
const copyWindowBytes = 1 << 20

/** What is to end. */
export interface LineCancel {
  readonly turn: number
  /** Whether something else runs by now, which it was not meant for; its answer may not have come yet. */
  isOver(): boolean
}

export interface LineConversationOptions {
  readonly place: number
  readonly session: number
  readonly shared: SharedLine
  readonly timeouts: SessionTimeouts
  readonly listener: ConversationListener
  /** `flags`: of the frame. `askedAtMs`: when it was to be sent, on the monotonic clock; unless given, now. */
  send(
    kind: number,
    bytes: Uint8Array,
    how?: { readonly flags?: number; readonly askedAtMs?: number | undefined },
  ): void
  cancel(asked: LineCancel, ended: Promise<void>): Promise<void>
  /** There will be output soon, or there is nothing to wait for. */
  expect(isRunning: boolean): void
  /** The worker may go on. */
  wake(): void
  /** `text` as in SharedLine's `aheadStates`. */
  setAhead(state: number, text: Uint8Array): void
  /** The worker is to forget it; `isUrgent`: the backend is in the middle of something of it. */
  end(isUrgent: boolean): void
}

export class LineConversation implements EngineConversation {
  readonly #options: LineConversationOptions
  readonly #gate = new FrontendGate()
  readonly #waiters = new TurnWaiters()
  readonly #count: Disposable
  readonly #closed = Promise.withResolvers<void>()
  #timeouts: SessionTimeouts
  #transaction: TransactionState = 'idle'
  /** Modulo 2^32, as signed numbers. */
  #sentBytes = 0
  #takenBytes = 0
  #isReady = true
  #isCopying = false
  #isStarved = false
  /** Has been sent, and the backend has not come to rest behind it. */
  #isRunning = false
  #isDisposed = false
  #isClosed = false
  #failure: WorkbenchError | null = null
  /** What was sent together last, until it is known that it need not be sent again. */
  #kept: readonly Uint8Array[] = nothingKept
  /** Nobody is left who would have to forget it. */
  #isEngineGone = false
  /** The worker has been asked to forget it. */
  #hasLeft = false
  #ahead: ConversationState['ahead'] = null

  constructor(options: LineConversationOptions) {
    this.#options = options
    this.#timeouts = options.timeouts
    this.#count = onDispose('engine-conversation', () => this.#close())
  }

  get session(): number {
    return this.#options.session
  }

  get state(): ConversationState {
    return {
      transaction: this.#transaction,
      isReady: this.#isReady && !this.#isRunning,
      isRunning: this.#isRunning,
      isStarved: this.#isStarved,
      timeouts: this.#timeouts,
      ahead: this.#ahead,
    }
  }

  /** Whether the backend can be anybody's. */
  get isResting(): boolean {
    if (this.#isClosed || this.#hasLeft || this.#failure) return true
    return !this.#isDisposed && !this.#isRunning && this.#isReady && this.#transaction === 'idle'
  }

  get hasLeft(): boolean {
    return this.#isDisposed
  }

  get isInTransaction(): boolean {
    return this.#transaction !== 'idle'
  }

  /** Whether the transaction that its client has been told of begins with what it has sent. */
  get isToBegin(): boolean {
    return this.#ahead !== null && this.#isRunning
  }

  /** Whether the worker waits for what its client has, and not the other way around. */
  get isCopying(): boolean {
    return this.#isCopying
  }

  get mayCopy(): boolean {
    return this.#isCopying && ((this.#sentBytes - this.#takenBytes) | 0) < copyWindowBytes
  }

  send(pieces: readonly Uint8Array[], askedAtMs?: number): boolean {
    if (this.#hasLeft) throw closedError()
    if (this.#failure) throw this.#failure
    const messages = this.#passed(pieces)
    return this.#offer(messages, askedAtMs)
  }

  sendAgain(): boolean {
    if (this.#failure || this.#hasLeft) return false
    return this.#offer(this.#kept)
  }

  #offer(messages: readonly Uint8Array[], askedAtMs?: number): boolean {
    if (messages.length === 0) return false
    const { place, shared } = this.#options
    let flags = 0
    if (!this.#isRunning) {
      // What is longer than a frame is moved into the worker.
      const isKept = messages.every(({ length }) => length <= frameBytesMax)
      flags = inputFlags.begins | (isKept ? 0 : inputFlags.isGivenAway)
      this.#kept = isKept ? messages : nothingKept
      shared.offer(place)
    }
    this.#isRunning = true
    this.#isStarved = false
    for (const message of messages) {
      this.#sentBytes = (this.#sentBytes + message.length) | 0
      this.#options.send(inputKinds.data, message, { flags, askedAtMs })
      flags = 0
    }
    this.#options.expect(true)
    return true
  }

  #passed(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
    try {
      if (pieces.length === 1) return this.#gate.push(pieces[0] ?? nothing)
      return pieces.flatMap((piece) => this.#gate.push(piece))
    } catch (error) {
      if (!this.#isCopying || !(error instanceof RefusedMessageError) || belongsIntoCopy(error.type))
        throw error
      this.refuse(misplaced(error.type))
      return []
    }
  }

  beginAhead(begin: Uint8Array): boolean {
    const isBetween = this.#transaction === 'idle' && this.#isReady && !this.#isRunning
    if (this.#hasLeft || this.#failure || !isBetween || this.#timeouts.isTransactionBounded) return false
    this.#ahead = 'open'
    this.#options.setAhead(aheadStates.open, textOf(begin))
    return true
  }

  endAhead(end: Uint8Array): boolean {
    if (this.#ahead === null || this.#isRunning || this.#hasLeft || this.#failure) return false
    this.#ahead = null
    this.#options.setAhead(aheadStates.ended, textOf(end))
    return true
  }

  failAhead(): void {
    if (this.#ahead !== 'open') return
    this.#ahead = 'failed'
    this.#options.setAhead(aheadStates.failed, nothing)
  }

  waitsNoMore(): void {
    if (this.#isDisposed) return
    this.#kept = nothingKept
    this.#options.expect(false)
    this.#options.send(inputKinds.waitsNoMore, nothing)
  }

  withdraw(): boolean {
    // In the middle of a transaction it is begun at once, and cancelled then.
    if (this.#transaction !== 'idle' || !this.#isReady) return false
    return this.#isRunning && this.#options.shared.withdraw(this.#options.place)
  }

  async cancel(): Promise<void> {
    if (!this.#isRunning || this.#hasLeft) return
    const { place, shared } = this.#options
    const { running } = shared
    const isPinned = this.#transaction !== 'idle' || !this.#isReady
    // Whoever is in the middle of something may not have begun; unless another runs: then it is not any more.
    if (running !== place && (running !== 0 || !isPinned)) return
    const { turn } = shared
    const isOver = (): boolean => shared.turn !== turn || this.#isPassedBy
    await this.#options.cancel({ turn, isOver }, this.#turnEnded(turn))
  }

  /** Whether somebody else runs something, so that the backend is in the middle of nothing of it. */
  get #isPassedBy(): boolean {
    const { running } = this.#options.shared
    return running !== 0 && running !== this.#options.place
  }

  hold(isHeld: boolean): void {
    if (this.#isDisposed) return
    this.#options.shared.hold(this.#options.place, isHeld)
    if (!isHeld) this.#options.wake()
  }

  dispose(): void {
    this.#count.dispose()
  }

  onFrame(frame: RingFrame): void {
    const { kind, turn, takenBytes, flags, bytes } = frame
    if (kind === outputKinds.refused) {
      this.refuse(misplaced(bytes[0] ?? 0))
      return
    }
    const { listener } = this.#options
    this.#takenBytes = takenBytes
    this.#transaction = transactionOfFlags(flags)
    this.#waiters.reached(turn)
    if (this.#isDisposed) return
    if ((flags & outputFlags.waits) !== 0) {
      this.#rest(flags)
      // It will be told when it may go on.
      this.#options.expect(true)
      listener.onWait({ answered: copyOf(bytes) })
      return
    }
    // What was withdrawn has begun nothing.
    if ((flags & outputFlags.isWithdrawn) === 0) this.#ahead = null
    if (bytes.length > 0) listener.onOutput(copyOf(bytes))
    // Whoever left at that has nothing more to be told, and keeps the backend for nobody.
    if (this.#isDisposed) return
    const hasRested = (flags & outputFlags.rests) !== 0 && takenBytes === this.#sentBytes
    this.#isCopying = (flags & outputFlags.isCopying) !== 0
    if (hasRested) {
      this.#kept = nothingKept
      this.#rest(flags)
    }
    if (hasRested || this.mayCopy) listener.onRest()
  }

  onFree(): void {
    // It may have given up waiting, and run something else already.
    this.#options.expect(this.#isRunning)
    if (!this.#isDisposed) this.#options.listener.onFree()
  }

  onTimeouts(bytes: Uint8Array): void {
    this.#timeouts = timeoutsOf([...new Int32Array(bytes.slice().buffer)])
  }

  onExpired(flags: number): void {
    const isRunning = (flags & expiryFlags.running) !== 0
    const isIdle = (flags & expiryFlags.idleInTransaction) !== 0
    if (this.#isDisposed) return
    this.#options.listener.onExpired({ reason: isIdle ? 'idle-in-transaction' : 'transaction', isRunning })
  }

  /** The worker knows it no more. */
  onClosed(): void {
    this.#isClosed = true
    this.#waiters.reached(Infinity)
    this.#closed.resolve()
  }

  /** The engine has ended, or is about to. */
  fail(error: WorkbenchError): void {
    this.#isEngineGone = true
    this.refuse(error)
  }

  /** It alone cannot go on. */
  refuse(error: WorkbenchError): void {
    if (this.#failure || this.#hasLeft) return
    this.#failure = error
    this.#waiters.reached(Infinity)
    if (!this.#isDisposed) this.#options.listener.onFailed(error)
  }

  #rest(flags: number): void {
    this.#isRunning = this.#isCopying
    this.#isStarved = this.#isCopying
    this.#isReady = (flags & outputFlags.isReady) !== 0
    if (!this.#isCopying) this.#waiters.reached(Infinity)
    // A COPY may end without being sent anything, by a cancel or a timeout.
    this.#options.expect(this.#isCopying)
  }

  #turnEnded(turn: number): Promise<void> {
    return this.#waiters.wait(turn)
  }

  #close(): void {
    const { place, shared } = this.#options
    // As the backend is, whatever has failed on the host's side.
    const isUrgent = this.#isRunning || !this.#isReady || this.#transaction !== 'idle'
    this.#isDisposed = true
    if (this.#isEngineGone) return
    this.#hasLeft = true
    shared.leave(place)
    this.#options.end(isUrgent)
    // What rests has nothing to cancel, though the worker may still be about to say that nothing runs.
    const asked = { turn: shared.turn, isOver: () => this.#isPassedBy }
    if (isUrgent && shared.running === place) void this.#options.cancel(asked, this.#closed.promise)
  }
}

/** With its NUL. */
function textOf(query: Uint8Array): Uint8Array {
  return query.subarray(frameHeadBytes)
}

function closedError(): WorkbenchError {
  return new WorkbenchError('closed', 'The conversation has been closed; open another')
}

/** As CopyGetData says it (commands/copyfromparse.c). */
function misplaced(type: number): WorkbenchError {
  const digits = type.toString(16).toUpperCase().padStart(2, '0')
  return new WorkbenchError('invalid-message', `unexpected message type 0x${digits} during COPY from stdin`)
}

/** What the ring holds is overwritten. */
function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.allocUnsafe(bytes.length)
  copy.set(bytes)
  return copy
}
