/** Packages as `npm run package` makes them, uncompressed, and programs that run with nothing of this machine's own. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { runProgram } from '../support/run-program.ts'
import type { ProgramResult } from '../support/run-program.ts'

const repository = join(import.meta.dirname, '../..')

/**
 * As temporaryDirectory, but always on a disk: packages with a Node are large, and a root needs devices, which file
 * systems in memory often refuse.
 */
export function packagesDirectory(): (name: string) => string {
  const parent = join(repository, 'out/test')
  mkdirSync(parent, { recursive: true })
  const directory = mkdtempSync(join(parent, 'packages-'))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  return (name) => join(directory, name)
}

export interface Wish {
  readonly kind: 'npm' | 'tarball' | 'deb'
  /** A folder for it alone. */
  readonly output: string
  readonly version: string
}

/** Path of the package. */
export async function buildPackage({ kind, output, version }: Wish): Promise<string> {
  const script = join(repository, 'build/package.ts')
  const args = [kind, '--fast', '--output', output, '--version', version]
  const { exitCode, stdout, stderr } = await runProgram([process.execPath, script, ...args])
  expect(exitCode, stderr).toBe(0)
  return stdout.trim()
}

/** Runs `command` with this environment alone, and expects it to end well. */
export async function runAlone(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<ProgramResult> {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const result = await runProgram(['env', '-i', ...variables, ...command])
  expect(result.exitCode, `${command.join(' ')}\n${result.stderr}`).toBe(0)
  return result
}
