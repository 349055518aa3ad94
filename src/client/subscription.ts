/** What a program holds of a subscription: its events, in a loop, and its end. Knows no connection. */

import type { ReadingContext, ResultField } from './result-field.ts'
import { RowBatch } from './row-batch.ts'
import { TextChunk } from './row-chunk.ts'
import type { TextRow } from '../protocol/answer-frame.ts'
import type { EventQueue } from './event-queue.ts'
import type { LiveEventRows } from './live-rows.ts'
import type { ChannelEvent, GapEvent, QueryEvent } from './subscription-options.ts'

/** `for await (const event of subscription)`; leaving the loop, or `close`, ends it. */
export class Subscription<Event> implements AsyncIterable<Event> {
  readonly #queue: EventQueue<Event>

  constructor(queue: EventQueue<Event>) {
    this.#queue = queue
  }

  /** Ends the subscription; the loop over it ends after what has come already. */
  close(): void {
    this.#queue.end()
  }

  [Symbol.asyncIterator](): AsyncGenerator<Event, void, undefined> {
    return this.#queue.read()
  }
}

/** `data` of an event of a channel, as docs/protocol.md has it. */
export interface ChannelEventData {
  readonly channel: string
  readonly payload: string
  readonly process_id: number
}

export function channelEvent({ channel, payload, process_id }: ChannelEventData): ChannelEvent | GapEvent {
  return { kind: 'notification', channel, payload, processId: process_id }
}

/** The event of a query, its rows as objects. */
export function queryEvent<Row>(
  data: LiveEventRows,
  fields: readonly ResultField[],
  context: ReadingContext,
): QueryEvent<Row> {
  const read = (rows: readonly TextRow[] = []): Row[] => liveRows<Row>(rows, fields, context)
  if (data.kind === 'snapshot') return { kind: 'snapshot', rows: read(data.rows) }
  const before = read(data.updated?.map((change) => change.before))
  const after = read(data.updated?.map((change) => change.after))
  return {
    kind: 'diff',
    inserted: read(data.inserted),
    updated: before.flatMap((row, index) => {
      const next = after[index]
      return next === undefined ? [] : [{ before: row, after: next }]
    }),
    deleted: read(data.deleted),
  }
}

/** Rows of texts as objects. */
export function liveRows<Row>(
  rows: readonly TextRow[],
  fields: readonly ResultField[],
  context: ReadingContext,
): Row[] {
  return rows.length === 0 ? [] : new RowBatch<Row>(fields, [new TextChunk(rows, context)]).rows
}
