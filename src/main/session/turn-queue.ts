/**
 * Who may use the one backend of an engine: one session at a time, first come first served, and as long as its
 * transaction is open nobody else. Knows no statement and no engine.
 */

import { assert } from '../../base/assert.ts'
import { systemClock, type Clock } from '../../base/clock.ts'
import { Emitter } from '../../base/event.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { endpointClientsMax, sessionsPerInstanceMax } from '../../contract/limits.ts'

/** Somebody who takes turns. Compared by identity. */
export interface TurnTaker {
  /** What others are told when they wait for it. */
  readonly title: string
}

/**
 * Each session waits at most once, and so does each client of the endpoint whose session begins; the margin is for
 * sessions of the host itself, such as the catalog's.
 */
const waitersMax = sessionsPerInstanceMax + endpointClientsMax + 16

/** A place in the queue, then a turn. */
export class TurnTicket {
  readonly taker: TurnTaker
  /** When it was asked for, by the queue's monotonic clock. */
  readonly requestedMs: number
  readonly #queue: TurnQueue
  /** Made when somebody waits for it: most turns are granted at once. */
  #wake: PromiseWithResolvers<void> | null = null
  #isGranted = false

  constructor(queue: TurnQueue, taker: TurnTaker, requestedMs: number) {
    this.#queue = queue
    this.requestedMs = requestedMs
    this.taker = taker
  }

  get isGranted(): boolean {
    return this.#isGranted
  }

  /** Resolves when the turn is granted, or when it is held by somebody else, or in another way, than before. */
  changed(): Promise<void> {
    this.#wake ??= Promise.withResolvers<void>()
    return this.#wake.promise
  }

  /** Leaves the queue and wakes who waits for a change; no-op once the turn is granted. */
  withdraw(): void {
    if (this.#isGranted) return
    this.#queue.withdraw(this)
    this.wake()
  }

  /** For the queue. */
  grant(): void {
    this.#isGranted = true
    this.wake()
  }

  /** For the queue: tells whoever waits in `changed`. */
  wake(): void {
    this.#wake?.resolve()
    this.#wake = null
  }
}

export class TurnQueue {
  readonly #clock: Clock
  readonly #waiting: TurnTicket[] = []
  readonly #didChange = new Emitter<null>()
  /** The holder, or the way in which it holds, has changed, or somebody waits who did not. */
  readonly onDidChange = this.#didChange.event
  #holder: TurnTaker | null = null
  #isRunning = false
  #endCount = 0
  #waitedMs = 0

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  /** Whose turn it is: it runs something, or its transaction is open. */
  get holder(): TurnTaker | null {
    return this.#holder
  }

  /** Whether the holder does nothing at the moment, and holds its turn only for its transaction. */
  get isHeldIdle(): boolean {
    return this.#holder !== null && !this.#isRunning
  }

  /** How often something has ended that may have changed what is committed. */
  get endCount(): number {
    return this.#endCount
  }

  get waitingCount(): number {
    return this.#waiting.length
  }

  /** Those who wait, in the order in which they came. */
  get waiting(): TurnTaker[] {
    return this.#waiting.map(({ taker }) => taker)
  }

  /** How long turns were waited for that have been granted, together. */
  get waitedMs(): number {
    return this.#waitedMs
  }

  /** For how long the first in the queue has waited; 0 when nobody does. */
  get oldestWaitMs(): number {
    const [first] = this.#waiting
    return first ? this.#clock.monotonicMs() - first.requestedMs : 0
  }

  /** Asks for a turn; the ticket may be granted at once. Throws `limit-exceeded`. */
  request(taker: TurnTaker): TurnTicket {
    const ticket = new TurnTicket(this, taker, this.#clock.monotonicMs())
    const isFree = this.#holder === null && this.#waiting.length === 0
    if (isFree || this.#holder === taker) {
      assert(!this.#isRunning, 'a taker takes one turn at a time')
      this.#grant(ticket)
      return ticket
    }
    if (this.#waiting.length >= waitersMax) {
      throw new WorkbenchError('limit-exceeded', `${waitersMax} statements wait already; end some of them`)
    }
    this.#waiting.push(ticket)
    this.#didChange.fire(null)
    return ticket
  }

  withdraw(ticket: TurnTicket): void {
    const index = this.#waiting.indexOf(ticket)
    if (index < 0) return
    this.#waiting.splice(index, 1)
    // Whoever holds the backend for nothing may keep it when nobody waits any more.
    this.#didChange.fire(null)
  }

  /** Ends the turn of `taker`, who keeps it while its transaction is open, or another that has followed it. */
  release(
    taker: TurnTaker,
    options: { readonly inTransaction: boolean; readonly hasCommitted?: boolean },
  ): void {
    if (this.#holder !== taker) return
    this.#isRunning = false
    if (!options.inTransaction || options.hasCommitted === true) this.#endCount += 1
    if (!options.inTransaction) this.#holder = null
    const next = this.#holder === null ? this.#waiting.shift() : undefined
    if (next) {
      this.#waitedMs += this.#clock.monotonicMs() - next.requestedMs
      this.#grant(next)
    }
    this.#announce()
  }

  dispose(): void {
    this.#didChange.dispose()
  }

  #grant(ticket: TurnTicket): void {
    this.#holder = ticket.taker
    this.#isRunning = true
    ticket.grant()
    this.#announce()
  }

  #announce(): void {
    if (this.#waiting.length > 0) for (const waiting of [...this.#waiting]) waiting.wake()
    this.#didChange.fire(null)
  }
}
