/**
 * `wardian pg` on a data directory in a process of its own, which is killed again and again at whatever moment. Knows
 * how to start it and how to end it, nothing of what runs in it.
 */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { systemClock } from '../../../src/base/clock.ts'
import { freePort } from '../started-program.ts'

const main = join(import.meta.dirname, '../../../src/main/cli/main.ts')

const startsMax = 5

/** How its process is started besides. */
export interface HostProcessOptions {
  readonly nodeArguments?: readonly string[]
  readonly environment?: NodeJS.ProcessEnv
}

export interface HostAddress {
  readonly url: string
}

export class CrashedHost {
  readonly #dataDirectory: string
  readonly #nodeArguments: readonly string[]
  readonly #environment: NodeJS.ProcessEnv
  #child: ChildProcess | null = null
  #errors = ''

  constructor(dataDirectory: string, options: HostProcessOptions = {}) {
    this.#dataDirectory = dataDirectory
    this.#nodeArguments = options.nodeArguments ?? []
    this.#environment = { ...process.env, ...options.environment }
  }

  /** How the last process is, and what it has told. */
  get state(): string {
    const { exitCode, signalCode } = this.#child ?? {}
    return `exit code ${String(exitCode)}, signal ${String(signalCode)}: ${this.#errors}`
  }

  get isRunning(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null
  }

  /** Runs a command line to its end, for what is needed before. */
  async run(...args: readonly string[]): Promise<void> {
    const child = spawn(process.execPath, [main, ...args, '--data', this.#dataDirectory], { stdio: 'ignore' })
    const [code]: unknown[] = await once(child, 'exit')
    if (code !== 0) throw new Error(`wardian ${args.join(' ')} ended with ${String(code)}`)
  }

  /** Starts it on a free port. */
  async startUntilReady(): Promise<HostAddress> {
    for (let attempt = 1; ; attempt += 1) {
      const address = await this.start(await freePort()).ready
      if (address) return address
      // Somebody else may have taken the port meanwhile.
      const isTaken = this.#errors.includes('already') && attempt < startsMax
      if (!isTaken) throw new Error(`The host did not start: ${this.#errors}`)
    }
  }

  /** Begins to start it; answers where it listens, or null when it ends before. */
  start(port: number): { readonly ready: Promise<HostAddress | null> } {
    const args = ['pg', 'shop', '--json', '--port', String(port), '--data', this.#dataDirectory]
    const child = spawn(process.execPath, [...this.#nodeArguments, main, ...args], {
      ...{ stdio: ['ignore', 'pipe', 'pipe'], env: this.#environment },
    })
    this.#child = child
    this.#errors = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#errors += text))
    const ready = new Promise<HostAddress | null>((resolve) => {
      let said = ''
      child.once('exit', () => resolve(null))
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (said.includes('\n')) resolve(JSON.parse(said) as HostAddress)
      })
    })
    return { ready }
  }

  /** Resolves when the process is gone, however it has ended. */
  async kill(): Promise<void> {
    const child = this.#child
    if (!child || !this.isRunning) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  /** Asks it to end, and kills it after `patienceMs` if it has not. */
  async stop(patienceMs: number): Promise<void> {
    const child = this.#child
    if (!child || !this.isRunning) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const killing = systemClock.after(patienceMs, () => child.kill('SIGKILL'))
    await ended
    killing.dispose()
  }
}
