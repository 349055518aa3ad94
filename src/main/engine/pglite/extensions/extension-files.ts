/**
 * Puts the files of all installed extensions in place without reading one: an archive is unpacked when Postgres first
 * reads a file of it. So every extension is there for CREATE EXTENSION, and one that nobody uses costs nothing.
 */

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { WorkbenchError } from '../../../../contract/error.ts'
import type { PgliteModule } from '../pglite-module.ts'
import { extensionBundles, missingExtensions } from './extension-bundle.ts'
import type { IndexedBundle, IndexedFile } from './extension-index.ts'
import { indexedBundles } from './generated/extension-index.ts'

/** Where PGlite's Postgres is installed. */
const prefix = '/pglite'

/** sys/stat.h */
const regularFile = 0o100_444

export interface ExtensionFilesOptions {
  /** Archives that are installed, by the names of their bundles. */
  readonly archives: ReadonlyMap<string, string>
  /** Libraries that this Postgres has loaded at its start. */
  readonly preloaded: readonly string[]
}

/**
 * To be called when PGlite's own files are in place. Entries are made when a path is first looked up: making some
 * hundred of them would take a tenth of the time to open an instance.
 */
export function addExtensionFiles(module: PgliteModule, options: ExtensionFilesOptions): void {
  const files = new ExtensionFiles(options)
  for (const folder of extensionFolders) {
    const path = `${prefix}/${folder}`
    module.FS.mkdirTree(path)
    const { node } = module.FS.lookupPath(path)
    // The operations are one object for all directories.
    const { lookup, readdir } = node.node_ops
    node.node_ops = {
      ...node.node_ops,
      lookup: (parent, name) => {
        const place = files.find(folder, name)
        if (!place) return lookup(parent, name)
        const made = module.MEMFS.createNode(parent, name, regularFile, 0)
        made.usedBytes = place.byteCount
        fillLazily(made, place)
        return made
      },
      readdir: (parent) => [...new Set([...readdir(parent), ...files.namesIn(folder)])],
    }
  }
}

/** Where files of extensions lie. */
const extensionFolders = [
  'share/postgresql/extension',
  'share/postgresql/tsearch_data',
  'lib/postgresql',
] as const

/** A file that is there when it is asked for. */
interface FilePlace {
  readonly byteCount: number
  /** Its bytes, which stay the same. */
  read(): Uint8Array
}

/** All files by folder and name, as a table that is made when somebody first looks for one. */
class ExtensionFiles {
  readonly #options: ExtensionFilesOptions
  #table: ReadonlyMap<string, FilePlace> | null = null

  constructor(options: ExtensionFilesOptions) {
    this.#options = options
  }

  find(folder: string, name: string): FilePlace | undefined {
    return this.#files().get(`${folder}/${name}`)
  }

  namesIn(folder: string): string[] {
    const inFolder = [...this.#files().keys()].filter((name) => name.startsWith(`${folder}/`))
    return inFolder.map((name) => name.slice(folder.length + 1))
  }

  #files(): ReadonlyMap<string, FilePlace> {
    if (this.#table) return this.#table
    const { archives, preloaded } = this.#options
    const table = new Map<string, FilePlace>(refusals())
    for (const bundle of indexedBundles) {
      const path = archives.get(bundle.name)
      if (path === undefined) continue
      const archive = new LazyArchive(path, bundle)
      const warning = Buffer.from(preloadWarning(bundle.name, preloaded))
      for (const file of bundle.files) {
        const behind = firstScript.test(file[0]) ? warning : nothing
        table.set(file[0], archive.place(file, behind))
      }
    }
    this.#table = table
    return table
  }
}

/** A script that makes an extension, rather than one that updates it. */
const firstScript = /\/((?!--)[^/])+--((?!--)[^/])+\.sql$/
const nothing = new Uint8Array(0)

/** One archive that is unpacked when it is first needed, and then kept, as long as the instance runs. */
class LazyArchive {
  readonly #path: string
  readonly #byteCount: number
  #bytes: Uint8Array | null = null

  constructor(path: string, { byteCount }: IndexedBundle) {
    this.#path = path
    this.#byteCount = byteCount
  }

  /** A file of it, with other bytes behind its own. */
  place([, offset, byteCount, text]: IndexedFile, behind: Uint8Array): FilePlace {
    const own = (): Uint8Array =>
      text === undefined ? this.#unpacked().subarray(offset, offset + byteCount) : Buffer.from(text)
    return {
      byteCount: byteCount + behind.length,
      read: () => (behind.length === 0 ? own() : Buffer.concat([own(), behind])),
    }
  }

  #unpacked(): Uint8Array {
    if (this.#bytes) return this.#bytes
    const bytes = gunzipSync(readFileSync(this.#path), { maxOutputLength: this.#byteCount })
    if (bytes.length !== this.#byteCount) {
      const what = `${this.#path} is not the archive that this version of Wardian knows; install Wardian again`
      throw new WorkbenchError('corrupt', what)
    }
    this.#bytes = bytes
    return bytes
  }
}

/** Without its library in memory from the start it can be made and does nothing, and its script says so. */
function preloadWarning(name: string, preloaded: readonly string[]): string {
  const library = extensionBundles.find((bundle) => bundle.name === name)?.preload
  if (library === undefined || preloaded.includes(library)) return ''
  return `
do $wardian$ begin
  raise warning '${name} works once its library is loaded when Postgres starts'
    using hint = 'Choose it on the page of databases, or with: wardian extension NAME ${name}';
end $wardian$;
`
}

/** Scripts that say why there is no such extension, in place of Postgres's guess that nobody has installed it. */
function refusals(): [name: string, place: FilePlace][] {
  const textFile = (name: string, text: string): [string, FilePlace] => {
    const bytes = Buffer.from(text)
    return [`share/postgresql/extension/${name}`, { byteCount: bytes.length, read: () => bytes }]
  }
  return [...missingExtensions].flatMap(([name, reason]) => [
    textFile(`${name}.control`, `comment = 'not available: ${reason}'\ndefault_version = '0'\n`),
    textFile(
      `${name}--0.sql`,
      `do $wardian$ begin
  raise exception using errcode = 'feature_not_supported', message = 'there is no ${name}: ${reason}',
    hint = 'A server that has it can be added as a remote database.';
end $wardian$;
`,
    ),
  ])
}

/** Gives the node its bytes once somebody asks for them. */
function fillLazily(node: { contents: Uint8Array }, place: FilePlace): void {
  let own: Uint8Array | null = null
  Object.defineProperty(node, 'contents', {
    get: () => (own ??= place.read()),
    set: (bytes: Uint8Array) => {
      own = bytes
    },
  })
}
