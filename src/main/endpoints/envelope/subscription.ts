/**
 * One subscription, over the sockets that it may have one after the other: what it follows, its events, and the client
 * that takes them, which may be slow, or lost for a while. Knows no request.
 */

import { onDispose, type Disposable } from '../../../base/disposable.ts'
import { envelopeError, type EnvelopeError } from '../../../protocol/envelope-error.ts'
import type { SubscriptionEvent } from '../../../protocol/subscription-data.ts'
import type { LiveDifference } from '../live-reader.ts'
import { EventLog, type EventBudget } from './event-log.ts'
import { subscriptionError } from './subscription-error.ts'

/** Whoever its events go to. */
export interface EventTaker {
  /** It takes none for now. */
  readonly isCongested: boolean
  sendEvent(subscription: string, eventId: number, data: object): void
}

/** Something that it is made of; disposing ends that. */
export interface SubscriptionSource extends Disposable {
  /** Nobody takes anything for now, or again. */
  hold?(isHeld: boolean): void
}

export interface SubscriptionOptions {
  readonly name: string
  /** Of what it follows. */
  readonly tenant: string
  readonly budget: EventBudget
}

export class Subscription implements Disposable {
  readonly name: string
  readonly tenant: string
  readonly #log: EventLog
  readonly #tracking: Disposable
  readonly #sources: SubscriptionSource[] = []
  #taker: EventTaker | null = null
  #isHeld = false
  #isOver = false
  /** Whoever has it is told that it has ended. */
  onEnded: (subscription: Subscription) => void = () => undefined

  constructor({ name, tenant, budget }: SubscriptionOptions) {
    this.name = name
    this.tenant = tenant
    this.#log = new EventLog(budget)
    this.#tracking = onDispose('subscription', () => {
      this.#isOver = true
      for (const source of this.#sources) source.dispose()
      this.#log.dispose()
      this.onEnded(this)
    })
  }

  get lastEventId(): number {
    return this.#log.lastId
  }

  /** What ends with it; at once where it has ended meanwhile. */
  add(source: SubscriptionSource): void {
    if (this.#isOver) source.dispose()
    else this.#sources.push(source)
  }

  /** Its events go there from now on, those that wait first; null: nobody is there. */
  attach(taker: EventTaker | null): void {
    this.#taker = taker
    this.ease()
  }

  /** As EventLog. */
  rewind(lastEventId: number): boolean {
    return this.#log.rewind(lastEventId)
  }

  /** What waits is sent, as far as it is taken. */
  ease(): void {
    this.#send()
    this.#hold(this.#taker === null || this.#taker.isCongested || this.#log.isWaiting)
  }

  onSnapshot(rows: readonly string[]): void {
    this.#append(lengthOf(rows), () => ({ kind: 'snapshot', rows: rows.map(parsed) }))
  }

  onDifference({ inserted, updated, deleted }: LiveDifference): void {
    const pairs = updated.flatMap(({ before, after }) => [before, after])
    this.#append(lengthOf(inserted) + lengthOf(deleted) + lengthOf(pairs), () => ({
      kind: 'diff',
      inserted: inserted.map(parsed),
      updated: updated.map(({ before, after }) => ({ before: parsed(before), after: parsed(after) })),
      deleted: deleted.map(parsed),
    }))
  }

  onNotification(channel: string, { processId, payload }: { processId: number; payload: string }): void {
    this.#append(channel.length + payload.length, () => ({ channel, payload, process_id: processId }))
  }

  /** It cannot go on: that is its last event, unless nobody is there, who is told then that it is gone. */
  end(failure: unknown): void {
    this.#end(subscriptionError(failure))
  }

  dispose(): void {
    this.#tracking.dispose()
  }

  #append(length: number, data: () => SubscriptionEvent): void {
    if (this.#isOver) return
    this.#log.append(length, data)
    this.ease()
    if (this.#taker === null) {
      if (this.#log.isLost) this.dispose()
    } else if (this.#log.isOverrun) {
      this.#end(envelopeError('slow_consumer', 'Events were not taken in time; subscribe again'))
    }
  }

  #end(error: EnvelopeError): void {
    if (this.#isOver) return
    const taker = this.#taker
    const { lastEventId, name } = this
    this.dispose()
    const event: SubscriptionEvent = { kind: 'error', error }
    taker?.sendEvent(name, lastEventId + 1, event)
  }

  #send(): void {
    const taker = this.#taker
    while (taker && !taker.isCongested && !this.#isOver) {
      const event = this.#log.take()
      if (!event) return
      taker.sendEvent(this.name, event.id, event.data())
    }
  }

  #hold(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return
    this.#isHeld = isHeld
    for (const source of this.#sources) source.hold?.(isHeld)
  }
}

function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0)
}

function parsed(row: string): (string | null)[] {
  return JSON.parse(row) as (string | null)[]
}
