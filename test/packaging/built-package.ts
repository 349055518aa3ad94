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

type ElectronKind = 'electron-deb' | 'electron-rpm' | 'electron-appimage' | 'electron-tarball'

export type PackageKind = 'npm' | 'tarball' | 'deb' | 'electron' | ElectronKind

export interface Wish {
  readonly kind: PackageKind
  /** A folder for it alone. */
  readonly output: string
  readonly version: string
}

/** Path of the package. */
export async function buildPackage({ kind, ...wish }: Wish): Promise<string> {
  const [path = ''] = await buildPackages({ kinds: [kind], ...wish })
  return path
}

export interface Wishes {
  readonly kinds: readonly PackageKind[]
  readonly output: string
  readonly version: string
  /** Of `npm run package`, besides. */
  readonly options?: readonly string[]
}

/** Paths of the packages, in the order of their kinds. */
export async function buildPackages(wishes: Wishes): Promise<string[]> {
  const { kinds, output, version, options = [] } = wishes
  const script = join(repository, 'build/package.ts')
  const args = [...kinds, '--fast', '--output', output, '--version', version, ...options]
  const { exitCode, stdout, stderr } = await runProgram([process.execPath, script, ...args])
  expect(exitCode, stderr).toBe(0)
  // Tools print, too.
  return stdout.split('\n').filter((line) => line.startsWith(output))
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
