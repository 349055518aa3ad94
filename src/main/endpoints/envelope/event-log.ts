/**
 * The events of one subscription: numbered, those that wait for the client, and some of those that were sent, for a
 * client that comes back and has not got them. Knows no frame and no socket.
 */

import { assert } from '../../../base/assert.ts'

/** One event; its data is made when it is sent, since most are sent at once and never again. */
export interface LoggedEvent {
  readonly id: number
  /** What keeping it takes, roughly. */
  readonly bytes: number
  data(): object
}

/** As docs/protocol.md says under "Subscriptions". */
const eventsMax = 256
const eventBytesMax = 4 << 20
/** Besides its data. */
const overheadBytes = 128

/** What the logs of an endpoint keep together. */
export class EventBudget {
  readonly #bytesMax: number
  bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get isSpent(): boolean {
    return this.bytes > this.#bytesMax
  }
}

export class EventLog {
  readonly #budget: EventBudget
  /** Ids without a gap. */
  #events: LoggedEvent[] = []
  #bytes = 0
  /** Of those that are not sent. */
  #waitingBytes = 0
  #lastId = 0
  /** Of the first that is not sent; one more than the last when all are. */
  #nextId = 1

  constructor(budget: EventBudget) {
    this.#budget = budget
  }

  get lastId(): number {
    return this.#lastId
  }

  get isWaiting(): boolean {
    return this.waitingCount > 0
  }

  get waitingCount(): number {
    return this.#lastId + 1 - this.#nextId
  }

  /** More waits than a client may leave waiting. */
  get isOverrun(): boolean {
    return this.#waitingBytes > eventBytesMax
  }

  /** More waits than a client that comes back is given. */
  get isLost(): boolean {
    return this.isOverrun || this.waitingCount > eventsMax
  }

  /** `length` characters are what its data takes. */
  append(length: number, data: () => object): void {
    const bytes = length + overheadBytes
    this.#lastId += 1
    this.#events.push({ id: this.#lastId, bytes, data })
    this.#bytes += bytes
    this.#waitingBytes += bytes
    this.#budget.bytes += bytes
    this.#trim()
  }

  /** The next that is not sent, which is sent with that; null: all are. */
  take(): LoggedEvent | null {
    const event = this.#events.at(this.#nextId - this.#lastId - 1)
    if (!this.isWaiting || !event) return null
    assert(event.id === this.#nextId, 'events are sent in their order')
    this.#nextId += 1
    this.#waitingBytes -= event.bytes
    return event
  }

  /** What came after `lastEventId` is to be sent again; false if it is not there any more, or never was. */
  rewind(lastEventId: number): boolean {
    const firstId = this.#lastId - this.#events.length + 1
    const waiting = this.#lastId - lastEventId
    if (lastEventId < firstId - 1 || waiting < 0 || waiting > eventsMax) return false
    this.#nextId = lastEventId + 1
    this.#waitingBytes = this.#events
      .filter(({ id }) => id >= this.#nextId)
      .reduce((sum, { bytes }) => sum + bytes, 0)
    return true
  }

  dispose(): void {
    this.#budget.bytes -= this.#bytes
    this.#bytes = 0
    this.#events = []
  }

  /** What was sent goes first, and what was not does not go. */
  #trim(): void {
    let first = 0
    for (const event of this.#events) {
      const isTooMuch =
        this.#events.length - first > eventsMax || this.#bytes > eventBytesMax || this.#budget.isSpent
      if (event.id >= this.#nextId || !isTooMuch) break
      this.#bytes -= event.bytes
      this.#budget.bytes -= event.bytes
      first += 1
    }
    if (first > 0) this.#events.splice(0, first)
  }
}
