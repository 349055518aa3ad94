/**
 * Opens PGlite in a worker: starts Postgres on a directory or on a copy of the template in memory, with the
 * durability that was asked for, and words what went wrong. Afterwards PGlite itself only closes it again.
 */

import { PGlite } from '@electric-sql/pglite'
import { present } from '../../../base/assert.ts'
import { WorkbenchError } from '../../../contract/error.ts'
import { checkDirectory, fileSystemError } from './check-directory.ts'
import type { BackendBeginning, BackendProgram, BackendStart } from './engine-message.ts'
import { DataFilesystem, DurableDirectory, MemoryDirectory, type DataPlace } from './data-filesystem.ts'
import type { FunctionTable, PgliteModule } from './pglite-module.ts'
import { raiseError } from './raise-error.ts'
import { snapshotContents, templateContents } from './memory-contents.ts'
import { plainName } from './databases/database-rows.ts'
import { claimDirectory, refuseRunningServer } from './server-lock-file.ts'
import type { SharedLog } from './shared-log.ts'
import type { SharedSignals } from './shared-signals.ts'
import { sharedMemoryParameters } from './spare-memory.ts'

/** What PGlite's databases are called (PGliteOptions.database), and what is said where there is none. */
const noPlainDatabase = `database "${plainName}" does not exist`

/** Lines of Postgres's log that are kept for error messages. */
const logLinesMax = 50
const fatalLine = /^.*?(FATAL|PANIC): +/

/**
 * As PGlite.defaultStartParams of 0.5.16, without `-F` (which turns fsync off) and without its search_path,
 * so that a session starts with Postgres's own.
 */
const startParameters = [
  '--single',
  '-O',
  '-j',
  ...['exit_on_error=false', 'log_checkpoints=false', 'io_method=sync', 'max_worker_processes=0'].flatMap(
    set,
  ),
  ...['max_parallel_workers=0', 'max_parallel_workers_per_gather=0'].flatMap(set),
  ...['max_parallel_maintenance_workers=0'].flatMap(set),
]

/** `fdatasync`, the default method on Linux, does not reach the file system's fsync hook. */
const durableParameters = ['fsync=on', 'wal_sync_method=fsync'].flatMap(set)
const relaxedParameters = ['-F']

function set(setting: string): string[] {
  return ['-c', setting]
}

function chosenParameters(beginning: BackendBeginning): string[] {
  const { directory, durability, settings, preloadLibraries } = beginning
  const preload =
    preloadLibraries.length === 0 ? [] : set(`shared_preload_libraries=${preloadLibraries.join(',')}`)
  return [
    ...(durability === 'durable' && directory !== null ? durableParameters : relaxedParameters),
    ...preload,
    ...settings.flatMap(({ name, value }) => set(`${name}=${value}`)),
  ]
}

/** The last lines of what Postgres logs. */
export class BackendLog {
  readonly #lines: string[] = []
  readonly #shared: SharedLog

  /** `shared` is told, too. */
  constructor(shared: SharedLog) {
    this.#shared = shared
  }

  readonly add = (line: string): boolean => {
    this.#lines.push(line)
    this.#shared.add(line)
    if (this.#lines.length > logLinesMax) this.#lines.shift()
    return false
  }

  get hasReason(): boolean {
    return this.#lines.some((line) => fatalLine.test(line))
  }

  /** What Postgres gave as the reason for ending, without time and process number. */
  get reason(): string {
    const fatal = this.#lines.findLast((line) => fatalLine.test(line)) ?? this.#lines.at(-1)
    return fatal?.replace(fatalLine, '') ?? 'it gave no reason'
  }

  get text(): string {
    return this.#lines.join('\n')
  }
}

/** What the worker lends for opening. */
export interface BackendParts {
  readonly log: BackendLog
  /** Told while the file system is asked. */
  readonly signals: SharedSignals
  readonly program: BackendProgram
  /** Blocks until there is something to open. */
  awaitBeginning(): BackendBeginning
}

export interface OpenedBackend {
  readonly pglite: PGlite
  /** The name of the database in the directory. */
  readonly database: string
  /** Functions of the module by their indexes. */
  readonly functions: FunctionTable
  readonly beginning: BackendBeginning
}

/**
 * Loads Postgres, and starts it when it is told on what. Throws WorkbenchErrors only. Where the program ended between a
 * VACUUM FULL of pg_database and what follows it here, the database in the directory has the name that sessions were
 * told.
 */
export async function openBackend(start: BackendStart, parts: BackendParts): Promise<OpenedBackend> {
  const told = new ToldBeginning(parts)
  try {
    return await openAs(plainName, start, { ...parts, told })
  } catch (error) {
    const own = told.known?.databases?.own
    if (own === undefined || !parts.log.text.includes(noPlainDatabase)) throw error
    return openAs(own, start, { ...parts, told })
  }
}

/** What is opened, once it is told. */
class ToldBeginning {
  readonly #parts: BackendParts
  known: BackendBeginning | null = null

  constructor(parts: BackendParts) {
    this.#parts = parts
  }

  /** Blocks until it is told. */
  get(): BackendBeginning {
    this.known ??= this.#parts.awaitBeginning()
    return this.known
  }
}

async function openAs(
  database: string,
  start: BackendStart,
  { log, signals, program, told }: BackendParts & { readonly told: ToldBeginning },
): Promise<OpenedBackend> {
  // PGlite reads them when the files are in place.
  const startParams = [...startParameters, ...sharedMemoryParameters]
  const { programFile, extensionArchives } = start
  const files = new DataFilesystem({
    ...{ programFile, extensionArchives },
    choose: () => {
      const beginning = told.get()
      startParams.push(...chosenParameters(beginning))
      return { place: placeOf(beginning, signals), preloaded: beginning.preloadLibraries }
    },
  })
  try {
    const pglite = await PGlite.create({
      ...{ fs: files, database, startParams },
      // The files of Postgres come from there, too.
      fsBundle: new Blob([]),
      pgliteWasmModule: program.wasmModule,
      onStderr: log.add,
      onStdout: log.add,
    })
    const beginning = told.get()
    if (beginning.directory !== null) claimDirectory(beginning.directory)
    files.checkSharedMemory()
    refusePrograms(pglite.Module as unknown as PgliteModule)
    return { pglite, functions: files.functions, database, beginning }
  } catch (error) {
    const { directory = null, template = null } = told.known ?? {}
    throw openingError(error, { place: directory ?? template?.imageFile ?? 'memory', log })
  }
}

/** Throws where Postgres is not to be let loose. */
function placeOf({ directory, snapshot, template }: BackendBeginning, signals: SharedSignals): DataPlace {
  if (directory === null) {
    const contents = snapshot
      ? snapshotContents(snapshot)
      : templateContents(present(template, 'The template'))
    return new MemoryDirectory(contents)
  }
  checkDirectory(directory)
  refuseRunningServer(directory)
  return new DurableDirectory({ directory, signals })
}

/** PGlite throws through Postgres's frames when it is to run a program, as COPY … PROGRAM asks, and that ends it. */
function refusePrograms(module: PgliteModule): void {
  const refusal = {
    state: '0A000',
    message: 'programs cannot be run: this Postgres lives in WebAssembly. Copy to the client instead',
    file: 'fd',
    routine: 'popen',
  }
  module._pgl_set_popen_fn(module.addFunction(() => raiseError(module, refusal), 'ppp'))
}

function openingError(error: unknown, context: { place: string; log: BackendLog }): unknown {
  const { place, log } = context
  const worded = fileSystemError(error, place)
  if (worded instanceof WorkbenchError) return worded
  const cause = { cause: error }
  if (/No space left on device/.test(log.text)) {
    return new WorkbenchError('disk-full', `No space is left for ${place}; free some and try again`, cause)
  }
  if (log.reason.endsWith(': Read-only file system')) {
    return new WorkbenchError(
      'permission-denied',
      `The disk of ${place} can only be read (${log.reason}). A system makes one so on which it has found errors: ` +
        'see its log, then mount it for writing again; what was committed is safe',
      cause,
    )
  }
  if (/: (Permission denied|Operation not permitted)$/.test(log.reason)) {
    return new WorkbenchError(
      'permission-denied',
      `Postgres may not use its files in ${place} (${log.reason}); check their owner and permissions: the user ` +
        'who runs this must own the directory and all that is in it, and be allowed to write',
      cause,
    )
  }
  if (/incompatible with server/.test(log.text)) {
    return new WorkbenchError(
      'unsupported',
      `${place} was written by another version of Postgres, or its global/pg_control is damaged (${log.reason}); ` +
        'dump it with that version, or restore it from a backup',
      cause,
    )
  }
  return new WorkbenchError(
    'corrupt',
    `Postgres could not start on ${place}: ${log.reason}; restore the directory from a backup`,
    cause,
  )
}
