/** The process of wire-ceiling.ts, asked for one measurement after the other. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'

const entry = join(import.meta.dirname, 'wire-ceiling.ts')

export class Ceiling {
  readonly #child: ChildProcess
  readonly #lines: Interface

  private constructor(child: ChildProcess, lines: Interface) {
    this.#child = child
    this.#lines = lines
  }

  static async start(): Promise<Ceiling> {
    const child = spawn(process.execPath, [entry], { stdio: ['pipe', 'pipe', 'inherit'] })
    const ceiling = new Ceiling(child, createInterface(child.stdout))
    await ceiling.#answer()
    return ceiling
  }

  /** Transactions a second. */
  rate(script: string, mode: string, seconds: number): Promise<number> {
    return this.#ask(`${script} ${mode} ${seconds}`)
  }

  /** MB a second. */
  copyIn(): Promise<number> {
    return this.#ask('copy')
  }

  async stop(): Promise<void> {
    const exit = once(this.#child, 'exit')
    this.#child.stdin?.end()
    await exit
  }

  async #ask(question: string): Promise<number> {
    this.#child.stdin?.write(`${question}\n`)
    return (await this.#answer()).rate
  }

  async #answer(): Promise<{ rate: number }> {
    const [line] = (await once(this.#lines, 'line')) as [string]
    return JSON.parse(line) as { rate: number }
  }
}
