/** Runs a program of the system to its end, with its output as text. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface ProgramResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Ended by a signal, its code is -1 and its stderr says which. `environment` is added to the own one; `input` is what
 * the program reads.
 */
export async function runProgram(
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  input = '',
): Promise<ProgramResult> {
  const [program = '', ...words] = command
  const child = spawn(program, words, { env: { ...process.env, ...environment } })
  const texts = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text))
  child.stdin.on('error', () => undefined).end(input)
  const [code, signal]: unknown[] = await once(child, 'close')
  if (typeof code === 'number') return { exitCode: code, ...texts }
  return { exitCode: -1, stdout: texts.stdout, stderr: `${texts.stderr}(ended by ${String(signal)})\n` }
}
