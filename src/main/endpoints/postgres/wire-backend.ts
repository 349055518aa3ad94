/**
 * The seam between the Postgres wire endpoint and what runs SQL: roles to log in as, and sessions that take
 * frontend bytes and answer backend bytes. Knows no socket and no password, and nothing of how many sessions
 * share one backend.
 */

import type { ConnectionEncryption } from '../../../contract/connection-encryption.ts'
import type { Disposable } from '../../../base/disposable.ts'
import type { LiveReader } from '../live-reader.ts'

/** What pg_authid says of one role, as far as logging in is concerned. */
export interface WireRole {
  readonly canLogin: boolean
  /** The right CONNECT on the database. */
  readonly canConnect: boolean
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
  /** How the client was authenticated, and as whom: for SYSTEM_USER. */
  readonly systemUser?: string | null
  /** For pg_stat_ssl; null where nothing is encrypted. */
  readonly encryption?: ConnectionEncryption | null
  /** Its transactions are read-only, and it cannot change that. */
  readonly isReadOnly?: boolean
  /** false: it is refused CREATE and DROP DATABASE and their like, which are about other instances. */
  readonly mayRunDatabaseCommands?: boolean
}

/** One instance, as a server of sessions. */
export interface WireBackend {
  /** Each session has a copy of the instance for itself. */
  readonly isForking?: boolean
  /** The role of that name; null if there is none. Never waits for a transaction. */
  findRole(name: string): Promise<WireRole | null>
  /**
   * Opens a session; never waits for a transaction. Throws a WorkbenchError, with SQL fields where Postgres
   * would refuse a setting (22023, 42704) or the log-in.
   */
  openSession(options: WireSessionOptions): Promise<WireSession>
  /**
   * For subscriptions, in a session of its own that begins when it is first used. Only where the host knows of
   * everything that is written: not for copies, nor for servers elsewhere.
   */
  openReader?(options: WireSessionOptions): LiveReader
}

/** What a session does at the moment, for people. */
export interface WireActivity {
  /** The statement that runs or ran last; null before the first. */
  readonly statement: string | null
  /** The title of whoever has the backend, while this session waits for it. */
  readonly waitingFor: string | null
}

/** Who gets what a session puts out. Nothing may throw. */
export interface WireListener {
  /** Backend bytes in any pieces, which are the listener's from then on. */
  onOutput(bytes: Uint8Array): void
  /** Input is taken again, after `write` has answered false. */
  onRoom(): void
  /**
   * Called once, last: null when the session has ended in order, and else why it has ended, which the endpoint
   * then tells the client itself. Not called for a session that is disposed.
   */
  onEnd(error: Error | null): void
}

/** One client's conversation after log-in, from its first message to its end. */
export interface WireSession extends Disposable {
  /** Unique among the sessions of its backend; goes into BackendKeyData. */
  readonly processId: number
  /** Sent as ParameterStatus before the first ReadyForQuery, which the endpoint sends itself. */
  readonly parameters: ReadonlyMap<string, string>
  readonly activity: WireActivity
  /** Begins to tell `listener`. Called once, before anything is written. */
  start(listener: WireListener): void
  /**
   * Takes frontend bytes, in any pieces; they are the session's from then on. False when it has more than it can
   * use: no more is to be written until there is room.
   */
  write(bytes: Uint8Array): boolean
  /** The client takes no more output for now, or again; what is under way may still come. */
  hold(isHeld: boolean): void
  /** Asks the statement that runs to end with 57014; nothing when none runs. */
  cancel(): void
  /**
   * The client will write no more, orderly: what was written is still answered, then an open transaction is
   * rolled back and the session ends. The endpoint disposes the session when that takes too long. `terminate`: it
   * has said so; `close`: its side of the connection has ended.
   */
  end(how: 'terminate' | 'close'): void
  /** The client is gone, whatever it was in the middle of: nothing that still runs is of use to anybody. */
  dispose(): void
}
