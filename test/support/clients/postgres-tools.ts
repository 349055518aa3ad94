/**
 * Where the client programs of Postgres are that the tests run: those that `npm run postgres-tools` unpacked, else
 * the system's if they are new enough. pg_dump refuses servers newer than itself, so older ones are of no use.
 */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { runProgram, type ProgramResult } from '../run-program.ts'
import type { ClientServer } from './client-server.ts'

const UNPACKED = join(import.meta.dirname, '../../../out/postgres-tools/bin')
const MAJOR_MIN = 18

export type PostgresTool = 'psql' | 'pg_dump' | 'pg_restore' | 'pgbench' | 'createdb' | 'dropdb'

/** Runs one of the programs as the server's owner, in its database. */
export function runTool(
  server: ClientServer,
  command: readonly [PostgresTool, ...string[]],
  input?: string,
): Promise<ProgramResult> {
  const PATH = `${toolsFolder()}${delimiter}${process.env['PATH'] ?? ''}`
  const [tool, ...words] = command
  return runProgram([join(toolsFolder(), tool), ...words], { ...server.environment, PATH }, input)
}

/** The same, and fails if the program does or complains. Answers what it printed. */
export async function toolOutput(
  server: ClientServer,
  command: readonly [PostgresTool, ...string[]],
  input?: string,
): Promise<string> {
  const { exitCode, stdout, stderr } = await runTool(server, command, input)
  if (exitCode !== 0)
    throw new Error(`${command.join(' ')} on ${server.name} ended with ${exitCode}: ${stderr}`)
  return stdout
}

function toolsFolder(): string {
  if (existsSync(UNPACKED)) return UNPACKED
  const { stdout } = spawnSync('pg_dump', ['--version'], { encoding: 'utf8' })
  const major = Number(/ (\d+)/.exec(stdout ?? '')?.[1] ?? 0)
  if (major >= MAJOR_MIN) return '/usr/bin'
  throw new Error(
    `These tests need pg_dump ${MAJOR_MIN} or newer: run \`npm run postgres-tools\` (Debian only)`,
  )
}
