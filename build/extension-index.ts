/**
 * Writes the list of what is in the archives of Postgres's extensions, with the place of each file, so that an
 * instance knows them all without opening one: `node build/extension-index.ts`, after a package's version has
 * changed. A test compares the list with the archives.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { extensionBundles, installedArchives } from '../src/main/engine/pglite/extensions/extension-bundle.ts'
import { repositoryRoot } from './run-command.ts'

/** POSIX.1-1988 ustar (pax, "ustar Interchange Format"): offsets and lengths of fields in a header. */
const blockBytes = 512
const fields = {
  name: [0, 100],
  size: [124, 12],
  type: [156, 1],
  target: [157, 100],
  prefix: [345, 155],
} as const

/** What Postgres looks for. Headers, documentation and scripts for other servers are left out. */
const wanted = /^(lib\/postgresql\/|share\/(postgresql\/(extension|tsearch_data)|proj)\/)/

interface ArchivedFile {
  readonly name: string
  readonly offset: number
  readonly byteCount: number
  readonly bytes: Buffer
  /** Of a symbolic link: the file beside it that it stands for. */
  readonly target: string | null
}

const types = { file: '0', link: '2', directory: '5' }

function* filesOf(archive: Buffer): Generator<ArchivedFile> {
  let at = 0
  while (at < archive.length) {
    const text = ([start, length]: readonly [number, number]): string =>
      archive.toString('latin1', at + start, at + start + length).replace(/\0.*$/s, '')
    const base = text(fields.name)
    if (base === '') return
    const prefix = text(fields.prefix)
    const byteCount = Number.parseInt(text(fields.size), 8)
    const type = text(fields.type)
    const offset = at + blockBytes
    if (!Object.values(types).includes(type)) throw new Error(`${base} is of type ${type}`)
    const name = prefix === '' ? base : `${prefix}/${base}`
    const target = type === types.link ? join(dirname(name), text(fields.target)) : null
    const bytes = archive.subarray(offset, offset + byteCount)
    if (type !== types.directory) yield { name, offset, byteCount, bytes, target }
    at = offset + Math.ceil(byteCount / blockBytes) * blockBytes
  }
}

/** A link gets the place of the file that it stands for. */
function resolveLinks(files: readonly ArchivedFile[]): readonly ArchivedFile[] {
  const named = new Map(files.map((file) => [file.name, file]))
  return files.map((file) => {
    if (file.target === null) return file
    const target = named.get(file.target)
    if (!target || target.target !== null) throw new Error(`${file.name} stands for nothing`)
    return { ...target, name: file.name }
  })
}

/** `key = 'value'` lines of a control file (PostgreSQL 18 documentation, section 36.17.1). */
function control(bytes: Buffer): ReadonlyMap<string, string> {
  const lines = bytes.toString('utf8').matchAll(/^\s*(\w+)\s*=\s*'?((?:[^'\n#]|'')*)'?/gm)
  return new Map([...lines].map(([, key = '', value = '']) => [key, value.replaceAll("''", "'").trim()]))
}

const archives = installedArchives()
const bundles = extensionBundles.map(({ name }) => {
  const path = archives.get(name)
  if (path === undefined) throw new Error(`The archive of ${name} is not installed`)
  const archive = gunzipSync(readFileSync(path))
  const files = resolveLinks([...filesOf(archive)]).filter((file) => wanted.test(file.name))
  const extensions = files.flatMap((file) => {
    const extension = /^share\/postgresql\/extension\/([^/]+)\.control$/.exec(file.name)?.[1]
    if (extension === undefined) return []
    const values = control(file.bytes)
    const needs = (values.get('requires') ?? '').split(',').map((each) => each.trim())
    return {
      ...{ name: extension, version: values.get('default_version') ?? '' },
      ...{ comment: values.get('comment') ?? '', requires: needs.filter((each) => each !== '') },
    }
  })
  const places = files.map(({ name: file, offset, byteCount, bytes }) => {
    return [file, offset, byteCount, ...(file.endsWith('.control') ? [bytes.toString('utf8')] : [])]
  })
  return { name, byteCount: archive.length, extensions, files: places }
})

const target = join(repositoryRoot, 'src/main/engine/pglite/extensions/generated/extension-index.ts')
const head = `/** Written by build/extension-index.ts. */
import type { IndexedBundle } from '../extension-index.ts'

export const indexedBundles: readonly IndexedBundle[] = [
`
const rows = bundles.map((bundle) => `  ${JSON.stringify(bundle)},\n`).join('')
writeFileSync(target, `${head}${rows}]\n`)
