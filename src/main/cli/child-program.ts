/**
 * A program that a command runs for its user, with the streams of the command itself: how it begins, gets signals
 * and ends. Knows no database.
 */

import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Disposable } from '../../base/disposable.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { CommandContext } from './command-context.ts'
import { PassedExitCode } from './exit-code.ts'

/** As shells have it (POSIX 2024, Shell Command Language, section 2.8.2). */
const notFoundCode = 127
const notExecutableCode = 126
const signalCodeBase = 128

export interface ChildProgram {
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Resolves with the exit code that a shell would tell of it. Signals go to it meanwhile. */
export async function runChild(context: CommandContext, program: ChildProgram): Promise<number> {
  const [file = '', ...args] = program.command
  const child = spawn(file, args, { stdio: 'inherit', env: { ...program.environment } })
  const signals: Disposable | undefined = context.takeSignals?.((signal) => {
    // Ctrl+C at a terminal has reached the program already: twice would mean something else to it.
    const isFromTerminal = context.terminal.isInputTerminal && (signal === 'SIGINT' || signal === 'SIGQUIT')
    if (!isFromTerminal) child.kill(signal)
  })
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => reject(notStarted(context, { file, error })))
      child.once('exit', (code, signal) => resolve(code ?? signalCodeBase + numberOf(signal)))
    })
  } finally {
    signals?.dispose()
  }
}

function numberOf(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : constants.signals[signal]
}

function notStarted(
  { terminal }: CommandContext,
  { file, error }: { readonly file: string; readonly error: NodeJS.ErrnoException },
): Error {
  const words: Readonly<Record<string, readonly [code: number, why: string]>> = {
    ENOENT: [notFoundCode, 'was not found; check its name, and PATH'],
    EACCES: [notExecutableCode, 'may not be executed; check its permissions'],
  }
  const known = words[error.code ?? '']
  if (!known) {
    return new WorkbenchError('internal', `${file} could not be started: ${error.message}`, { cause: error })
  }
  const [code, why] = known
  terminal.note(`error: ${file} ${why}`)
  return new PassedExitCode(code)
}
