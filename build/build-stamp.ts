/**
 * Tells whether a part's output still belongs to its inputs: a stamp under out/ keeps the hash of the inputs'
 * contents and the list of files that were made from them. Times of files are never looked at, because a
 * checkout changes them.
 */
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { repositoryRoot } from './run-command.ts'

const STAMP_FOLDER = 'out/stamps'
const TEST_FILE = /\.test\.tsx?$/

/** What is hashed and what must be there; the shape of a BuildPart without its command. */
export interface StampSubject {
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

/** Files that match `patterns`, relative to `root`, sorted, with forward slashes; folders and tests left out. */
export function matchingFiles(root: string, patterns: readonly string[]): string[] {
  const found = globSync([...patterns], { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile() && !TEST_FILE.test(entry.name))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    )
  return [...new Set(found)].sort()
}

/** Hash over the names and contents of all inputs, as hex. */
export function hashInputs(root: string, patterns: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of matchingFiles(root, patterns)) {
    const content = readFileSync(join(root, file))
    hash.update(`${file}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/** Why `subject` must be built, or undefined when its output is current. */
export function staleReason(subject: StampSubject, root: string = repositoryRoot): string | undefined {
  const path = stampPath(subject, root)
  if (!existsSync(path)) return 'not built yet'
  const [hash, ...outputs] = readFileSync(path, 'utf8').trimEnd().split('\n')
  const missing = outputs.find((file) => !existsSync(join(root, file)))
  if (missing !== undefined) return `${missing} is missing`
  return hash === hashInputs(root, subject.inputs) ? undefined : 'sources changed'
}

/** Marks the output as made from inputs with `hash`, which must have been taken before the build began. */
export function writeStamp(subject: StampSubject, hash: string, root: string = repositoryRoot): void {
  const path = stampPath(subject, root)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, [hash, ...matchingFiles(root, subject.outputs), ''].join('\n'))
}

/** Forgets the stamp, so that a build that is interrupted is never taken for current. */
export function removeStamp(subject: StampSubject, root: string = repositoryRoot): void {
  rmSync(stampPath(subject, root), { force: true })
}

function stampPath(subject: StampSubject, root: string): string {
  return join(root, STAMP_FOLDER, `${subject.name}.stamp`)
}
