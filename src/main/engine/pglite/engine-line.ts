/**
 * The host's end of the line: the conversations of all clients of the wire with one engine. Moves frames both ways
 * and finds out that there are some, with as little waiting as the machine allows. Knows no byte of any
 * conversation.
 */

import { assert } from '../../../base/assert.ts'
import type { Clock } from '../../../base/clock.ts'
import type { WorkbenchError } from '../../../contract/error.ts'
import type { ConversationListener, EngineConversation, SessionTimeouts } from '../engine.ts'
import type { SessionSignal } from './builtins/signal-functions.ts'
import type { HostMessage } from './engine-message.ts'
import { frameBytesMax, type FrameHead, type RingFrame } from './frame-ring.ts'
import { LineConversation, type LineCancel } from './line-conversation.ts'
import { sentStamp } from './sent-stamp.ts'
import { inputKinds, outputKinds, placesMax, signalFlags, type SharedLine } from './shared-line.ts'
import { transferable } from './transferable.ts'

export interface EngineLineOptions {
  readonly shared: SharedLine
  /** By the port, for what is longer than a frame. */
  send(message: HostMessage, transfer: readonly ArrayBuffer[]): void
  wakeIfAsleep(): void
  /** As `wakeIfAsleep`, for what nobody waits for. */
  wakeLater(): void
  /** Whether the worker can put anything out while the host looks for it. */
  readonly mayLook: boolean
  readonly clock: Clock
  /** Asks for the end of a session's turn, until `ended` resolves. */
  cancel(asked: LineCancel & { readonly session: number }, ended: Promise<void>): Promise<void>
  /** SQL has asked it of a session. */
  onSignal(session: number, signal: SessionSignal): void
}

/** A conversation that begins. */
export interface LineOpening {
  readonly session: number
  /** As the session has begun. */
  readonly timeouts: SessionTimeouts
  readonly listener: ConversationListener
}

/** A frame that had no room. */
interface HeldFrame {
  readonly head: FrameHead
  readonly bytes: Uint8Array
}

const nothing = new Uint8Array(0)

export class EngineLine {
  /** Of this thread, that look for output: each but the only one leaves the turns of the event loop to all. */
  static #lookingCount = 0
  readonly #options: EngineLineOptions
  readonly #conversations = new Map<number, LineConversation>()
  readonly #freePlaces: number[] = []
  readonly #held: HeldFrame[] = []
  /** Places from which output will come. */
  readonly #running = new Set<number>()
  /** Places of those who have left in the middle of something, until the worker has brought it to an end. */
  readonly #leavingUrgently = new Set<number>()
  readonly #onFrame = (frame: RingFrame): void => this.#take(frame)
  readonly #look = (): void => {
    this.#isLooking = false
    EngineLine.#lookingCount -= 1
    this.#lookAgain()
  }
  #placeCount = 0
  #isDraining = false
  #isLooking = false
  #isLateLookDue = false
  #looksLeft = 0
  /** Looks since the worker took something in, or had nothing to. */
  #looksUntaken = 0
  /** Whose transaction is open, so that nobody else is answered; 0 for nobody's. */
  #holder = 0

  constructor(options: EngineLineOptions) {
    this.#options = options
  }

  /** Whether nobody runs anything, or is in the middle of anything. */
  get isResting(): boolean {
    for (const conversation of this.#conversations.values()) if (!conversation.isResting) return false
    return true
  }

  /**
   * Whether nothing runs that nobody waits for any more, and there is room to spare: of those who have left the worker
   * forgets as many as it is given time for.
   */
  get isSettled(): boolean {
    return this.#leavingUrgently.size === 0 && this.#conversations.size < placesMax / 2
  }

  /** Whether nobody converses. */
  get isEmpty(): boolean {
    for (const conversation of this.#conversations.values()) if (!conversation.hasLeft) return false
    return true
  }

  open({ session, timeouts, listener }: LineOpening): EngineConversation {
    const place = this.#freePlaces.pop() ?? ++this.#placeCount
    assert(place <= placesMax, 'An engine has as many conversations as its endpoint lets in')
    const { shared } = this.#options
    const conversation = new LineConversation({
      ...{ place, session, shared, timeouts, listener },
      send: (kind, bytes, { flags = 0, askedAtMs = this.#options.clock.monotonicMs() } = {}) =>
        this.#push({ ...noHead, kind, place, flags, turn: sentStamp(askedAtMs) }, bytes),
      cancel: (asked, ended) => this.#options.cancel({ session, ...asked }, ended),
      expect: (isRunning) => this.#expect(place, isRunning),
      wake: () => this.#options.wakeIfAsleep(),
      end: (isUrgent) => this.#end(place, isUrgent),
      setAhead: (flags, text) => this.#push({ ...noHead, kind: inputKinds.ahead, place, flags }, text, false),
    })
    shared.reset(place)
    this.#conversations.set(place, conversation)
    // It is read before anything that follows it; until then there is nothing to do.
    this.#push({ ...noHead, kind: inputKinds.open, place, turn: session }, nothing, false)
    return conversation
  }

  /** Takes what the worker has put out. */
  drain(): void {
    // What is told may answer at once, and look for output itself.
    if (this.#isDraining) return
    this.#isDraining = true
    try {
      const { shared } = this.#options
      if (shared.output.drain(this.#onFrame) > 0 && shared.isOutputFull) this.#options.wakeIfAsleep()
      this.#pushHeld()
    } finally {
      this.#isDraining = false
    }
  }

  /** A session could not begin, whose conversation has. */
  refuse(session: number, error: WorkbenchError): void {
    for (const conversation of [...this.#conversations.values()]) {
      if (conversation.session === session) conversation.refuse(error)
    }
  }

  /** The worker has ended, or is asked to. */
  fail(error: WorkbenchError): void {
    this.#running.clear()
    this.#held.length = 0
    for (const conversation of [...this.#conversations.values()]) conversation.fail(error)
  }

  /** Ends every conversation; the worker brings the backend to idle by itself. */
  dispose(): void {
    for (const conversation of [...this.#conversations.values()]) conversation.dispose()
  }

  #take(frame: RingFrame): void {
    const conversation = this.#conversations.get(frame.place)
    if (frame.kind === outputKinds.closed) {
      this.#conversations.delete(frame.place)
      this.#running.delete(frame.place)
      this.#leavingUrgently.delete(frame.place)
      this.#freePlaces.push(frame.place)
      if (this.#holder === frame.place) this.#holder = 0
      conversation?.onClosed()
    } else if (frame.kind === outputKinds.signal) {
      const signal = frame.flags === signalFlags.cancel ? 'cancel' : 'terminate'
      this.#options.onSignal(frame.turn, signal)
    } else if (frame.kind === outputKinds.free) conversation?.onFree()
    else if (frame.kind === outputKinds.expired) conversation?.onExpired(frame.flags)
    else if (frame.kind === outputKinds.timeouts) conversation?.onTimeouts(frame.bytes)
    else if (conversation) this.#takeOutput(conversation, frame)
  }

  #takeOutput(conversation: LineConversation, frame: RingFrame): void {
    conversation.onFrame(frame)
    if (conversation.isInTransaction) this.#holder = frame.place
    else if (this.#holder === frame.place) this.#holder = 0
  }

  #end(place: number, isUrgent: boolean): void {
    this.#push({ ...noHead, kind: inputKinds.end, place }, nothing, isUrgent)
    this.#expect(place, isUrgent)
    if (isUrgent) this.#leavingUrgently.add(place)
    else this.#options.wakeLater()
  }

  #push(head: FrameHead, bytes: Uint8Array, isUrgent = true): void {
    if (bytes.length > frameBytesMax) {
      this.#options.send({ kind: 'line-input', messages: [bytes] }, transferable(bytes))
      this.#push({ ...head, kind: inputKinds.posted }, nothing)
      return
    }
    if (this.#held.length > 0 || !this.#options.shared.input.push(head, bytes))
      this.#held.push({ head, bytes })
    if (isUrgent) this.#options.wakeIfAsleep()
  }

  #pushHeld(): void {
    let count = 0
    for (const { head, bytes } of this.#held) {
      if (!this.#options.shared.input.push(head, bytes)) break
      count += 1
    }
    if (count === 0) return
    this.#held.splice(0, count)
    this.#options.wakeIfAsleep()
  }

  #expect(place: number, isRunning: boolean): void {
    if (isRunning) this.#running.add(place)
    else this.#running.delete(place)
    if (isRunning) this.#lookSoon()
  }

  #lookSoon(): void {
    this.#looksLeft = this.#looksMax()
    // Who looks so closely need not be told besides, which costs both sides as much as a small statement.
    if (this.#looksLeft === looksAloneMax) this.#options.shared.stopAwaitingOutput()
    this.#lookInNextTurn()
  }

  #lookInNextTurn(): void {
    if (this.#isLooking) return
    this.#isLooking = true
    EngineLine.#lookingCount += 1
    setImmediate(this.#look)
  }

  /** The worker has told of output, and may have more soon. */
  lookNow(): void {
    this.#looksLeft = this.#looksMax()
    this.#lookAgain()
  }

  /** Whether the transaction of whoever is next begins with what it has sent, so that all others wait for that. */
  #isFirstToBegin(): boolean {
    const [first = 0] = this.#running
    return this.#conversations.get(first)?.isToBegin === true
  }

  /** Like the one above no getter: V8 calls its runtime for a private one, and these are asked in every turn. */
  #looksMax(): number {
    if (!this.#options.mayLook) return 0
    if (this.#holder !== 0) return this.#running.has(this.#holder) ? looksAloneMax : 0
    return this.#running.size > 1 && !this.#isFirstToBegin() ? looksAmongManyMax : looksAloneMax
  }

  /**
   * Whether the worker has nothing to run, and does not even take what it waits for: it has no processor, and the one
   * that looks for its answer so closely may be the one it needs.
   */
  #seeWhetherKept(): boolean {
    const { input, running } = this.#options.shared
    const isUntaken = running === 0 && !input.isEmpty
    this.#looksUntaken = isUntaken ? this.#looksUntaken + 1 : 0
    return this.#looksUntaken > looksUntakenMax
  }

  /** Looks in each turn of the event loop, and when that has brought nothing for a while waits to be told. */
  #lookAgain(): void {
    if (this.#mayLookClosely()) this.#lookClosely()
    if (!this.#options.shared.output.isEmpty) this.#looksLeft = this.#looksMax()
    this.drain()
    // Whoever was looked for so closely has been answered, and its program needs the processor.
    this.#looksLeft = Math.min(this.#looksLeft, this.#looksMax())
    if (this.#isLooking || (this.#running.size === 0 && this.#held.length === 0)) return
    this.#looksLeft = this.#seeWhetherKept() ? 0 : this.#looksLeft - 1
    if (this.#looksLeft > 0) {
      this.#lookInNextTurn()
      return
    }
    this.#options.shared.awaitOutput()
    if (this.#options.shared.output.isEmpty) this.#lookLate(lateLookMinMs)
    else this.#lookSoon()
  }

  /** Where nobody but one client can be waiting, and it for the worker: in a COPY the worker waits for it. */
  #mayLookClosely(): boolean {
    if (this.#running.size === 0 || this.#looksMax() !== looksAloneMax) return false
    if (EngineLine.#lookingCount > (this.#isLooking ? 1 : 0)) return false
    const [first = 0] = this.#running
    return this.#conversations.get(this.#holder || first)?.isCopying !== true
  }

  /** Within one turn of the event loop: a turn without anything to do costs a system call or two. */
  #lookClosely(): void {
    const { output } = this.#options.shared
    for (let count = 0; count < closeLooksMax && output.isEmpty; count += 1);
  }

  /** The worker may have begun what takes long before it has told of a small answer. */
  #lookLate(delayMs: number): void {
    // What has no room may be the end of the only one.
    if (this.#isLateLookDue || (this.#running.size < 2 && this.#held.length === 0)) return
    this.#isLateLookDue = true
    this.#options.clock.after(delayMs, () => {
      this.#isLateLookDue = false
      this.drain()
      this.#lookLate(Math.min(2 * delayMs, lateLookMaxMs))
    })
  }
}

/**
 * Turns of the event loop. While one client alone waits, or all wait for one who is in a transaction or about to be, to
 * be told would take longer than its statement: it is looked for in turns of some ten microseconds, together about as
 * long as the worker looks for what comes next. Of several, some are answered meanwhile, and their programs need the
 * processor. While one who is in a transaction thinks, there is nothing to look for.
 */
const looksAloneMax = 120
const looksAmongManyMax = 4

/** Some microseconds in a turn; whatever else the event loop has to do can wait for that long. */
const closeLooksMax = 300

/**
 * How long an answer may lie where nobody was told of it, because the worker has begun something long. First as long as
 * output may be gathered; then less often, since who waits behind something long waits anyway.
 */
const lateLookMinMs = 5
const lateLookMaxMs = 20

/** Some tens of microseconds, up to a hundred: a worker that stays awake takes one, to wake one takes some more. */
const looksUntakenMax = 10

const noHead: FrameHead = { kind: 0, place: 0, turn: 0, takenBytes: 0, flags: 0 }
