/**
 * Begins what a subscription follows: a channel, or a query whose first result is its first event. Knows no request.
 */

import type { Parameter } from '../../../protocol/request-data.ts'
import type { SubscribeData, SubscribedData } from '../../../protocol/subscription-data.ts'
import type { LiveColumn, LiveReader } from '../live-reader.ts'
import type { Subscription } from './subscription.ts'

export interface SubscriptionStart {
  readonly reader: LiveReader
  readonly data: SubscribeData
  readonly subscription: Subscription
  /** It is not wanted any more; the reason is what is thrown. */
  readonly signal: AbortSignal
}

/** Resolves when it follows, with what its client is told. Throws what hinders it. */
export function startSubscription(start: SubscriptionStart): Promise<SubscribedData> {
  const { data } = start
  return 'channel' in data ? listen(start, data.channel) : follow(start, data)
}

async function listen(
  { reader, subscription, signal }: SubscriptionStart,
  channel: string,
): Promise<SubscribedData> {
  const listener = {
    onNotification: (notification: { readonly processId: number; readonly payload: string }) =>
      subscription.onNotification(channel, notification),
    onEnd: (error: Error) => subscription.end(error),
  }
  const listening = await reader.listen(channel, listener, signal)
  subscription.add(listening)
  return { event_id: 0 }
}

function follow(
  { reader, subscription, signal }: SubscriptionStart,
  data: Extract<SubscribeData, { sql: string }>,
): Promise<SubscribedData> {
  const { sql, params, types, key } = data
  return new Promise((resolve, reject) => {
    const handle = reader.follow(
      { sql, parameters: params.map(textOf), parameterTypes: types, key },
      {
        onResult(columns, rows) {
          subscription.onSnapshot(rows)
          resolve({ columns: columns.map(resultColumn), event_id: 0 })
        },
        onDifference: (difference) => subscription.onDifference(difference),
        onEnd(error) {
          // Who waits for the first result is told so; else nobody is.
          reject(error)
          subscription.end(error)
        },
      },
    )
    subscription.add(handle)
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })
}

/** In Postgres's text format. */
function textOf(parameter: Parameter): string | null {
  if (parameter === null || typeof parameter === 'string') return parameter
  const bytes =
    parameter instanceof Uint8Array ? Buffer.from(parameter) : Buffer.from(parameter.base64, 'base64')
  return `\\x${bytes.toString('hex')}`
}

function resultColumn({ name, typeOid, tableOid, columnNumber }: LiveColumn): {
  name: string
  type: number
  table?: number
  column?: number
} {
  const column = { name, type: typeOid }
  return tableOid === 0 ? column : { ...column, table: tableOid, column: columnNumber }
}
