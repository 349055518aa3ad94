/**
 * `wardian window`: a window on the workbench of the data directory, whether it runs or not. What it starts outlives
 * it, and ends by itself; what desktops' menus run.
 */

import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { requestLoginUrl } from '../endpoints/endpoint-client.ts'
import { parseHostAddress } from '../endpoints/host-address.ts'
import { openAppWindow } from '../headless/app-window.ts'
import { productFolder } from '../page/product-folder.ts'
import { readHolder } from '../storage/directory-lock.ts'
import { chosenDirectory, type CommandContext, type DataOption } from './command-context.ts'

/** A first start makes the first instance in the background; only a disk that recovers takes this long. */
const startBoundMs = 60_000
const lookMs = 100

/** What the workbench in the background says of itself, of its last start alone. */
const logName = 'background.log'
const logTailLength = 2_000

export async function runWindow(context: CommandContext, options: DataOption): Promise<void> {
  const { terminal } = context
  const directory = chosenDirectory(context, options)
  const running = await runningWindow(directory)
  const address = running ?? (await startInBackground(context, directory))
  if (await openAppWindow(address, terminal.environment)) {
    terminal.note(
      running === null ? 'Started in the background, and opened in your browser' : 'Opened in your browser',
    )
    return
  }
  await terminal.write(`${address}\n`)
  terminal.note('No browser could be opened here: open the address yourself. It works once, for two minutes')
}

/** Logs in once; null where nothing runs that could answer. */
async function runningWindow(directory: string): Promise<string | null> {
  const holder = await readHolder(directory)
  if (!holder?.endpoint) return null
  try {
    const url = await requestLoginUrl(parseHostAddress(holder.endpoint))
    if (url !== null) return url
  } catch (error) {
    if (error instanceof WorkbenchError && error.code === 'disconnected') return null
    throw error
  }
  const message = `${holder.program} runs on ${directory} and serves no browser; end it first, or use its window`
  throw new WorkbenchError('in-use', message)
}

/** Resolves with the first address that logs in. */
async function startInBackground({ clock, terminal }: CommandContext, directory: string): Promise<string> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const logFile = join(directory, logName)
  const log = openSync(logFile, 'w', 0o600)
  const launcher = join(productFolder(), 'bin', 'wardian.mjs')
  const args = [launcher, 'serve', '--data', directory, '--no-open', '--until-unused']
  // What it prints on stdout logs in, and is for nobody.
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', log],
    detached: true,
    env: terminal.environment,
  })
  closeSync(log)
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', () => resolve(readFileSync(logFile, 'utf8').slice(-logTailLength).trim()))
  })
  return untilAnswering({ directory, clock, child, ended })
}

interface Start {
  readonly directory: string
  readonly clock: Clock
  readonly child: ChildProcess
  /** What it said, once it has ended. */
  readonly ended: Promise<string>
}

async function untilAnswering({ directory, clock, child, ended }: Start): Promise<string> {
  const dueMs = clock.monotonicMs() + startBoundMs
  let last: string | null = null
  while (clock.monotonicMs() < dueMs) {
    const url = await runningWindow(directory)
    if (url !== null) {
      child.unref()
      return url
    }
    if (last !== null) throw new WorkbenchError('internal', `Wardian could not be started: ${last}`)
    const wait = new Promise<null>((resolve) => void clock.after(lookMs, () => resolve(null)))
    // Another one may have been quicker: look once more.
    last = await Promise.race([ended, wait])
  }
  child.kill()
  throw new WorkbenchError('internal', `Wardian did not start within ${startBoundMs / 1000} s`)
}
