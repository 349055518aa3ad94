/**
 * Where a data directory lies while PGlite runs: in a directory of the disk with real fsync, or in memory as a
 * copy of the template. Plugs into PGlite's file system interface; knows nothing of what the files mean.
 */

import { closeSync, fdatasyncSync, fsyncSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'
import { present } from '../../../base/assert.ts'
import { addEncodingFunctions } from './encoding-functions.ts'
import type { PgliteModule, WasmFileStream } from './pglite-module.ts'

/** POSIX EIO as WASI numbers it (wasi snapshot preview1, errno). */
const wasiEio = 29
const groupReadable = 0o640

type InitArguments = Parameters<NodeFS['init']>

/** A directory of the disk. PGlite's own NodeFS has no fsync, so that `fsync=on` would reach nothing. */
export class DurableDirectory extends NodeFS {
  override async init(...[pg, options]: InitArguments): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(pg, options)
    const preRun = [...(emscriptenOpts.preRun ?? []), (module: unknown) => addFsync(module as PgliteModule)]
    return { emscriptenOpts: { ...withEncodingFunctions(pg, emscriptenOpts), preRun } }
  }
}

/** A copy of the template in the WebAssembly file system's own memory, gone with the worker. */
export class MemoryDirectory extends NodeFS {
  readonly #templateDirectory: string
  #module: (() => PgliteModule) | null = null

  constructor(templateDirectory: string) {
    super(templateDirectory)
    this.#templateDirectory = templateDirectory
  }

  /** Unlike a NodeFS, mounts nothing: the data directory stays in the module's memory. */
  override init(...[pg, emscriptenOpts]: InitArguments): ReturnType<NodeFS['init']> {
    // PGlite has loaded its module by the time it asks for the files.
    this.#module = () => pg.Module as unknown as PgliteModule
    return Promise.resolve({ emscriptenOpts: withEncodingFunctions(pg, emscriptenOpts) })
  }

  /** Called once the module is loaded and before Postgres looks for its data. */
  override initialSyncFs(): Promise<void> {
    const { FS: files } = present(this.#module, 'The module')()
    files.mkdirTree(PGlite.paths.PGDATA, 0o700)
    for (const entry of readdirSync(this.#templateDirectory, { recursive: true, withFileTypes: true })) {
      const source = join(entry.parentPath, entry.name)
      const name = relative(this.#templateDirectory, source).split(sep).join('/')
      const target = `${PGlite.paths.PGDATA}/${name}`
      if (entry.isDirectory()) {
        files.mkdirTree(target, 0o700)
      } else {
        // Given away, so that the 40 MB of a template are copied once.
        files.writeFile(target, readFileSync(source), { canOwn: true })
        files.chmod(target, groupReadable)
      }
    }
    return Promise.resolve()
  }

  override closeFs(): Promise<void> {
    return Promise.resolve()
  }
}

/** Completes what the module is instantiated with. */
function withEncodingFunctions(pg: InitArguments[0], options: InitArguments[1]): InitArguments[1] {
  const { instantiateWasm } = options
  if (!instantiateWasm) return options
  return {
    ...options,
    instantiateWasm(imports: Record<string, Record<string, unknown>>, onSuccess: unknown) {
      addEncodingFunctions(imports['env'] ?? {}, () => pg.Module as unknown as PgliteModule)
      return instantiateWasm(imports, onSuccess)
    },
  }
}

/** Gives the module's file system the fsync that it lacks, for files and (as durable renames need) directories. */
function addFsync(module: PgliteModule): void {
  const { NODEFS: nodeFiles, FS: files } = module
  nodeFiles.stream_ops.fsync = (stream: WasmFileStream) => {
    try {
      if (stream.nfd === undefined) syncDirectory(nodeFiles.realPath(stream.node))
      else fdatasyncSync(stream.nfd)
    } catch {
      // Postgres panics on this, as it must: what it believes to be on disk may not be.
      throw new files.ErrnoError(wasiEio)
    }
  }
}

/** Makes the entries of a directory durable, where the platform can. */
export function syncDirectory(path: string): void {
  // Windows has no fsync of directories; its file systems journal renames.
  if (process.platform === 'win32') return
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Makes a directory and everything in it durable. */
export function syncTree(directory: string): void {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) {
      syncDirectory(path)
      continue
    }
    const descriptor = openSync(path, 'r+')
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  }
  syncDirectory(directory)
}

/** How many files a directory holds, at any depth, and their bytes. */
export function measureTree(directory: string): { fileCount: number; byteCount: number } {
  let fileCount = 0
  let byteCount = 0
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    fileCount += 1
    byteCount += statSync(join(entry.parentPath, entry.name)).size
  }
  return { fileCount, byteCount }
}
