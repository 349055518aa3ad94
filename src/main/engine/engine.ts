/**
 * The seam between sessions and engines: what any engine can be asked, whatever it is. An engine has one
 * backend and does one thing at a time; who may use it, and when, is decided above. Knows no session, client,
 * window or socket.
 */

import type { Disposable } from '../../base/disposable.ts'
import type { Event } from '../../base/event.ts'
import type { ConnectionEncryption } from '../../contract/connection-encryption.ts'
import type { SqlErrorFields, WorkbenchError } from '../../contract/error.ts'
import type { StatementDeltas } from '../statistics/statement-deltas.ts'
import type { RecordingOptions } from '../statistics/statement-recorder.ts'
import type { ColumnDescription, StatementOutcome, TransactionState } from '../../contract/statement.ts'

/** One statement (not a script), to be run with a columnar result. */
export interface EngineStatement {
  /** UTF-8 text. Taken over: the buffer may be transferred to the engine. */
  readonly sql: Uint8Array
  /** Values of $1, $2…, in Postgres's text format; null is NULL. */
  readonly parameters: readonly (string | null)[]
  /** Their types, in order, by OID; 0, or none, where Postgres shall infer. */
  readonly parameterTypes?: readonly number[]
  /** The result is cut (status `cut`) once its payload has passed this many bytes. */
  readonly resultBytesMax: number
  /**
   * Given, it is told what Postgres has understood, before anything is executed: the tree behind the rewriting of
   * views, rules and policies, as nodeToString has it (nodes/outfuncs.c). Not where the engine cannot tell, and not
   * where the statement is refused.
   */
  onTree?(tree: string): void
}

/** Counts what clients of the wire run, in the engine's thread. */
export interface EngineStatistics {
  /** From now on; nothing is counted before. */
  configure(options: RecordingOptions): void
  /** Resolves when what has been counted is told, or cannot be for now. */
  collect(): Promise<void>
  readonly onDidCount: Event<StatementDeltas>
  /** Resolves when nothing more will be told. */
  readonly ended: Promise<void>
}

/** What an engine knows of writing, without being asked. */
export interface EngineWrites {
  /**
   * The number of the transaction that will be the next to write. While it is the same nobody has written, whatever has
   * been run; it is never behind what anybody has been answered.
   */
  readonly nextTransaction: number
  /** False once writing may have gone by Postgres's counters of changed rows (track_counts). */
  readonly areCounted: boolean
}

/** What an engine tells while it runs a statement. The last event is always `completed`. */
export type EngineEvent =
  | { readonly kind: 'columns'; readonly columns: readonly ColumnDescription[] }
  | {
      readonly kind: 'batch'
      readonly firstRow: number
      readonly rowCount: number
      readonly buffer: ArrayBuffer
    }
  | { readonly kind: 'notice'; readonly notice: SqlErrorFields }
  | { readonly kind: 'completed'; readonly outcome: StatementOutcome }

/** A message that Postgres sends unasked: NotificationResponse (channel, payload, sender's process id). */
export interface EngineNotification {
  readonly processId: number
  readonly channel: string
  readonly payload: string
}

/**
 * A raw protocol 3.0 conversation with the backend, for endpoints: bytes in any pieces, both ways. Start-up,
 * authentication and Terminate are not part of it. Only message types that a ready backend accepts may be
 * written; others throw `invalid-message` and reach nothing.
 */
export interface ProtocolChannel extends Disposable {
  /** Hands frontend bytes to the backend; resolves when it may take more (backpressure). */
  write(bytes: Uint8Array): Promise<void>
  /** Backend bytes, under credit: the backend waits while nobody takes them. Ends when the channel is disposed. */
  readonly output: AsyncIterable<Uint8Array>
  /** The status byte of the last ReadyForQuery, and whether input has been written since. */
  readonly state: { readonly transaction: TransactionState; readonly isReady: boolean }
  /** A ReadyForQuery has arrived; it may be still in `output`. */
  readonly onDidBecomeReady: Event<null>
}

/** What a session has set of the timeouts that pass while it has not got the backend; 0 for none. */
export interface SessionTimeouts {
  readonly lockMs: number
  readonly statementMs: number
  readonly idleSessionMs: number
  /** One of those that pass in a transaction is set, which the engine itself counts. */
  readonly isTransactionBounded: boolean
}

/** How a conversation stands between a client and the backend. */
export interface ConversationState {
  /** As of the last ReadyForQuery. */
  readonly transaction: TransactionState
  /** Everything that was sent has been answered with ReadyForQuery. */
  readonly isReady: boolean
  /** Something that was sent waits or runs. */
  readonly isRunning: boolean
  /** The backend waits for more data of a COPY than it has been sent. */
  readonly isStarved: boolean
  /** As of the last end of a transaction, or the beginning. */
  readonly timeouts: SessionTimeouts
  /** How a transaction stands that its client has been told of and the backend has not; null for none. */
  readonly ahead: 'open' | 'failed' | null
}

/** A wait outside of the backend. */
export interface ConversationWait {
  /** What was answered before, which a client hears if the wait does not end well. */
  readonly answered: Uint8Array
}

/** Why a conversation ends that has had the backend for too long, by a setting of its session. */
export interface ConversationExpiry {
  readonly reason: 'idle-in-transaction' | 'transaction'
  /** What runs has been cancelled and is still to be answered; else nothing more will be. */
  readonly isRunning: boolean
}

/** Who has a conversation. */
export interface ConversationListener {
  /** Backend bytes, which are the listener's from then on. */
  onOutput(bytes: Uint8Array): void
  /** The backend has taken everything that was sent and waits, or takes more data of a COPY. */
  onRest(): void
  /**
   * What was sent would wait for a lock of another session. Nothing of it has been done, and the conversation
   * rests: it is to be sent again when `onFree` tells so, or given up with `waitsNoMore`.
   */
  onWait(wait: ConversationWait): void
  /** Nobody stands in the way any more. */
  onFree(): void
  /** Its transaction is rolled back, or will be when the conversation is disposed, which is all that is left. */
  onExpired(expiry: ConversationExpiry): void
  /**
   * Called once, when the conversation cannot go on; it is still to be disposed. With `invalid-message` a COPY has been
   * sent what is not for it, and the message is what a server says of that; with `sql-error` its session could not
   * begin.
   */
  onFailed(error: WorkbenchError): void
}

/**
 * A raw protocol 3.0 conversation of one session, next to those of others: the engine runs what they send, first
 * come first served, and nobody else's while one has a transaction open or is in the middle of a pipeline.
 * Start-up, authentication and Terminate are not part of it. Disposing brings the backend to idle, as far as it
 * was this one that used it; what is left unfinished is rolled back.
 */
export interface EngineConversation extends Disposable {
  readonly state: ConversationState
  /** Whether data of a COPY may be sent although something runs. */
  readonly mayCopy: boolean
  /**
   * Sends frontend bytes, only while nothing of it runs or `mayCopy`. False when no whole message was among them,
   * so that nothing will be answered. `askedAtMs`: since when it has waited to be sent, on the monotonic clock, for who
   * counts waits; unless given, since now. Throws `invalid-message` on what a ready backend must not be sent, `closed`.
   */
  send(pieces: readonly Uint8Array[], askedAtMs?: number): boolean
  /** Sends what `onWait` was told of, when the place is free; false if there is nothing. */
  sendAgain(): boolean
  /**
   * Its client is told that its transaction has begun, by `begin`, a Query; the backend begins it in front of what
   * is sent next, and answers that alone. Only outside of a transaction, while nothing of it runs. False where it
   * has to be sent, because a timeout counts from there.
   */
  beginAhead(begin: Uint8Array): boolean
  /** That transaction has failed before anything of it has run. */
  failAhead(): void
  /** Its client is told that it has ended, by `end`, a Query. False when there is none, or something of it runs. */
  endAhead(end: Uint8Array): boolean
  /** What would have waited is not sent again. */
  waitsNoMore(): void
  /** Takes back what was sent, so that it is never run; false when it has begun. The backend comes to rest. */
  withdraw(): boolean
  /**
   * As Engine.cancel, for what runs of this one; no-op when nothing does. Resolves early when that has been answered
   * and something else of what was sent runs, which it was not meant for.
   */
  cancel(): Promise<void>
  /** Its client takes no more output for now, or again: the backend waits with what it has for it. */
  hold(isHeld: boolean): void
}

/** What pg_authid says of a role, and whose rights it has. */
export interface EngineRole {
  readonly name: string
  readonly canLogin: boolean
  readonly isSuperuser: boolean
  readonly canCreateDatabases: boolean
  /** Has the right CONNECT on this database. */
  readonly canConnect: boolean
  /** As it is stored: `SCRAM-SHA-256$…`, `md5…`, or null. */
  readonly passwordVerifier: string | null
  /** Milliseconds since 1970-01-01 UTC; null for ever. */
  readonly validUntilMs: number | null
  /** -1 for none. */
  readonly connectionLimit: number
  /** The roles that it is a member of and has the rights of, without those that these inherit. */
  readonly inheritsFrom: readonly string[]
}

export interface EngineInfo {
  readonly engine: 'pglite'
  readonly engineVersion: string
  readonly serverVersion: string
}

/** How a session begins. */
export interface EngineSessionOptions {
  /** Who has logged in; the session has this role's rights. */
  readonly role: string
  /** Start-up parameters, in the order in which they are set. */
  readonly settings: readonly (readonly [name: string, value: string])[]
  /** What pg_backend_pid() is to answer, from `reserveProcessId`; a new one unless given. */
  readonly processId?: number
  readonly client?: EngineClient
  /** Its transactions are read-only, and whatever would change that is refused with 22023. */
  readonly isReadOnly?: boolean
  /**
   * It is only conversed in. Where it is known what it will report it may begin behind the answer, before anything else
   * is run; should it not be able to, its conversation fails with `sql-error`.
   */
  readonly mayBeginLater?: boolean
}

/** Both ends of a client's connection, as pg_stat_activity and inet_client_addr() answer them. */
export interface EngineClient {
  /** Where it connects from: nulls for a Unix-domain socket. */
  readonly address: string | null
  readonly port: number | null
  /** Where it has connected to. */
  readonly serverAddress?: string | null
  readonly serverPort?: number | null
  /** What SYSTEM_USER answers: how the client has been authenticated, and as whom. */
  readonly systemUser?: string | null
  /** null where nothing is encrypted. */
  readonly encryption?: ConnectionEncryption | null
}

/** A session as they have it who only run statements in it. Disposing ends it. */
export interface StatementSession extends Disposable {
  /** What pg_backend_pid() answers. */
  readonly processId: number
  /** The settings that are reported to clients, as they were at the beginning. */
  readonly parameters: Readonly<Record<string, string>>
  /** As Engine.execute. */
  execute(statement: EngineStatement): AsyncIterable<EngineEvent>
  /** As Engine.cancel. */
  cancel(): Promise<void>
  /** What the session listens to, whoever notifies; not while it runs something that gets it itself. */
  readonly onDidNotify: Event<EngineNotification>
  /**
   * SQL, or Engine.signal, has asked it to end what it runs or waits with, or to end (pg_cancel_backend,
   * pg_terminate_backend).
   */
  readonly onDidSignal: Event<'cancel' | 'terminate'>
  /**
   * Only where it has a backend of its own: that one has ended without being asked to, and with it what was set and
   * open; what ran has failed. Disposing rolls back what is open, whatever state it is in.
   */
  readonly onDidEnd?: Event<WorkbenchError>
}

/**
 * A session of its own on the backend that all share: settings, prepared statements, cursors, temporary tables,
 * sequences, channels and role are its own. Only one session runs at a time, and none while another has a
 * transaction open: whose turn it is, is decided above. Disposing ends it as soon as the backend is idle.
 */
export interface EngineSession extends StatementSession {
  /** As Engine.openChannel. */
  openChannel(): ProtocolChannel
  /**
   * Begins its conversation, next to those of other sessions. While any of them runs something or is in the middle
   * of something, nothing else may run on the engine, and nothing may be sent while something else runs.
   */
  converse(listener: ConversationListener): EngineConversation
}

/** Whatever sessions can be begun on: an engine here, or a server elsewhere. */
export interface SessionOpener {
  /**
   * Throws `sql-error` for a role or setting that is refused, and where it is elsewhere `unreachable`; there
   * `signal` ends connecting at once, with `cancelled`.
   */
  openSession(options: EngineSessionOptions, signal?: AbortSignal): Promise<StatementSession>
}

/** One file of a snapshot: where its bytes lie in the image. */
export interface SnapshotFile {
  /** Relative to the data directory, with forward slashes. */
  readonly name: string
  readonly offset: number
  readonly byteCount: number
}

/** The data of an engine as it was committed at one moment, in memory that any number of engines share. */
export interface EngineSnapshot {
  readonly image: SharedArrayBuffer
  /** Parents before what they hold. */
  readonly directories: readonly string[]
  readonly files: readonly SnapshotFile[]
  /** What the engine knows it by: nothing has been written since while it is the same. */
  readonly position: string
}

/** How the files of an engine's directory stand. */
export interface SettledFiles {
  /**
   * `settled`: they hold what is committed, for whoever copies them before anything else runs. Nothing was done where
   * the position was `unchanged`, or there is nothing of anybody's in it (`empty`).
   */
  readonly state: 'settled' | 'unchanged' | 'empty'
  /** What the engine knows them by: nothing has been written since while it is the same. */
  readonly position: string
}

/** What is read of an engine's memory. */
export interface EngineMemory {
  readonly wasmBytes: number
}

/** What an engine's thread has used of the machine. */
export interface EngineUsage {
  /** Since it has begun. */
  readonly cpuSeconds: number
  readonly heapBytes: number
  /** Outside of its heap: buffers, and the WebAssembly memory that is told by `memory`, too. */
  readonly externalBytes: number
}

/**
 * One running engine. Its worker is owned by it and ended with it. What it executes itself runs in a session of
 * its own, the superuser's, that lasts as long as the engine.
 */
export interface Engine {
  readonly info: EngineInfo
  /**
   * Runs one statement. Pulling the events grants credit; the backend waits while nobody pulls. Leaving the
   * loop early cancels the statement and waits for its end. SQL errors are a `completed` event; the iterator
   * throws only `engine-crashed`, `disk-full` (ended by it), `engine-unresponsive`, `closed` or
   * `invalid-argument`. Throws at once (AssertionError) if something else is running.
   */
  execute(statement: EngineStatement): AsyncIterable<EngineEvent>
  /** Opens a raw conversation; nothing else may run until it is disposed. */
  openChannel(): ProtocolChannel
  /**
   * Asks what runs now to end with 57014. Resolves when the backend has ended it; if it has not within the
   * watchdog's bound the worker is ended, and what ran fails with `engine-unresponsive`. No-op when idle.
   */
  cancel(): Promise<void>
  /** Begins a session; nothing else may run meanwhile. Throws `sql-error` for a role or setting that is refused. */
  openSession(options: EngineSessionOptions): Promise<EngineSession>
  /** A process id for a session that begins later. */
  reserveProcessId(): number
  /** What a session reports that begins without settings, as the superuser. */
  readonly parameters: Readonly<Record<string, string>>
  /**
   * The roles by name, as of the last transaction that has ended. Waits for nothing but for the engine to tell what it
   * has just learned, and for that `patienceMs` at most. Throws `sql-error` where they could not be read.
   */
  roles(patienceMs: number): Promise<ReadonlyMap<string, EngineRole>>
  /**
   * What is committed now, to open other engines with; `known` where nothing has been written since. Nothing may run
   * meanwhile, and no failed transaction be open; of one that is open nothing is in it. Throws `limit-exceeded` when
   * it is longer than `bytesMax`.
   */
  snapshot(options: {
    readonly known: EngineSnapshot | null
    readonly bytesMax: number
  }): Promise<EngineSnapshot>
  /**
   * Brings the files of its directory to where a copy of them starts by itself, files of tables that are not logged
   * included: those keep their contents where the copy leaves out their initial forks. Nothing may run, and no
   * transaction be open, until they are copied.
   */
  settleFiles(options: {
    /** A position of before; null for none. */
    readonly known: string | null
    /** Nothing is done for a database without a table. */
    readonly skipsEmpty: boolean
  }): Promise<SettledFiles>
  /**
   * Tells the session of that process id by its `onDidSignal`, also while it runs something, which goes on. False if
   * there is none, or `may` refuses its role.
   */
  signal(processId: number, signal: 'cancel' | 'terminate', may: (role: string) => boolean): boolean
  memory(): EngineMemory
  /** Costs a running statement some microseconds. null: it has ended, or its platform does not tell. */
  usage?(): Promise<EngineUsage | null>
  /** The last lines of its server's log, oldest first, also when it has ended; unless it has none. */
  readonly logTail?: readonly string[]
  /** From the next statement on that begins while no transaction is open; only for who was opened with some. */
  setDatabases(databases: EngineDatabases): void
  readonly onDidNotify: Event<EngineNotification>
  /** Only where it is known. */
  readonly writes?: EngineWrites
  /** Only where it can count. */
  readonly statistics?: EngineStatistics
  /** Fired once when the worker has ended without being asked to; everything open has failed with the error. */
  readonly onDidCrash: Event<WorkbenchError>
  /** Checkpoints, closes Postgres cleanly and ends the worker. Idempotent; what runs is cancelled first. */
  close(): Promise<void>
  /**
   * Ends the worker at once, for data that nobody needs any more: what runs fails with `closed`. With a reason it ends
   * as if it had ended by itself.
   */
  discard(reason?: WorkbenchError): Promise<void>
}

/** How to open an instance of any engine. */
export interface EngineOptions {
  /** null: in memory. */
  readonly directory: string | null
  /** `durable`: every commit is on disk before it is acknowledged. `relaxed`: a power loss may lose the last ones. */
  readonly durability: 'durable' | 'relaxed'
  /** Extensions that are not always installed, by name. */
  readonly extensions?: readonly string[]
  /** Settings that the backend is started with; each name once. */
  readonly settings?: readonly { readonly name: string; readonly value: string }[]
  /** There was a database in `directory` before: missing or empty it is `corrupt`, and not created. */
  readonly mustExist?: boolean
  /** What one in memory begins with, instead of nothing. */
  readonly snapshot?: EngineSnapshot
  /** Of its sessions, counted from here on; where clients of several engines are to be told apart. */
  readonly firstProcessId?: number
  /** What SQL is told of databases; unless given, what stands in the directory. */
  readonly databases?: EngineDatabases
  /** The id of the instance for which its statements are counted; unless given they are not. */
  readonly countedFor?: string
}

/** The databases that SQL knows of, by current_database() and pg_database. */
export interface EngineDatabases {
  /** The name of the engine's own. */
  readonly own: string
  /** What else can be connected to, and the role that shall own it, if there is one of that name. */
  readonly others: readonly { readonly name: string; readonly owner: string | null }[]
}

/** Opens engines of one kind; owns what they share (template, compiled module). */
export interface EngineFactory {
  readonly engine: 'pglite'
  /**
   * Opens `directory`, or creates it from the template if it is missing or empty. The caller holds the lock.
   * Throws `corrupt`, `disk-full`, `permission-denied`, `unsupported` (written by another major version).
   */
  open(options: EngineOptions): Promise<Engine>
  /** An instance is going to be opened: what can be loaded before its files are there is loaded. */
  prepare(): void
  dispose(): Promise<void>
}
