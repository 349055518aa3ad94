/**
 * The seam between the Postgres wire endpoint and what runs SQL: roles to log in as, and sessions that take
 * frontend bytes and answer backend bytes. Knows no socket and no password, and nothing of how many sessions
 * share one backend.
 */

import type { Disposable } from '../../../base/disposable.ts'

/** What pg_authid says of one role, as far as logging in is concerned. */
export interface WireRole {
  readonly canLogin: boolean
  readonly isSuperuser: boolean
  /** rolpassword as it is stored: `SCRAM-SHA-256$…`, `md5…`, or null. */
  readonly passwordVerifier: string | null
  /** rolvaliduntil in milliseconds since 1970-01-01 UTC; null when the password never expires. */
  readonly validUntilMs: number | null
  /** rolconnlimit; -1 is no limit. Superusers have none. */
  readonly connectionLimit: number
}

/** Who wants a session. */
export interface WireSessionOptions {
  /** Has been authenticated. The session is that role, and cannot become more than it. */
  readonly role: string
  /** The database as the client named it. */
  readonly database: string
  /**
   * Settings of the start-up packet and of its `options`, in the order in which they are to be applied; names
   * as the client wrote them, which Postgres compares without regard to case.
   */
  readonly settings: ReadonlyMap<string, string>
  /** What others are told when they wait for this session, such as `psql (postgres, 127.0.0.1:51234)`. */
  readonly title: string
  /** For pg_stat_activity: null, null for a Unix-domain socket. */
  readonly address: string | null
  readonly port: number | null
  /** Where the client has connected to. */
  readonly serverAddress?: string | null
  readonly serverPort?: number | null
}

/** One instance, as a server of sessions. */
export interface WireBackend {
  /** The role of that name; null if there is none. Never waits for a transaction. */
  findRole(name: string): Promise<WireRole | null>
  /**
   * Opens a session; never waits for a transaction. Throws a WorkbenchError, with SQL fields where Postgres
   * would refuse a setting (22023, 42704) or the log-in.
   */
  openSession(options: WireSessionOptions): Promise<WireSession>
}

/** What a session does at the moment, for people. */
export interface WireActivity {
  /** The statement that runs or ran last; null before the first. */
  readonly statement: string | null
  /** The title of whoever has the backend, while this session waits for it. */
  readonly waitingFor: string | null
}

/** One client's conversation after log-in, from its first message to its end. */
export interface WireSession extends Disposable {
  /** Unique among the sessions of its backend; goes into BackendKeyData. */
  readonly processId: number
  /** Sent as ParameterStatus before the first ReadyForQuery, which the endpoint sends itself. */
  readonly parameters: ReadonlyMap<string, string>
  readonly activity: WireActivity
  /**
   * Takes frontend bytes, in any pieces; resolves when it may take more. Never called before the call before it
   * has resolved. Throws `invalid-message` when the bytes cannot be a conversation, SQL errors that end the
   * session, `engine-crashed`, `closed`. The bytes are the session's from then on.
   */
  write(bytes: Uint8Array): Promise<void>
  /**
   * Backend bytes in any pieces, pulled only while the client takes them. Ends when the session has ended; its
   * last message may be a FATAL ErrorResponse. Throws like `write`; the endpoint then tells the client itself.
   */
  readonly output: AsyncIterable<Uint8Array>
  /** Asks the statement that runs to end with 57014; nothing when none runs. */
  cancel(): void
  /**
   * The client will write no more, orderly: what was written is still answered, then an open transaction is
   * rolled back and `output` ends. The endpoint disposes the session when that takes too long.
   */
  end(): void
  /** The client is gone, whatever it was in the middle of: nothing that still runs is of use to anybody. */
  dispose(): void
}
