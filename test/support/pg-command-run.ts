/** `wardian pg` inside a test's own process, with hosts of the product; it is interrupted as Ctrl+C does. */

import { systemClock } from '../../src/base/clock.ts'
import { runCommandLine } from '../../src/main/cli/command-line.ts'
import { startHost } from '../../src/main/host/workbench-host.ts'
import { captureTerminal } from './captured-terminal.ts'

/** Opening an engine on a busy machine. */
const readyTimeoutMs = 120_000

export interface CommandEnd {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** What `wardian pg --json` prints. */
export interface PgReady {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  readonly url: string
  readonly socket?: string
  readonly socketUrl?: string
}

export interface RunningCommand {
  /** The first line of its output, parsed; rejects when the command ends without one. */
  readonly ready: Promise<PgReady>
  readonly ended: Promise<CommandEnd>
  interrupt(): Promise<CommandEnd>
}

/** Runs one command line until it ends. */
export async function runHere(args: readonly string[]): Promise<CommandEnd> {
  return startHere(args).ended
}

export function startHere(args: readonly string[]): RunningCommand {
  const captured = captureTerminal()
  const interrupt = new AbortController()
  const context = { terminal: captured.terminal, clock: systemClock, startHost, interrupt: interrupt.signal }
  const ended = runCommandLine(context, args).then((code) => {
    return { code, stdout: captured.stdout(), stderr: captured.stderr() }
  })
  const ready = (async () => {
    const deadlineMs = systemClock.monotonicMs() + readyTimeoutMs
    let isOver = false
    void ended.then(() => (isOver = true))
    for (;;) {
      const [line, ...rest] = captured.stdout().split('\n')
      if (line !== undefined && rest.length > 0) return JSON.parse(line) as PgReady
      if (isOver) throw new Error(`The command ended: ${captured.stderr()}`)
      if (systemClock.monotonicMs() > deadlineMs) throw new Error(`Not ready: ${captured.stderr()}`)
      await new Promise<void>((resolve) => void systemClock.after(10, resolve))
    }
  })()
  ready.catch(() => undefined)
  return {
    ready,
    ended,
    interrupt: () => {
      interrupt.abort('SIGINT')
      return ended
    },
  }
}
