/**
 * A file as it is shipped, wherever it comes from, and a tree of them. All kinds of packages are made from such
 * lists, so that they have the same files in the same order with the same modes. Knows no kind of package.
 */
import {
  chmodSync,
  copyFileSync,
  lutimesSync,
  mkdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

export interface ShippedFile {
  /** Within the package, with forward slashes. */
  readonly path: string
  readonly source: FileSource
  readonly isExecutable?: boolean
}

export type FileSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** A symbolic link; its target is relative to the folder of the link. */
  | { readonly kind: 'link'; readonly target: string }

/** What everybody may read and only the owner may write. */
export const fileMode = 0o644
export const programMode = 0o755
export const folderMode = 0o755

export function textFile(path: string, text: string): ShippedFile {
  return { path, source: { kind: 'text', text } }
}

export function copiedFile(path: string, from: string): ShippedFile {
  return { path, source: { kind: 'file', path: from } }
}

export function linkTo(path: string, target: string): ShippedFile {
  return { path, source: { kind: 'link', target } }
}

export function modeOf(file: ShippedFile): number {
  return file.isExecutable ? programMode : fileMode
}

/** The files below `folder`. */
export function inFolder(folder: string, files: readonly ShippedFile[]): ShippedFile[] {
  return files.map((file) => ({ ...file, path: `${folder}/${file.path}` }))
}

/** By path, in the same order on every machine; throws where two have the same path. */
export function sortedFiles(files: readonly ShippedFile[]): ShippedFile[] {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  for (const [index, file] of sorted.entries()) {
    if (file.path === sorted[index + 1]?.path) throw new Error(`${file.path} is shipped twice`)
  }
  return sorted
}

/** All folders that `files` lie in, each after the one it lies in. */
export function foldersOf(files: readonly ShippedFile[]): string[] {
  const folders = new Set<string>()
  for (const { path } of files) {
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) folders.add(folder)
  }
  return [...folders].toSorted()
}

/** Writes `files` below `root`, all with the time `epochSeconds`, whatever the umask is. */
export function writeTree(root: string, files: readonly ShippedFile[], epochSeconds: number): void {
  const folders = ['.', ...foldersOf(files)].map((folder) => join(root, folder))
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, folderMode)
  }
  for (const file of files) writeOne(join(root, file.path), file, epochSeconds)
  // The last, because writing a file changes the time of its folder.
  for (const folder of folders.toReversed()) utimesSync(folder, epochSeconds, epochSeconds)
}

function writeOne(path: string, file: ShippedFile, epochSeconds: number): void {
  const { source } = file
  if (source.kind === 'link') {
    symlinkSync(source.target, path)
    lutimesSync(path, epochSeconds, epochSeconds)
    return
  }
  if (source.kind === 'file') copyFileSync(source.path, path)
  else writeFileSync(path, source.kind === 'text' ? source.text : source.bytes)
  chmodSync(path, modeOf(file))
  utimesSync(path, epochSeconds, epochSeconds)
}
