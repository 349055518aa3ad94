/**
 * Where a data directory lies while PGlite runs: in a directory of the disk with real fsync, or in memory as a
 * copy of a template or a snapshot. Plugs into PGlite's file system interface; knows nothing of what the files mean.
 */

import { fdatasyncSync, readFileSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import { EmscriptenBuiltinFilesystem } from '@electric-sql/pglite/basefs'
import { present } from '../../../base/assert.ts'
import { addEncodingFunctions } from './encoding-functions.ts'
import { addExtensionFiles } from './extensions/extension-files.ts'
import { syncDirectory } from './file-tree.ts'
import type { MemoryContents } from './memory-contents.ts'
import { addMemoryFiles, createProgramFilesFast } from './memory-files.ts'
import type {
  FunctionTable,
  MemoryFileNode,
  NodeFileSystemType,
  PgliteModule,
  WasmFileStream,
} from './pglite-module.ts'
import { SpareMemoryWatch } from './spare-memory.ts'
import { watchFiles, type WatchedFilesOptions } from './watched-files.ts'

/** As WASI numbers the errors of POSIX (wasi snapshot preview1, errno). */
const wasiErrors = { EDQUOT: 19, EIO: 29, ENOSPC: 51 }
/** What the group and everybody else may do (sys/stat.h). */
const othersBits = 0o077
/** The system gives memory when it is first written, so the spare half of a file costs none. */
const fileGrowth = 2

type InstanceReceiver = (instance: WebAssembly.Instance, module: WebAssembly.Module) => void
type InitArguments = Parameters<EmscriptenBuiltinFilesystem['init']>

/** Where the data lies. */
export interface DataPlace {
  /** Puts the data where Postgres looks for it. */
  mount(module: PgliteModule): Promise<void> | void
  /** Postgres has ended. */
  close(module: PgliteModule): void
}

/** What is known once there is an instance to open. */
export interface ChosenData {
  readonly place: DataPlace
  /** Libraries that Postgres loads when it starts. */
  readonly preloaded: readonly string[]
}

export interface DataFilesystemOptions {
  /** PGlite's package of the files that come with Postgres. */
  readonly programFile: string
  readonly extensionArchives: ReadonlyMap<string, string>
  /** Called once PGlite is loaded; may block until there is an instance to open. */
  choose(): ChosenData
}

/** All files of one Postgres: its own, those of extensions, and the data. */
export class DataFilesystem extends EmscriptenBuiltinFilesystem {
  readonly #options: DataFilesystemOptions
  #instance: WebAssembly.Instance | null = null
  #spareMemory: SpareMemoryWatch | null = null
  #place: DataPlace | null = null

  constructor(options: DataFilesystemOptions) {
    super()
    this.#options = options
  }

  /** The module's functions by their indexes, by which Postgres keeps pointers to them. */
  get functions(): FunctionTable {
    return this.#exports['__indirect_function_table'] as FunctionTable
  }

  /** Throws if Postgres has started with shared memory that may not have been zero. */
  checkSharedMemory(): void {
    present(this.#spareMemory, 'The watch').check()
  }

  /** Called once the module is loaded and before Postgres looks for its data. */
  override async initialSyncFs(): Promise<void> {
    const module = moduleOf(this.pg)
    const { place, preloaded } = this.#options.choose()
    this.#place = place
    addExtensionFiles(module, { archives: this.#options.extensionArchives, preloaded })
    await place.mount(module)
  }

  override closeFs(): Promise<void> {
    this.#place?.close(moduleOf(this.pg))
    return Promise.resolve()
  }

  get #exports(): WebAssembly.Instance['exports'] {
    return present(this.#instance, 'The instance').exports
  }

  override init(...[pg, options]: InitArguments): ReturnType<EmscriptenBuiltinFilesystem['init']> {
    const preRun = [
      ...(options.preRun ?? []),
      (module: unknown) => createProgramFilesFast(module as PgliteModule),
    ]
    this.pg = pg
    const completed = completeInstance(options, {
      onImports: (imports) => this.#completeImports(imports),
      onInstance: (instance) => (this.#instance = instance),
    })
    const getPreloadedPackage = (): ArrayBuffer => readWhole(this.#options.programFile)
    return Promise.resolve({ emscriptenOpts: { ...completed, preRun, getPreloadedPackage } })
  }

  #completeImports(imports: Record<string, unknown>): void {
    const module = (): PgliteModule => moduleOf(this.pg)
    addEncodingFunctions(imports, () => ({ module: module(), functions: this.functions }))
    const dataDirectory = PGlite.paths.PGDATA
    this.#spareMemory = new SpareMemoryWatch(imports, { dataDirectory, module, exports: () => this.#exports })
  }
}

/** A directory of the disk. PGlite's own NodeFS has no fsync, so that `fsync=on` would reach nothing. */
export class DurableDirectory implements DataPlace {
  readonly #options: WatchedFilesOptions

  constructor(options: WatchedFilesOptions) {
    this.#options = options
  }

  mount(module: PgliteModule): void {
    const { FS: files, NODEFS: nodeFiles } = module
    addFsync(module)
    keepPrivate(nodeFiles)
    watchFiles(nodeFiles, this.#options)
    files.mkdirTree(PGlite.paths.PGDATA, 0o700)
    files.mount(nodeFiles, { root: this.#options.directory }, PGlite.paths.PGDATA)
  }

  close(module: PgliteModule): void {
    module.FS.quit()
  }
}

/** Files in the WebAssembly file system's own memory, gone with the worker. */
export class MemoryDirectory implements DataPlace {
  readonly #contents: MemoryContents

  constructor(contents: MemoryContents) {
    this.#contents = contents
  }

  async mount(module: PgliteModule): Promise<void> {
    const { MEMFS: memoryFiles } = module
    memoryFiles.resizeFileStorage = resizeGenerously
    memoryFiles.expandFileStorage = (node, bytes) => reserveGenerously(node, bytes)
    const { directories } = this.#contents
    const files = await this.#contents.files
    addMemoryFiles(module, { root: PGlite.paths.PGDATA, directories, files })
  }

  close(): void {
    // Its memory ends with the thread.
  }
}

/**
 * Sets the size of a file in memory with room to grow. Emscripten's own copies the whole file each time, and
 * Postgres extends a table by a few pages at a time: a million inserted rows cost 3 s of copying that way.
 */
export function resizeGenerously(node: MemoryFileNode, bytes: number): void {
  if (bytes < node.contents.length / 2) {
    node.contents = new Uint8Array(node.contents.subarray(0, bytes))
  } else {
    reserveGenerously(node, Math.max(bytes, node.usedBytes))
    // What a file gains later must be zero.
    if (bytes < node.usedBytes) node.contents.fill(0, bytes, node.usedBytes)
  }
  node.usedBytes = bytes
}

/**
 * Makes room for a file of `bytes` without changing its size. Emscripten's own gives an eighth more. It is asked
 * before each write, so that what other threads see too becomes a copy here.
 */
function reserveGenerously(node: MemoryFileNode, bytes: number): void {
  const { contents, usedBytes } = node
  const isShared = contents.buffer instanceof SharedArrayBuffer
  if (bytes <= contents.length && !isShared) return
  const growth = bytes <= contents.length ? 1 : fileGrowth
  node.contents = new Uint8Array(Math.max(bytes, contents.length * growth))
  node.contents.set(contents.subarray(0, usedBytes))
}

/**
 * PGlite's own way reads half a megabyte at a time, each time in Node's pool of threads, where it waits for the
 * syncs of a directory that is being filled.
 */
function readWhole(path: string): ArrayBuffer {
  const { buffer, byteOffset, length } = readFileSync(path)
  const isWhole = buffer.byteLength === length && buffer instanceof ArrayBuffer
  return isWhole ? buffer : new Uint8Array(buffer.slice(byteOffset, byteOffset + length)).buffer
}

/** PGlite has one once it asks for the files. */
function moduleOf(pg: PGlite | undefined): PgliteModule {
  return present(pg, 'PGlite').Module as unknown as PgliteModule
}

/** Lets the imports be completed before the module is instantiated, and tells the instance. */
function completeInstance(
  options: InitArguments[1],
  listener: {
    onImports(imports: Record<string, unknown>): void
    onInstance(instance: WebAssembly.Instance): void
  },
): InitArguments[1] {
  const { instantiateWasm } = options
  if (!instantiateWasm) return options
  return {
    ...options,
    instantiateWasm(imports: Record<string, Record<string, unknown>>, onSuccess: InstanceReceiver) {
      listener.onImports(imports['env'] ?? {})
      return instantiateWasm(imports, (instance: WebAssembly.Instance, module: WebAssembly.Module) => {
        listener.onInstance(instance)
        onSuccess(instance, module)
      })
    },
  }
}

/** Postgres relies on its umask, which reaches the system's files neither here nor where others make files for it. */
function keepPrivate(nodeFiles: NodeFileSystemType): void {
  const { mknod, setattr } = nodeFiles.node_ops
  nodeFiles.node_ops.mknod = (...[parent, name, mode, device]) =>
    mknod(parent, name, mode & ~othersBits, device)
  // Files that have just been made are given their mode once more.
  nodeFiles.node_ops.setattr = (node, attributes) => {
    const { mode } = attributes
    setattr(node, mode === undefined ? attributes : { ...attributes, mode: mode & ~othersBits })
  }
}

/** Gives the module's file system the fsync that it lacks, for files and (as durable renames need) directories. */
function addFsync(module: PgliteModule): void {
  const { NODEFS: nodeFiles, FS: files } = module
  nodeFiles.stream_ops.fsync = (stream: WasmFileStream) => {
    try {
      if (stream.nfd === undefined) syncDirectory(nodeFiles.realPath(stream.node))
      else fdatasyncSync(stream.nfd)
    } catch (error) {
      // Postgres panics on this, as it must: what it believes to be on disk may not be. Its log tells which it was.
      throw new files.ErrnoError(syncError(error))
    }
  }
}

function syncError(error: unknown): number {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return code === 'ENOSPC' || code === 'EDQUOT' ? wasiErrors[code] : wasiErrors.EIO
}
