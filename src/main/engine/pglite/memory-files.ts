/**
 * Puts many files at once into Emscripten's file system in memory. Its own calls look up each path several times
 * from the root and open a stream for each file, which for two thousand files took a third of the time to open
 * an instance. Knows nothing of what the files mean.
 */

import { present } from '../../../base/assert.ts'
import type { PgliteModule, WasmFileNode } from './pglite-module.ts'
import type { ImageFile } from './template-image.ts'

/** sys/stat.h */
const regularFile = 0o100_000
const directoryFile = 0o040_000

export interface MemoryFiles {
  /** Absolute path; created. */
  readonly root: string
  /** Relative to the root; parents before what they hold. */
  readonly directories: readonly string[]
  /** Their bytes are given away. */
  readonly files: readonly ImageFile[]
}

/** Adds files that are not there yet. */
export function addMemoryFiles(module: PgliteModule, { root, directories, files }: MemoryFiles): void {
  const { FS: paths } = module
  paths.mkdirTree(root, 0o700)
  const nodes = new Map<string, WasmFileNode>([['', paths.lookupPath(root).node]])
  for (const name of directories) {
    const { parent, base } = split(name)
    const parentNode = present(nodes.get(parent), parent)
    nodes.set(name, module.MEMFS.createNode(parentNode, base, directoryFile | 0o700, 0))
  }
  for (const { name, bytes } of files) {
    const { parent, base } = split(name)
    addFile(module, { parent: present(nodes.get(parent), parent), base, mode: 0o640, bytes })
  }
}

/** Makes the module put the files that PGlite comes with (time zones and the like) in place in the same way. */
export function createProgramFilesFast(module: PgliteModule): void {
  const nodes = new Map<string, WasmFileNode>()
  module.FS_createDataFile = (path, _, bytes) => {
    const { parent, base } = split(path)
    const node = nodes.get(parent) ?? module.FS.lookupPath(parent).node
    nodes.set(parent, node)
    addFile(module, { parent: node, base, mode: 0o777, bytes })
  }
}

interface NewFile {
  readonly parent: WasmFileNode
  readonly base: string
  readonly mode: number
  readonly bytes: Uint8Array
}

function addFile(module: PgliteModule, { parent, base, mode, bytes }: NewFile): void {
  const file = module.MEMFS.createNode(parent, base, regularFile | mode, 0)
  file.contents = bytes
  file.usedBytes = bytes.length
}

function split(path: string): { parent: string; base: string } {
  const slash = path.lastIndexOf('/')
  return { parent: path.slice(0, Math.max(slash, 0)), base: path.slice(slash + 1) }
}
