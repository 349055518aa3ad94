/**
 * What a run of Vitest says of no test: errors that nobody caught, and processes that died under one. Its report in
 * JSON leaves them out, so they are written beside it. Knows neither reports nor tests.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { repositoryRoot } from './run-command.ts'

const noted = join(repositoryRoot, 'out/test/unhandled-errors.jsonl')
/** Of a stack: what threw, and from where. */
const STACK_LINES_MAX = 4

/** As Vitest gives it. */
export interface UnhandledError {
  /** Not there where something other than an `Error` was thrown. */
  readonly message?: string | undefined
  readonly stack?: string | undefined
  readonly cause?: unknown
}

/** `onUnhandledError` of Vitest's configuration. */
export function noteUnhandledError(error: UnhandledError): void {
  mkdirSync(dirname(noted), { recursive: true })
  appendFileSync(noted, `${JSON.stringify(describe(error))}\n`)
}

/** Those of the run since the last call; to be called before a run, too. */
export function takeUnhandledErrors(): string[] {
  const lines = existsSync(noted) ? readFileSync(noted, 'utf8').split('\n') : []
  rmSync(noted, { force: true })
  return lines.filter((line) => line !== '').map((line) => String(JSON.parse(line)))
}

function describe({ message = 'an error without words', stack, cause }: UnhandledError): string {
  if (typeof cause === 'object' && cause !== null && 'message' in cause) {
    return `${message} ${describe(cause as UnhandledError)}`
  }
  return stack?.split('\n').slice(0, STACK_LINES_MAX).join('\n') ?? message
}
