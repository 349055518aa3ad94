/** Subscriptions as programs ask for them, on top of the hub: channels, queries, and whole results. Knows no socket. */

import type { ResultColumn } from '../protocol/answer-frame.ts'
import { EventQueue } from './event-queue.ts'
import { LiveRows, type LiveEventRows } from './live-rows.ts'
import { wireParameters } from './parameter-text.ts'
import { fieldsOf, type ReadingContext, type ResultField } from './result-field.ts'
import { SqlText, statementOf } from './sql-text.ts'
import { channelEvent, liveRows, queryEvent, Subscription, type ChannelEventData } from './subscription.ts'
import type { SubscriptionHub } from './subscription-hub.ts'
import type {
  ChannelEvent,
  GapEvent,
  LiveStatement,
  QueryEvent,
  SubscribeOptions,
} from './subscription-options.ts'
import { WardianError } from './wardian-error.ts'

/** How a subscription's events become a program's. */
interface Reading<Event> {
  readonly data: Readonly<Record<string, unknown>>
  read(data: unknown, fields: readonly ResultField[]): Event
  /** What is said when something may have been missed; null: nothing. */
  readonly gap: Event | null
}

export class LiveQueries {
  readonly #hub: SubscriptionHub
  readonly #context: ReadingContext

  constructor(hub: SubscriptionHub, context: ReadingContext) {
    this.#hub = hub
    this.#context = context
  }

  channel(channel: string, options: SubscribeOptions): Promise<Subscription<ChannelEvent | GapEvent>> {
    return this.#subscribe<ChannelEvent | GapEvent>(options, {
      data: { channel },
      // The endpoint is trusted to keep to the protocol.
      read: (data) => channelEvent(data as ChannelEventData),
      gap: { kind: 'gap' },
    })
  }

  query<Row>(
    query: SqlText | LiveStatement,
    options: SubscribeOptions,
  ): Promise<Subscription<QueryEvent<Row>>> {
    return this.#subscribe<QueryEvent<Row>>(options, {
      data: queryData(query),
      read: (data, fields) => queryEvent<Row>(data as LiveEventRows, fields, this.#context),
      gap: null,
    })
  }

  rows<Row>(
    query: SqlText | LiveStatement,
    options: SubscribeOptions,
  ): Promise<Subscription<readonly Row[]>> {
    const known = new LiveRows()
    return this.#subscribe<readonly Row[]>(options, {
      data: queryData(query),
      read: (data, fields) => {
        if (known.apply(data as LiveEventRows)) return liveRows<Row>(known.rows, fields, this.#context)
        throw new WardianError('broken_answer', 'A change of a watched query does not fit what it changes')
      },
      gap: null,
    })
  }

  async #subscribe<Event>(options: SubscribeOptions, reading: Reading<Event>): Promise<Subscription<Event>> {
    const { signal, tenant } = options
    signal?.throwIfAborted()
    let leave: () => void = () => undefined
    let fields: readonly ResultField[] = []
    const onAbort = (): void => queue.end(signal?.reason)
    const queue = new EventQueue<Event>(() => {
      signal?.removeEventListener('abort', onAbort)
      leave()
    })
    const end = await this.#hub.subscribe({
      tenant,
      data: reading.data,
      onBegin: (columns: readonly ResultColumn[], isFirst) => {
        fields = fieldsOf(columns)
        if (!isFirst && reading.gap !== null) queue.push(reading.gap)
      },
      onEvent: (data) => {
        try {
          queue.push(reading.read(data, fields))
        } catch (error) {
          queue.end(error)
        }
      },
      onEnd: (error) => queue.end(error),
    })
    leave = end
    if (signal?.aborted) queue.end(signal.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    return new Subscription(queue)
  }
}

function queryData(query: SqlText | LiveStatement): Record<string, unknown> {
  const live: LiveStatement = query instanceof SqlText ? { sql: query } : query
  const { text, params } = statementOf(live.sql, live.params)
  return {
    sql: text,
    // Texts alone: what is watched is run again by the endpoint, whatever the connection is.
    ...(params.length > 0 && { params: wireParameters(params, false) }),
    ...(live.types && { types: live.types }),
    ...(live.key && { key: live.key }),
  }
}
