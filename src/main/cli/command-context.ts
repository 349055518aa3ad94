/**
 * What every command is handed: the process's terminal, the clock, the interrupt, and where the data lies. No
 * command reads the process itself.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { HostLog } from '../host/host-options.ts'
import { currentInputs, dataDirectory } from '../host/data-directory.ts'
import type { StartHost } from '../headless/start-host.ts'
import { openConnection, type HostConnection } from './host-connection.ts'
import type { Terminal } from './terminal.ts'
import { visibleText } from './terminal-text.ts'

export interface CommandContext {
  readonly terminal: Terminal
  readonly clock: Clock
  readonly startHost: StartHost
  /** Aborted by the first SIGINT or SIGTERM; its reason is the signal's name. The second one ends the process. */
  readonly interrupt: AbortSignal
  /** Until the result is disposed, signals go to `listener` and to nobody else. */
  takeSignals?(listener: (signal: NodeJS.Signals) => void): Disposable
}

export interface DataOption {
  readonly data?: string
}

export function chosenDirectory({ terminal }: CommandContext, { data }: DataOption): string {
  return dataDirectory(data, currentInputs(terminal.environment))
}

/** Narrates what the host tells, on stderr; causes are shown when WARDIAN_DEBUG is set. */
export function terminalLog({ terminal }: CommandContext): HostLog {
  const isDebugging = terminal.environment['WARDIAN_DEBUG'] !== undefined
  return {
    info: (message) => terminal.note(message),
    warn: (message) => terminal.note(`warning: ${message}`),
    error: (message, cause) => {
      const reason = cause instanceof WorkbenchError ? `: ${visibleText(cause.message)}` : ''
      terminal.note(`error: ${message}${reason}`)
      if (isDebugging && cause instanceof Error) terminal.note(cause.stack ?? cause.message)
    },
  }
}

/** `sharedAs`: as of ConnectionOptions. */
export interface HostWish extends DataOption {
  readonly sharedAs?: string
}

/** Runs `work` with a connection to the chosen directory's host, and closes it whatever happens. */
export async function withHost<T>(
  context: CommandContext,
  wish: HostWish,
  work: (connection: HostConnection) => Promise<T>,
): Promise<T> {
  const connection = await openConnection({
    sharedAs: wish.sharedAs,
    dataDirectory: chosenDirectory(context, wish),
    clock: context.clock,
    startHost: context.startHost,
    log: terminalLog(context),
  })
  try {
    return await work(connection)
  } finally {
    await connection.close()
  }
}
