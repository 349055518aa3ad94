/** What can be said about one request. */
export interface QueryOptions {
  /** Ends the request; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Then it is cancelled, here and there: `deadline_exceeded`. */
  readonly timeoutMs?: number
  /**
   * Runs a write once, even if it has to be sent again because a connection was lost: up to 128 characters, chosen
   * anew for each write. Not within a session or transaction.
   */
  readonly idempotencyKey?: string
  /** It may run twice, as a query may: then it is sent again after a lost connection. */
  readonly isRepeatable?: boolean
  /** Another instance than the client's. */
  readonly tenant?: string
  /** W3C Trace Context; stands in the endpoint's log. */
  readonly traceparent?: string
  /** Type OIDs of the parameters; 0 where Postgres shall infer. */
  readonly types?: readonly number[]
  /** At most so many rows are sent; the result says whether there were more. */
  readonly rowLimit?: number
}
