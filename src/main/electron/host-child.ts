/**
 * The host's process as the shell sees it: started, asked for ports, started again when it died, stopped. Passes
 * ports on and looks into none. How a process is made is its owner's to know.
 */

import type { Clock } from '../../base/clock.ts'
import { isHostProcessMessage, type HostProcessMessage, type ShellMessage } from './host-messages.ts'
import { RestartBudget } from './restart-budget.ts'

/** Name of the channel on which a page gets its port, or a message without one: the host has ended. */
export const portChannel = 'wardian:port'

/** The first start, and three more within a minute. */
const startsMax = 4

/** Checkpointing and closing every engine; after that the kernel closes them, and recovery does the rest. */
const stopTimeoutMs = 15_000

/** What is used of Electron's `UtilityProcess`; `Port` is its `MessagePortMain`. */
export interface HostProcess<Port> {
  postMessage(message: ShellMessage, ports?: Port[]): void
  kill(): boolean
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'exit', listener: (code: number) => void): unknown
}

/** What is used of Electron's `WebFrameMain`. */
export interface PageFrame<Port> {
  isDestroyed(): boolean
  postMessage(channel: string, message: null, ports: Port[]): void
}

export interface HostChildOptions<Port> {
  /** Starts the host's process. */
  readonly fork: () => HostProcess<Port>
  /** The two ends of a new channel. */
  readonly openChannel: () => { readonly port1: Port; readonly port2: Port }
  readonly clock: Clock
  /** The host asks something of the shell; the answer goes back to the process that asked. */
  readonly onAsk?: (message: HostProcessMessage) => ShellMessage | null
  /** The host cannot run; the text says why and what to do. */
  readonly onFailure: (message: string) => void
}

export class HostChild<Port> {
  readonly #options: HostChildOptions<Port>
  #child: HostProcess<Port> | null = null
  /** Pages that were given a port to this child. */
  #frames = new Set<PageFrame<Port>>()
  readonly #starts: RestartBudget
  #lastExitCode = 0
  /** Every page that asks would hear the same: it is said once, until a start is allowed again. */
  #isRefusalTold = false
  #isStopping = false

  constructor(options: HostChildOptions<Port>) {
    this.#options = options
    this.#starts = new RestartBudget(options.clock, startsMax)
    this.#start()
  }

  /**
   * Makes a channel between the page in `frame` and the host, and gives each its end. Starts the host where it has
   * ended; when it ended too often, `onFailure` says so.
   */
  connect(frame: PageFrame<Port>): void {
    if (this.#isStopping) return
    const child = this.#child ?? this.#start()
    if (!child) return
    const { port1, port2 } = this.#options.openChannel()
    child.postMessage({ kind: 'attach' }, [port1])
    frame.postMessage(portChannel, null, [port2])
    this.#frames = new Set([...this.#frames].filter((known) => !known.isDestroyed())).add(frame)
  }

  /** Resolves when the process has ended, by itself or cut off. */
  async stop(): Promise<void> {
    this.#isStopping = true
    const child = this.#child
    if (!child) return
    const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()))
    const timer = this.#options.clock.after(stopTimeoutMs, () => child.kill())
    child.postMessage({ kind: 'stop' })
    await ended
    timer.dispose()
  }

  #start(): HostProcess<Port> | null {
    if (!this.#starts.spend()) {
      this.#refuse()
      return null
    }
    this.#isRefusalTold = false
    const child = this.#options.fork()
    this.#child = child
    let failure: string | null = null
    child.on('message', (message: unknown) => {
      if (!isHostProcessMessage(message)) return
      if (message.kind === 'failed') failure = message.message
      const answer = this.#options.onAsk?.(message) ?? null
      if (answer !== null && this.#child === child) child.postMessage(answer)
    })
    child.on('exit', (code) => {
      this.#child = null
      this.#lastExitCode = code
      this.#tellPages()
      if (failure !== null) this.#options.onFailure(failure)
      // Otherwise its pages, which were told, ask for new ports; that starts it again.
      else if (code !== 0 && !this.#isStopping && !this.#starts.isLeft) this.#refuse()
    })
    return child
  }

  /** The end of a process closes its ports, but a page does not always hear of that. */
  #tellPages(): void {
    const frames = [...this.#frames].filter((frame) => !frame.isDestroyed())
    this.#frames.clear()
    for (const frame of frames) frame.postMessage(portChannel, null, [])
  }

  #refuse(): void {
    if (this.#isRefusalTold) return
    this.#isRefusalTold = true
    this.#options.onFailure(
      `The part of Wardian that runs databases keeps ending (code ${this.#lastExitCode}). Start Wardian again`,
    )
  }
}
