/**
 * What the host's thread and an engine's worker say to each other: two closed unions of messages, each with the
 * number of the activity (one statement or one channel) that it belongs to. Both sides are built together and
 * run in one process, so messages are trusted. Knows neither threads nor Postgres.
 */

import type { LentBatch } from './batch-slots.ts'
import type { SqlErrorFields, WireError } from '../../../contract/error.ts'
import type { ColumnDescription, StatementOutcome, TransactionState } from '../../../contract/statement.ts'
import type {
  EngineDatabases,
  EngineNotification,
  EngineSnapshot,
  SessionTimeouts,
  SettledFiles,
} from '../engine.ts'
import type { StatementDeltas } from '../../statistics/statement-deltas.ts'
import type { RecordingOptions } from '../../statistics/statement-recorder.ts'
import type { SessionSignal } from './builtins/signal-functions.ts'
import type { SessionBeginning } from './sessions/backend-sessions.ts'
import type { RoleLook } from './sessions/role-watch.ts'
import type { SessionLayout } from './sessions/session-layout.ts'

/** What a worker is started with: the same for every instance, so that it can be started before there is one. */
export interface BackendStart {
  /** PGlite's package of the files that come with Postgres: time zones and the like. */
  readonly programFile: string
  /** Archives of extensions that are installed, by name. */
  readonly extensionArchives: ReadonlyMap<string, string>
  /** Words of SharedSignals. */
  readonly signals: SharedArrayBuffer
  /** Of SharedLine. */
  readonly line: SharedArrayBuffer
  /** Of SharedLog. */
  readonly log: SharedArrayBuffer
  /** Output that may be under way to a consumer who does not take it. */
  readonly outputWindowBytes: number
}

/** What a worker is told first: a thread starts, and loads its code, while this is compiled. */
export interface BackendProgram {
  /** Compiled once per process; compiled code is shared between threads. */
  readonly wasmModule: WebAssembly.Module
  readonly sessionLayout: SessionLayout
}

/** What a worker opens, told once, behind its program, when all of it is there. */
export interface BackendBeginning {
  /** null: in memory. */
  readonly directory: string | null
  readonly durability: 'durable' | 'relaxed'
  /** What an instance in memory starts with; one on disk needs none. */
  readonly template: TemplateSource | null
  /** What it starts with instead of the template; null for none. */
  readonly snapshot: EngineSnapshot | null
  /** null: as they stand in the directory. */
  readonly databases: EngineDatabases | null
  /** Libraries that Postgres loads when it starts. */
  readonly preloadLibraries: readonly string[]
  /** Settings that Postgres is started with, besides the engine's own. */
  readonly settings: readonly { readonly name: string; readonly value: string }[]
}

/** One file: bytes of the image, which files may share, and zeros behind them, which the image does not hold. */
export interface TemplateFile {
  readonly name: string
  /** Where its bytes begin in the image. */
  readonly offset: number
  readonly byteCount: number
  readonly zeroCount: number
}

/** What the data directory of a template holds; names are relative, with forward slashes. */
export interface TemplateContents {
  /** Parents before what they hold. */
  readonly directories: readonly string[]
  readonly files: readonly TemplateFile[]
  /** Checksum of the image, as zlib's. */
  readonly crc32: number
}

/** A template on disk: the bytes of its files, and what they are. */
export interface TemplateSource {
  readonly imageFile: string
  readonly contents: TemplateContents
}

/** What the thread that makes a template is started with. */
export interface TemplateRequest {
  /** Gets the image and the manifest (a TemplateContents as JSON). */
  readonly home: string
  readonly imageName: string
  readonly manifestName: string
  readonly wasmModule: WebAssembly.Module
}

/** A directory to be filled. */
export interface FillTask {
  readonly kind: 'fill'
  readonly directory: string
  readonly template: TemplateSource
  /** Whether new files must be on disk before the directory counts as created. */
  readonly isDurable: boolean
}

/** What the thread that compiles and fills directories is asked to do. */
export type FileTask = FillTask | { readonly kind: 'compile'; readonly wasmFile: string }

/** A task and the number under which it is answered. */
export interface FileWork {
  readonly number: number
  readonly task: FileTask
}

/** Of a task that succeeded, with the module if it was to compile one; or of one that failed. */
export type FileAnswer = { readonly number: number } & (
  { readonly error: WireError } | { readonly error: null; readonly value: CompiledModule | void }
)

/** PGlite's WebAssembly, and what tells its build. */
export interface CompiledModule {
  readonly wasmModule: WebAssembly.Module
  readonly sha256: string
}

/** Of a session that begins without anybody waiting for that. */
export const noActivity = 0

export type HostMessage = Readonly<
  | { kind: 'program'; program: BackendProgram }
  | { kind: 'begin'; beginning: BackendBeginning }
  | {
      kind: 'execute'
      activity: number
      session: number
      sql: Uint8Array
      parameters: readonly (string | null)[]
      parameterTypes: readonly number[]
      resultBytesMax: number
      wantsTree: boolean
    }
  | { kind: 'channel-open'; activity: number; session: number }
  | { kind: 'session-open'; activity: number; beginning: SessionBeginning }
  | { kind: 'snapshot'; activity: number; known: EngineSnapshot | null; bytesMax: number }
  | { kind: 'settle-files'; activity: number; known: string | null; skipsEmpty: boolean }
  /** At the next moment in which the backend is idle. */
  | { kind: 'session-close'; session: number }
  /** Whole frontend messages, one or more in each piece. */
  | { kind: 'channel-input'; activity: number; messages: readonly Uint8Array[] }
  | { kind: 'channel-end'; activity: number }
  /** What a frame of the line announces: whole frontend messages. */
  | { kind: 'line-input'; messages: readonly Uint8Array[] }
  /** At the next moment in which the backend is idle. */
  | { kind: 'databases'; databases: EngineDatabases }
  /** What is counted from now on. */
  | { kind: 'record'; options: RecordingOptions }
  /** Asks for what has been counted. */
  | { kind: 'give-counted' }
  | { kind: 'close' }
>

export type BatchMessage = Readonly<{
  kind: 'batch'
  activity: number
  firstRow: number
  rowCount: number
  buffer: ArrayBuffer
}>

/** What is known of a session that has begun. */
export interface OpenedSession {
  /** The settings that are reported to clients. */
  readonly parameters: Readonly<Record<string, string>>
  readonly timeouts: SessionTimeouts
}

export type WorkerMessage = Readonly<
  | { kind: 'opened'; serverVersion: string; decoder: string; parameters: Readonly<Record<string, string>> }
  /** `version`: as of SharedSignals.rolesVersion. */
  | { kind: 'roles'; version: number; look: RoleLook }
  | { kind: 'columns'; activity: number; columns: readonly ColumnDescription[] }
  | BatchMessage
  /** Becomes a batch in the host's thread, before anybody sees it. */
  | { kind: 'lent-batch'; activity: number; firstRow: number; rowCount: number; lent: LentBatch }
  | { kind: 'notice'; activity: number; notice: SqlErrorFields; costBytes: number }
  | { kind: 'tree'; activity: number; tree: string }
  | { kind: 'completed'; activity: number; outcome: StatementOutcome }
  /** A statement has asked a session to end what it runs, or to end. */
  | { kind: 'signal'; session: number; signal: SessionSignal }
  | { kind: 'notification'; session: number; notification: EngineNotification }
  | ({ kind: 'session-opened'; activity: number } & OpenedSession)
  | { kind: 'session-refused'; activity: number; error: SqlErrorFields }
  /** It was to begin without anybody waiting for that, and could not. */
  | { kind: 'session-failed'; session: number; error: SqlErrorFields }
  | { kind: 'snapshot-taken'; activity: number; snapshot: EngineSnapshot }
  | { kind: 'files-settled'; activity: number; files: SettledFiles }
  | { kind: 'snapshot-failed'; activity: number; error: WireError }
  | {
      kind: 'channel-output'
      activity: number
      bytes: Uint8Array
      /** ReadyForQuery sent so far on this channel, with these bytes. */
      turn: number
      /** As of the last of them. */
      transaction: TransactionState
      /** Input that the backend had taken when it sent the last of them. */
      readyAtBytes: number
    }
  /** The backend has taken all input and waits for more. */
  | { kind: 'channel-hungry'; activity: number; takenBytes: number; isCopying: boolean }
  | { kind: 'channel-refused'; activity: number; error: WireError }
  | { kind: 'channel-closed'; activity: number }
  /** Postgres's timer is to be raised; the one before is not any more. */
  | { kind: 'alarm'; number: number; delayMs: number }
  /** There is output on the line, or room for input, and the host has asked to be told. */
  | { kind: 'line-output' }
  /** Something has been counted since it was handed over. */
  | { kind: 'has-counted' }
  | { kind: 'counted'; deltas: StatementDeltas }
  | { kind: 'closed' }
  | { kind: 'failed'; error: WireError }
>
