/**
 * What subscriptions are asked for with, and what is told of them (docs/protocol.md, "Subscriptions"), and the schemas
 * that are asked for. Whatever clients send is checked; knows nothing of how changes are found.
 */

import { WorkbenchError } from '../contract/error.ts'
import { array, integer, object, optional, string, type Infer, type Schema } from '../contract/schema.ts'
import type { ResultColumn, TextRow } from './answer-frame.ts'
import type { EnvelopeError } from './envelope-error.ts'
import { nameLengthMax, subscriptionsPerSocketMax } from './protocol-limits.ts'
import { readQueryData, type Parameter } from './request-data.ts'
import { nameSchema } from './request-frame.ts'

/** NAMEDATALEN - 1 bytes (PostgreSQL 18 documentation, section 4.1.1); Postgres says what is wrong with others. */
const identifierLengthMax = 63
/** Postgres's bound of columns in a key's index is 32. */
const keyColumnsMax = 32
/** Schemas of one answer. */
const schemasMax = 256

export type SubscribeData =
  | { readonly subscription: string; readonly channel: string }
  | {
      readonly subscription: string
      readonly sql: string
      readonly params: readonly Parameter[]
      readonly types: readonly number[]
      readonly key: readonly string[]
    }

const subscribeSchema = object({
  subscription: nameSchema,
  channel: optional(string(identifierLengthMax, 1)),
  key: optional(array(string(identifierLengthMax, 1), keyColumnsMax)),
})

/** One of `channel` and `sql` is there. Throws `invalid-argument` naming the field. */
export function readSubscribeData(data: unknown): SubscribeData {
  const { subscription, channel, key = [] } = subscribeSchema.parse(data, 'data')
  const hasSql = typeof data === 'object' && data !== null && Object.hasOwn(data, 'sql')
  if (hasSql === (channel !== undefined)) {
    throw new WorkbenchError('invalid-argument', 'data must have one of channel and sql')
  }
  if (channel !== undefined) {
    if (channel.includes('\0') || !channel.isWellFormed()) {
      throw new WorkbenchError('invalid-argument', 'data.channel must be text that Postgres can store')
    }
    return { subscription, channel }
  }
  const { sql = '', params = [], types = [] } = readQueryData(data)
  return { subscription, sql, params, types, key }
}

export const readUnsubscribeData: (data: unknown) => { readonly subscription: string } = reader(
  object({ subscription: nameSchema }),
)

const introspectSchema = object({ schemas: optional(array(string(nameLengthMax, 1), schemasMax)) })
export type IntrospectData = Infer<typeof introspectSchema>

/** No data is all schemas. */
export function readIntrospectData(data: unknown): IntrospectData {
  return introspectSchema.parse(data ?? {}, 'data')
}

const resumeSchema = array(
  object({ subscription: nameSchema, last_event_id: integer(0), socket_id: nameSchema }),
  subscriptionsPerSocketMax,
)

/** A subscription of a socket that was lost, and the last event of it that came. */
export type ResumeWish = Infer<typeof resumeSchema>[number]

/** `data.resume` of hello. */
export function readResume(data: unknown): readonly ResumeWish[] {
  const isThere = typeof data === 'object' && data !== null && Object.hasOwn(data, 'resume')
  return isThere ? resumeSchema.parse(Reflect.get(data, 'resume'), 'data.resume') : []
}

/** `data` of `complete` to `subscribe`. */
export interface SubscribedData {
  readonly columns?: readonly ResultColumn[]
  /** Of the last event before: the first has the next number. */
  readonly event_id: number
}

/** `data` of an `event`. */
export type SubscriptionEvent =
  | { readonly channel: string; readonly payload: string; readonly process_id: number }
  | { readonly kind: 'snapshot'; readonly rows: readonly TextRow[] }
  | {
      readonly kind: 'diff'
      readonly inserted: readonly TextRow[]
      readonly updated: readonly { readonly before: TextRow; readonly after: TextRow }[]
      readonly deleted: readonly TextRow[]
    }
  | { readonly kind: 'error'; readonly error: EnvelopeError }
  | { readonly kind: 'must_refetch' }

function reader<T>(schema: Schema<T>): (data: unknown) => T {
  return (data) => schema.parse(data, 'data')
}
