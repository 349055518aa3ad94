/**
 * Entry of the `wardian` command: joins the command line to this process, its streams and its signals.
 */

import { systemClock } from '../../base/clock.ts'
import type { StartHost } from '../headless/start-host.ts'
import { runCommandLine } from './command-line.ts'
import { exitCodes } from './exit-code.ts'
import { ProcessSignals } from './process-signals.ts'
import { Terminal } from './terminal.ts'

const signals = new ProcessSignals(process, {
  // Whoever asks twice does not want to wait for a clean end; what was acknowledged is on disk already.
  onAskedTwice: () => process.exit(exitCodes.interrupted),
})

const terminal = new Terminal({
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
})

/** Loaded when a command wants it: most of the program hangs off it. */
const startHost: StartHost = async (options) => {
  const host = await import('../host/workbench-host.ts')
  return host.startHost(options)
}

process.exitCode = await runCommandLine(
  {
    ...{ terminal, clock: systemClock, startHost, interrupt: signals.interrupt },
    takeSignals: (listener) => signals.take(listener),
  },
  process.argv.slice(2),
)
