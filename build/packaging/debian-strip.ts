/**
 * Takes symbols for debuggers out of native code, as Debian wants it (Policy 10.1). Knows no package.
 */
import { copyFileSync, renameSync, rmSync } from 'node:fs'
import { runCommand } from '../run-command.ts'
import type { Architecture } from './release.ts'

/** As GNU binutils name the programs that work on the other one. */
const binutilsPrefixes: Readonly<Record<Architecture, string>> = { x64: 'x86_64', arm64: 'aarch64' }

/** Strips the file at `path`. False where there is no binutils for it: it is as it was, and stderr says so. */
export async function strip(path: string, architecture: Architecture): Promise<boolean> {
  const own = process.arch === architecture ? ['strip'] : []
  const copy = `${path}.stripped`
  for (const program of [...own, `${binutilsPrefixes[architecture]}-linux-gnu-strip`]) {
    copyFileSync(path, copy)
    const args = ['--strip-unneeded', '--remove-section=.comment', '--remove-section=.note', copy]
    const result = await runCommand(program, args).catch(() => null)
    if (result?.exitCode === 0) {
      renameSync(copy, path)
      return true
    }
  }
  rmSync(copy, { force: true })
  process.stderr.write(`No strip of binutils here: ${path} has its symbols\n`)
  return false
}
