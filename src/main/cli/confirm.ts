/** Asks the person at the terminal before something that cannot be taken back. Knows no command. */

import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { CommandContext } from './command-context.ts'
import { InterruptedError, UsageError } from './exit-code.ts'

/**
 * True for `y` or `yes`. Where nobody could answer, `flag` has to be given instead, which the UsageError says. Throws
 * InterruptedError when the question is left.
 */
export async function confirm(
  { terminal, interrupt }: CommandContext,
  { question, flag }: { readonly question: string; readonly flag: string },
): Promise<boolean> {
  if (!terminal.isInputTerminal) throw new UsageError(`Nobody is there to be asked; give ${flag} to go ahead`)
  terminal.note(`${question} [y/N]`)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: terminal.input, output: nowhere })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const stop = (): void => reject(new InterruptedError('Interrupted; nothing was done'))
  lines.on('line', resolve)
  lines.on('close', stop)
  interrupt.addEventListener('abort', stop)
  try {
    return /^\s*y(es)?\s*$/i.test(await promise)
  } finally {
    interrupt.removeEventListener('abort', stop)
    lines.close()
  }
}
