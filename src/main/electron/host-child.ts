/**
 * The host's process as the shell sees it: started, asked for ports, started again when it died, stopped. Passes
 * ports on and looks into none.
 */

import { join } from 'node:path'
import { MessageChannelMain, utilityProcess, type UtilityProcess, type WebFrameMain } from 'electron'
import type { Clock } from '../../base/clock.ts'
import { isHostProcessMessage, type ShellMessage } from './host-messages.ts'

/** Name of the channel on which a page gets its port. */
export const portChannel = 'wardian:port'

/** A host that dies more often than this within the window will not live the next time either. */
const restartsMax = 3
const restartWindowMs = 60_000

/** Checkpointing and closing every engine; after that the kernel closes them, and recovery does the rest. */
const stopTimeoutMs = 15_000

export interface HostChildOptions {
  readonly dataDirectory: string
  readonly clock: Clock
  /** The host cannot run; the text says why and what to do. */
  readonly onFailure: (message: string) => void
}

export class HostChild {
  readonly #options: HostChildOptions
  #child: UtilityProcess | null = null
  #startsMs: number[] = []
  #isStopping = false

  constructor(options: HostChildOptions) {
    this.#options = options
    this.#start()
  }

  /** Makes a channel between the page in `frame` and the host, and gives each its end. */
  connect(frame: WebFrameMain): void {
    const child = this.#child ?? this.#start()
    if (!child) return
    const { port1, port2 } = new MessageChannelMain()
    child.postMessage({ kind: 'attach' } satisfies ShellMessage, [port1])
    frame.postMessage(portChannel, null, [port2])
  }

  /** Resolves when the process has ended, by itself or cut off. */
  async stop(): Promise<void> {
    this.#isStopping = true
    const child = this.#child
    if (!child) return
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    const timer = this.#options.clock.after(stopTimeoutMs, () => child.kill())
    child.postMessage({ kind: 'stop' } satisfies ShellMessage)
    await ended
    timer.dispose()
  }

  #start(): UtilityProcess | null {
    if (this.#isStopping || !this.#mayStart()) return null
    const entry = join(import.meta.dirname, 'host-process.js')
    const child = utilityProcess.fork(entry, [this.#options.dataDirectory], { serviceName: 'wardian-host' })
    this.#child = child
    let failure: string | null = null
    child.on('message', (message: unknown) => {
      if (isHostProcessMessage(message) && message.kind === 'failed') failure = message.message
    })
    child.on('exit', (code) => {
      this.#child = null
      if (failure !== null) this.#options.onFailure(failure)
      else if (code !== 0 && !this.#isStopping) this.#didDie(code)
    })
    return child
  }

  /** Its pages notice by their ports, which closed, and ask for new ones; that starts it again. */
  #didDie(code: number): void {
    if (this.#mayStart()) return
    this.#options.onFailure(
      `The part of Wardian that runs databases keeps ending (code ${code}). Start Wardian again`,
    )
  }

  #mayStart(): boolean {
    const nowMs = this.#options.clock.monotonicMs()
    this.#startsMs = this.#startsMs.filter((startedMs) => startedMs > nowMs - restartWindowMs)
    if (this.#startsMs.length > restartsMax) return false
    this.#startsMs.push(nowMs)
    return true
  }
}
