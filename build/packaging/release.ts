/**
 * What one run of packaging makes: which version, for which platform, and the one time that everything in it has, so
 * that the same sources give the same bytes. Knows no kind of package.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot, runCommand } from '../run-command.ts'

export type Architecture = 'x64' | 'arm64'

/** As packages name who makes them (Debian Policy 5.6.2). */
export const author = 'Wardian <maintainers@wardian.dev>'

export interface Release {
  readonly version: string
  readonly architecture: Architecture
  /** Seconds since 1970: the time of all files, and of what is written in them. */
  readonly epochSeconds: number
  /** Where the package is put. */
  readonly outputFolder: string
  /** 9 is the smallest and slowest; 0 does not compress, for tests. */
  readonly compressionLevel: number
}

export interface ProductManifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
  readonly type: string
  readonly main: string
  readonly bin: Readonly<Record<string, string>>
  readonly wardian: { readonly nodeOldest: string }
  readonly dependencies: Readonly<Record<string, string>>
  readonly overrides: Readonly<Record<string, object>>
}

export function readManifest(root: string = repositoryRoot): ProductManifest {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as ProductManifest
}

/** SOURCE_DATE_EPOCH (reproducible-builds.org, specification 1.0), else the time of the last commit. */
export async function sourceEpochSeconds(environment: NodeJS.ProcessEnv = process.env): Promise<number> {
  const given = environment['SOURCE_DATE_EPOCH']
  if (given !== undefined && given !== '') return seconds(given, 'SOURCE_DATE_EPOCH')
  const { exitCode, output } = await runCommand('git', ['log', '-1', '--format=%ct'])
  if (exitCode !== 0) throw new Error('Set SOURCE_DATE_EPOCH: there is no commit to take the time from')
  return seconds(output.trim(), 'The time of the last commit')
}

function seconds(text: string, what: string): number {
  if (!/^\d{1,11}$/.test(text)) throw new Error(`${what} is not a number of seconds: ${text}`)
  return Number(text)
}
