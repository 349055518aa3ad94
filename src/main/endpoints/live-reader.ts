/**
 * The seam between the endpoints and what follows an instance for a client: queries whose results are told again
 * whenever they have changed, and channels that are listened to. Next to no behaviour; knows no frame and no engine.
 */

import type { Disposable } from '../../base/disposable.ts'
import { WorkbenchError } from '../../contract/error.ts'

/** A result of more rows or bytes than are followed. */
export class ResultTooLargeError extends WorkbenchError {
  constructor(bound: string) {
    super(
      'limit-exceeded',
      `The result has more than ${bound}, which is too much to be followed; select less`,
    )
  }
}

/** A query to be followed. */
export interface LiveQueryText {
  /** One statement that answers rows. It is run in transactions that cannot write and are rolled back. */
  readonly sql: string
  /** In Postgres's text format. */
  readonly parameters: readonly (string | null)[]
  /** Type OIDs; 0, or none, is inferred. */
  readonly parameterTypes: readonly number[]
  /** Names of columns of the result that tell its rows apart; none: nothing does. */
  readonly key: readonly string[]
}

export interface LiveColumn {
  readonly name: string
  readonly typeOid: number
  /** 0 where it is not a plain column of a table. */
  readonly tableOid: number
  readonly columnNumber: number
}

/** What a result has become. Rows are JSON texts: arrays of the texts that Postgres prints, and nulls. */
export interface LiveDifference {
  readonly inserted: readonly string[]
  readonly updated: readonly { readonly before: string; readonly after: string }[]
  readonly deleted: readonly string[]
}

/** Who follows a query. Nothing may throw. */
export interface LiveListener {
  /** Once, first. Rows as of LiveDifference. */
  onResult(columns: readonly LiveColumn[], rows: readonly string[]): void
  onDifference(difference: LiveDifference): void
  /** Once, last, when it cannot be followed any more; not called for one that is disposed. */
  onEnd(error: WorkbenchError): void
}

/** Disposing ends it. */
export interface LiveQueryHandle extends Disposable {
  /**
   * Its follower takes nothing for now, or again: it is not run meanwhile, and then what has changed is told as one
   * difference.
   */
  hold(isHeld: boolean): void
}

/** Who listens to a channel. Nothing may throw. */
export interface ChannelListener {
  onNotification(notification: { readonly processId: number; readonly payload: string }): void
  /** Once, last: what was notified from now on is not heard. Not called for one that is disposed. */
  onEnd(error: WorkbenchError): void
}

/** What follows an instance for one client. Disposing ends everything of it. */
export interface LiveReader extends Disposable {
  /** Throws `limit-exceeded` where the instance follows too much already. What else goes wrong is the listener's. */
  follow(query: LiveQueryText, listener: LiveListener): LiveQueryHandle
  /**
   * Resolves when everything that is committed from then on is heard. Rejects with what Postgres says, or `cancelled`
   * when `signal` is aborted before.
   */
  listen(channel: string, listener: ChannelListener, signal: AbortSignal): Promise<Disposable>
}
