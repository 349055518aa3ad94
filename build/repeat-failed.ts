/**
 * Runs a few failed tests once more, alone: one that passes then is unsteady, which is a fault of its own, but not what
 * the run was to find out. Knows the runners' reports, and no runner.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FailedTest } from './failed-tests.ts'
import { repositoryRoot } from './run-command.ts'

/** More than this are no chance; running them again would only take time. */
const REPEATED_MAX = 3
/** Of what a failed test says, so that the end of a log shows all of them. */
const MESSAGE_LINES_MAX = 15

export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** The parsed report at `path`; it is not there when the runner broke down before any test. */
export function readReport(path: string): unknown {
  const file = join(repositoryRoot, path)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

/** Tells what failed, and runs it again, alone: true if all of it passes then. */
export async function passesAlone(
  failed: readonly FailedTest[],
  run: (files: readonly string[]) => Promise<number>,
): Promise<boolean> {
  if (failed.length === 0) return false
  say('\n== what failed')
  for (const { file, name, message } of failed) {
    say(`${file} > ${name}\n${message.split('\n').slice(0, MESSAGE_LINES_MAX).join('\n')}\n`)
  }
  if (failed.length > REPEATED_MAX) return false
  return (await run([...new Set(failed.map(({ file }) => file))])) === 0
}
