/** What subscriptions give, as programs see it. */

import type { Statement } from './sql-text.ts'

/** A notification of a channel. */
export interface ChannelEvent {
  readonly kind: 'notification'
  readonly channel: string
  readonly payload: string
  /** Of the backend that sent it. */
  readonly processId: number
}

/** Something may have been missed: what a channel said while the connection was lost for too long. */
export interface GapEvent {
  readonly kind: 'gap'
}

/** The whole result: at first, and again when changes may have been missed. */
export interface SnapshotEvent<Row> {
  readonly kind: 'snapshot'
  readonly rows: readonly Row[]
}

/** What a commit has changed. Rows have no order. */
export interface DifferenceEvent<Row> {
  readonly kind: 'diff'
  readonly inserted: readonly Row[]
  readonly updated: readonly { readonly before: Row; readonly after: Row }[]
  readonly deleted: readonly Row[]
}

export type QueryEvent<Row> = SnapshotEvent<Row> | DifferenceEvent<Row>

/** A query that is watched. */
export interface LiveStatement {
  readonly sql: Statement
  readonly params?: readonly unknown[]
  readonly types?: readonly number[]
  /** Names of columns that tell rows apart: then a changed row is `updated`, else deleted and inserted. */
  readonly key?: readonly string[]
}

export interface SubscribeOptions {
  /** Ends the subscription; the loop over it ends with the signal's reason. */
  readonly signal?: AbortSignal
  readonly tenant?: string
}
