/**
 * What a run of Vitest says of no test: errors that nobody caught, and processes that died under one. Its report in
 * JSON leaves them out, so they are written beside it, for the end of a log. Knows neither reports nor tests.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { repositoryRoot } from './run-command.ts'

const noted = join(repositoryRoot, 'out/test/unhandled-errors.txt')

/** As Vitest gives it. */
export interface UnhandledError {
  readonly message: string
  readonly cause?: unknown
}

/** `onUnhandledError` of Vitest's configuration. The error fails the run all the same. */
export function noteUnhandledError(error: UnhandledError): void {
  mkdirSync(dirname(noted), { recursive: true })
  appendFileSync(noted, `${describe(error)}\n`)
}

/** Those of the run since the last call, a line each; to be called before a run, too. */
export function takeUnhandledErrors(): string {
  const text = existsSync(noted) ? readFileSync(noted, 'utf8') : ''
  rmSync(noted, { force: true })
  return text.trimEnd()
}

function describe({ message, cause }: UnhandledError): string {
  const isError = typeof cause === 'object' && cause !== null && 'message' in cause
  return isError ? `${message} ${describe(cause as UnhandledError)}` : message
}
