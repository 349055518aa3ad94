/**
 * Where a data directory lies while PGlite runs: in a directory of the disk with real fsync, or in memory as a
 * copy of the template. Plugs into PGlite's file system interface; knows nothing of what the files mean.
 */

import { fdatasyncSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'
import { present } from '../../../base/assert.ts'
import { addEncodingFunctions } from './encoding-functions.ts'
import type { TemplateSource } from './engine-message.ts'
import { syncDirectory } from './file-tree.ts'
import { checkCopy } from './prepare-directory.ts'
import type { MemoryFileNode, PgliteModule, WasmFileStream } from './pglite-module.ts'

/** POSIX EIO as WASI numbers it (wasi snapshot preview1, errno). */
const wasiEio = 29
const groupReadable = 0o640
/** The system gives memory when it is first written, so the spare half of a file costs none. */
const fileGrowth = 2

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
  readonly #template: TemplateSource
  #module: (() => PgliteModule) | null = null

  constructor(template: TemplateSource) {
    super(template.directory)
    this.#template = template
  }

  /** Unlike a NodeFS, mounts nothing: the data directory stays in the module's memory. */
  override init(...[pg, emscriptenOpts]: InitArguments): ReturnType<NodeFS['init']> {
    // PGlite has loaded its module by the time it asks for the files.
    this.#module = () => pg.Module as unknown as PgliteModule
    return Promise.resolve({ emscriptenOpts: withEncodingFunctions(pg, emscriptenOpts) })
  }

  /** Called once the module is loaded and before Postgres looks for its data. */
  override initialSyncFs(): Promise<void> {
    const { FS: files, MEMFS: memoryFiles } = present(this.#module, 'The module')()
    memoryFiles.resizeFileStorage = resizeGenerously
    memoryFiles.expandFileStorage = (node, bytes) => reserveGenerously(node, bytes)
    files.mkdirTree(PGlite.paths.PGDATA, 0o700)
    const { directory } = this.#template
    let fileCount = 0
    let byteCount = 0
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      const source = join(entry.parentPath, entry.name)
      const name = relative(directory, source).split(sep).join('/')
      const target = `${PGlite.paths.PGDATA}/${name}`
      if (entry.isDirectory()) {
        files.mkdirTree(target, 0o700)
        continue
      }
      const data = readFileSync(source)
      // Given away, so that the 40 MB of a template are copied once.
      files.writeFile(target, data, { canOwn: true })
      files.chmod(target, groupReadable)
      fileCount += 1
      byteCount += data.length
    }
    // PGlite would run initdb where it finds no database, which takes seconds.
    checkCopy(this.#template, { fileCount, byteCount })
    return Promise.resolve()
  }

  override closeFs(): Promise<void> {
    return Promise.resolve()
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
    reserveGenerously(node, bytes)
    // What a file gains later must be zero.
    if (bytes < node.usedBytes) node.contents.fill(0, bytes, node.usedBytes)
  }
  node.usedBytes = bytes
}

/** Makes room for a file of `bytes` without changing its size. Emscripten's own gives an eighth more. */
function reserveGenerously(node: MemoryFileNode, bytes: number): void {
  if (bytes <= node.contents.length) return
  const { contents, usedBytes } = node
  node.contents = new Uint8Array(Math.max(bytes, contents.length * fileGrowth))
  node.contents.set(contents.subarray(0, usedBytes))
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
