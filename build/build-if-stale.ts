/**
 * `npm run build`: builds the parts whose inputs changed since they were last built, and says so while it
 * works. `--force` builds all; names of parts build only those. Progress goes to stderr.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildParts } from './build-parts.ts'
import type { BuildPart, BuildPartName } from './build-parts.ts'
import { hashInputs, removeStamp, staleReason, writeStamp } from './build-stamp.ts'
import { repositoryRoot } from './run-command.ts'

export interface BuildOptions {
  /** Build these only; all by default. */
  readonly parts?: readonly BuildPartName[]
  /** Build also what is current. */
  readonly force?: boolean
}

/** Builds what is stale, in order. Rejects with the tool's output when a part fails. */
export async function buildIfStale(options: BuildOptions = {}): Promise<void> {
  for (const part of buildParts) {
    if (options.parts && !options.parts.includes(part.name)) continue
    if (!existsSync(join(repositoryRoot, part.entry))) continue
    const reason = options.force ? 'forced' : staleReason(part)
    if (reason !== undefined) await buildPart(part, reason)
  }
}

async function buildPart(part: BuildPart, reason: string): Promise<void> {
  report(`build  ${part.name.padEnd(9)}${reason}`)
  const hash = hashInputs(repositoryRoot, part.inputs)
  removeStamp(part)
  const result = await part.build()
  if (result.exitCode !== 0) throw new Error(`Building ${part.name} failed.\n${result.output}`)
  writeStamp(part, hash)
  report(`build  ${part.name.padEnd(9)}done in ${(result.elapsedMs / 1000).toFixed(1)} s`)
}

function report(line: string): void {
  process.stderr.write(`${line}\n`)
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { force: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const parts = buildParts.map((part) => part.name).filter((name) => positionals.includes(name))
  if (parts.length < positionals.length) {
    throw new Error(`Unknown part. Parts are: ${buildParts.map((part) => part.name).join(', ')}.`)
  }
  await buildIfStale({ force: values.force, ...(parts.length > 0 && { parts }) })
}

if (import.meta.main) {
  try {
    await main()
  } catch (error) {
    report(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}
