/**
 * All clients of the wire, in the worker: takes in what they send, and gives the backend to one after the other,
 * first come first served, and to nobody else while a transaction is open or something is unfinished. Knows no
 * bytes of a conversation.
 */

import { CopyPool } from './copy-pool.ts'
import { frameBytesMax, type FrameHead, type RingFrame } from './frame-ring.ts'
import type { EngineRecording } from './engine-recording.ts'
import { LineMember, type LineEnds } from './line-member.ts'
import { expiryFlags, inputKinds, lineActivity, outputKinds, type SharedLine } from './shared-line.ts'
import type { LockWait } from './sessions/lock-waits.ts'
import type { RunningTurn } from './running-turn.ts'
import type { WorkerContext } from './worker-context.ts'

export interface LineRunOptions {
  readonly shared: SharedLine
  readonly running: RunningTurn
  /** The next messages that came by the port because they are long. */
  takePosted(): readonly Uint8Array[]
  readonly recording: EngineRecording
  /** Wakes the host's thread, which waits for output. */
  wakeHost(): void
}

/**
 * Answers that wait for each other while there is more to run. To wake the host takes about as long as a small
 * statement, and the host is quicker with several at once.
 */
const answersMax = 4
/**
 * Behind a longer one, which costs many times as much as to wake the host, nobody waits for another as long; unless so
 * many do that there is enough to run until the first of them asks again.
 */
const smallStatementMs = 0.15
/** As long as output is gathered (line-member.ts): behind that nobody waits for another. */
const slowStatementMs = 5

const nothing = new Uint8Array(0)

export class LineRun {
  readonly #context: WorkerContext
  readonly #options: LineRunOptions
  readonly #ends: LineEnds
  readonly #members = new Map<number, LineMember>()
  readonly #queue: LineMember[] = []
  readonly #copies = new CopyPool()
  readonly #leaving: LineMember[] = []
  /** Who is to send again when nobody stands in the way any more. */
  readonly #waits = new Map<LineMember, LockWait>()
  #pinned: LineMember | null = null
  /** Whose statement was the last, and whether that before it was theirs, too. */
  #last: LineMember | null = null
  #isLastAgain = false
  /** That the host may not know of. */
  #answeredCount = 0
  readonly #onFrame = (frame: RingFrame): void => this.#take(frame)

  constructor(context: WorkerContext, options: LineRunOptions) {
    const { shared, running, recording } = options
    this.#context = context
    this.#options = options
    this.#ends = {
      ...{ context, shared, running, recording, gathered: new Uint8Array(frameBytesMax) },
      receive: () => void shared.input.drain(this.#onFrame),
      putOut: (head, bytes) => this.#putOut(head, bytes),
      tellHost: () => {
        // It may wait for somebody else's answer while the worker looks for more to run.
        if (!shared.output.isEmpty && shared.takeWaitingHost()) options.wakeHost()
      },
    }
  }

  /** Whether the backend is between two conversations, so that anybody may use it. */
  get isFree(): boolean {
    return this.#pinned === null
  }

  /** Whether several clients converse. */
  get hasSeveral(): boolean {
    return this.#members.size > 1
  }

  /**
   * Whether what comes next is likely one client's: it is in a transaction, has asked twice and nobody between, or is
   * alone, or was: who connects, asks once and leaves is often followed by another.
   */
  get waitsForOne(): boolean {
    return this.#pinned !== null || this.#isLastAgain || !this.hasSeveral
  }

  /** Takes in what has been sent, and forgets whoever has left. */
  takeIn(): void {
    this.#ends.receive()
    for (let member = this.#leaving.shift(); member; member = this.#leaving.shift()) this.#end(member)
    // Its last frame may be still on the way, and others may wait.
    if (this.#pinned && this.#options.shared.isGone(this.#pinned.place)) this.#bringToIdle(this.#pinned)
  }

  /** Runs what comes first; false when there is nothing. */
  runNext(): boolean {
    this.#endExpired()
    if (this.#waits.size > 0 && this.#pinned === null) this.#tellFree()
    const next = this.#next()
    const startMs = this.#context.nowMs()
    if (next) this.#run(next)
    this.#answeredCount += next ? 1 : 0
    const ranMs = this.#context.nowMs() - startMs
    const isLong = ranMs > (this.#queue.length < answersMax ? smallStatementMs : slowStatementMs)
    // No more than are left: those are run while the host and the clients make the next of these.
    const isEnough = this.#answeredCount >= Math.min(answersMax, this.#queue.length)
    if (isLong || isEnough || !this.#next()) this.#tellAnswers()
    return next !== null
  }

  /** Whoever has idled too long in a transaction is as good as gone. */
  #endExpired(): void {
    const expiry = this.#context.alarm.takeExpiry()
    const member = this.#pinned
    if (!expiry || !member) return
    this.#bringToIdle(member)
    const flags = expiry === 'transaction' ? 0 : expiryFlags.idleInTransaction
    this.#tell(outputKinds.expired, member.place, flags)
    // It expects nothing of a client that idles, and so has not asked to be told.
    this.#options.wakeHost()
  }

  #tellAnswers(): void {
    this.#answeredCount = 0
    this.#ends.tellHost()
  }

  #next(): LineMember | null {
    if (this.#pinned) return this.#pinned.isQueued ? this.#pinned : null
    return this.#queue[0] ?? null
  }

  #run(member: LineMember): void {
    const { shared, running } = this.#options
    if (this.#queue[0] === member) this.#queue.shift()
    else this.#queue.splice(this.#queue.indexOf(member), 1)
    member.isQueued = false
    // Of whoever has left there may be no session any more, and of whoever was refused there is none.
    const hasSession = this.#context.sessions.has(member.session)
    if (!member.hasInput || !hasSession || shared.isGone(member.place)) return
    // Before it is begun: whoever cannot withdraw it any more finds it running.
    shared.running = member.place
    if (!shared.begin(member.place)) {
      shared.running = 0
      this.#waitsNoMore(member)
      member.drop()
      return
    }
    this.#isLastAgain = this.#last === member
    this.#last = member
    this.#context.sessions.enter(member.session)
    const activity = lineActivity(member.session)
    const run = (): LockWait | null => running.during(activity, () => member.run(), shared.turn)
    const wait = this.#context.loop.converse(member, run)
    if (wait) this.#waits.set(member, wait)
    shared.running = 0
    this.#note(member)
  }

  #note(member: LineMember): void {
    this.#pinned = member.isPinned ? member : null
    this.#context.transaction = member.transaction
    if (this.#pinned === null) this.#context.sessions.settle()
  }

  #take(frame: RingFrame): void {
    const { kind, place, turn, flags, bytes } = frame
    const member = this.#members.get(place)
    if (kind === inputKinds.open) {
      this.#members.set(place, new LineMember(this.#ends, { place, session: turn }))
    } else if (kind === inputKinds.end) {
      if (member) this.#leaving.push(member)
      else this.#tellClosed(place)
    } else if (kind === inputKinds.waitsNoMore) {
      if (member) this.#waitsNoMore(member)
    } else if (kind === inputKinds.ahead) {
      member?.setAhead(flags, bytes)
    } else {
      const isPosted = kind === inputKinds.posted
      const messages = isPosted ? this.#options.takePosted() : [this.#copies.copy(bytes)]
      if (member) this.#enqueue(member, messages, { stamp: turn, flags })
    }
  }

  #enqueue(
    member: LineMember,
    messages: readonly Uint8Array[],
    how: { readonly stamp: number; readonly flags: number },
  ): void {
    if (!member.push(messages, how)) return
    if (member.isQueued || this.#options.shared.running === member.place) return
    member.isQueued = true
    this.#queue.push(member)
  }

  #end(member: LineMember): void {
    this.#members.delete(member.place)
    this.#waitsNoMore(member)
    if (member.isQueued) this.#queue.splice(this.#queue.indexOf(member), 1)
    if (member === this.#pinned) this.#bringToIdle(member)
    if (member === this.#last) this.#last = null
    this.#tellClosed(member.place)
  }

  #bringToIdle(member: LineMember): void {
    this.#context.loop.converse(member, () => member.bringToIdle())
    this.#pinned = null
    this.#context.transaction = 'idle'
    this.#context.sessions.settle()
  }

  #waitsNoMore(member: LineMember): void {
    this.#waits.delete(member)
    // Also of one that was told that it is free, and has not begun again.
    this.#context.sessions.lockWaits.forget(member.session)
  }

  #tellFree(): void {
    for (const [member, wait] of this.#waits) {
      if (!this.#context.sessions.lockWaits.isOver(wait)) continue
      this.#waits.delete(member)
      this.#tell(outputKinds.free, member.place)
    }
  }

  #tellClosed(place: number): void {
    this.#tell(outputKinds.closed, place)
  }

  #tell(kind: number, place: number, flags = 0): void {
    const { shared } = this.#options
    this.#putOut({ kind, place, turn: shared.turn, takenBytes: 0, flags }, nothing)
    this.#ends.tellHost()
  }

  #putOut(head: FrameHead, bytes: Uint8Array): void {
    const { shared } = this.#options
    if (shared.output.push(head, bytes)) return
    this.#ends.tellHost()
    shared.isOutputFull = true
    this.#context.signals.waitFor(() => shared.output.push(head, bytes) || undefined)
    shared.isOutputFull = false
  }
}
