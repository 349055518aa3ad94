/** A client of the envelope protocol that folds the events of its subscriptions, as any client has to. */

import type { EnvelopeClient, ReceivedFrame } from './envelope-client.ts'

type Row = readonly (string | null)[]

/** The parts of an event's `data`, of whatever kind. */
interface EventData {
  readonly kind?: string
  readonly rows?: readonly Row[]
  readonly inserted?: readonly Row[]
  readonly updated?: readonly { readonly before: Row; readonly after: Row }[]
  readonly deleted?: readonly Row[]
  readonly error?: { readonly code: string; readonly sqlstate: string }
}

/** Events of a subscription, in the order in which they came. */
export function eventsOf(client: EnvelopeClient, subscription: string): ReceivedFrame[] {
  return client.frames.filter(({ meta }) => meta.type === 'event' && meta.subscription === subscription)
}

/** The kinds of events, and their ids. */
export function kindsOf(client: EnvelopeClient, subscription: string): string[] {
  return eventsOf(client, subscription).map(
    ({ meta, data }) => `${meta.event_id} ${(data as EventData).kind}`,
  )
}

/** The rows that follow from the events, sorted; null before the first. Throws where a row that goes was not there. */
export function foldedRows(...events: readonly ReceivedFrame[][]): Row[] | null {
  let rows: string[] | null = null
  const isTold = new Set<number>()
  for (const { meta, data } of events.flat()) {
    // What is sent again after a reconnect may have come before.
    if (isTold.has(meta.event_id ?? 0)) continue
    isTold.add(meta.event_id ?? 0)
    const told = data as EventData
    if (told.kind === 'snapshot') rows = (told.rows ?? []).map((row) => JSON.stringify(row))
    else if (rows) rows = applied(rows, told)
  }
  return rows && rows.sort().map((row) => JSON.parse(row) as Row)
}

export function errorOf(client: EnvelopeClient, subscription: string): EventData['error'] | null {
  const ended = eventsOf(client, subscription).find(({ data }) => (data as EventData).kind === 'error')
  return ended ? ((ended.data as EventData).error ?? null) : null
}

function applied(
  rows: readonly string[],
  { inserted = [], updated = [], deleted = [] }: EventData,
): string[] {
  const left = [...rows]
  for (const row of [...deleted, ...updated.map(({ before }) => before)]) {
    const at = left.indexOf(JSON.stringify(row))
    if (at < 0) throw new Error(`${JSON.stringify(row)} goes and was not there`)
    left.splice(at, 1)
  }
  for (const row of [...inserted, ...updated.map(({ after }) => after)]) left.push(JSON.stringify(row))
  return left
}
