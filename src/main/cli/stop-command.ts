/**
 * `wardian serve --stop`: ends the workbench that is served from the data directory, as Ctrl+C would where it runs,
 * and waits until it has let go of the directory.
 */

import { WorkbenchError } from '../../contract/error.ts'
import { isHeld } from '../storage/directory-lock.ts'
import { chosenDirectory, type CommandContext, type DataOption } from './command-context.ts'
import { connectToRunning } from './host-connection.ts'

/** Statements are cancelled, engines write what they have and close: seconds, on a slow disk. */
const stopBoundMs = 30_000
const lookMs = 50

export async function stopServing(context: CommandContext, options: DataOption): Promise<void> {
  const { terminal, clock } = context
  const directory = chosenDirectory(context, options)
  const connection = await connectToRunning(directory)
  if (connection === null) {
    terminal.note(`Wardian does not run on ${directory}`)
    return
  }
  const { shell, processId } = await connection.client.call('host.describe', null)
  await connection.close()
  if (shell !== 'serve') {
    const what =
      shell === 'electron' ? 'The app runs there; quit it in its window' : 'A command runs there; end that'
    throw new WorkbenchError('in-use', `${what}`)
  }
  process.kill(processId, 'SIGTERM')
  const dueMs = clock.monotonicMs() + stopBoundMs
  while (isHeld(directory)) {
    if (clock.monotonicMs() > dueMs) {
      throw new WorkbenchError(
        'in-use',
        `It has not stopped within ${stopBoundMs / 1000} s (process ${processId})`,
      )
    }
    await new Promise<void>((resolve) => void clock.after(lookMs, resolve))
  }
  terminal.note('Stopped')
}
