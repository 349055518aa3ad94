/**
 * What a command sees of the process it runs in: data out with backpressure, narration out, data in, and the
 * environment. Tests hand in other streams; only main.ts has the real ones.
 */

import type { Readable, Writable } from 'node:stream'
import { WorkbenchError } from '../../contract/error.ts'
import { OutputClosedError } from './exit-code.ts'

export interface TerminalStreams {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly environment: Readonly<Record<string, string | undefined>>
}

export class Terminal {
  readonly environment: TerminalStreams['environment']
  readonly #streams: TerminalStreams
  #isOutputClosed = false

  constructor(streams: TerminalStreams) {
    this.#streams = streams
    this.environment = streams.environment
    streams.stdout.on('error', (error: NodeJS.ErrnoException) => {
      // Other failures reach whoever writes; a listener must be there, or they would end the process.
      if (error.code === 'EPIPE') this.#isOutputClosed = true
    })
    // Narration that nobody reads is lost, which is what its reader wants.
    streams.stderr.on('error', () => undefined)
  }

  /** Data. Resolves when more may be written; rejects with OutputClosedError when nobody reads any more. */
  async write(text: string): Promise<void> {
    if (text === '' && !this.#isOutputClosed) return
    await this.#write(text)
  }

  /** As `write`, of data that is not text. */
  writeBytes(bytes: Uint8Array): Promise<void> {
    return this.#write(bytes)
  }

  async #write(data: string | Uint8Array): Promise<void> {
    const { stdout } = this.#streams
    await new Promise<void>((resolve, reject) => {
      if (this.#isOutputClosed || stdout.destroyed) return reject(new OutputClosedError('The reader is gone'))
      stdout.write(data, (error) => {
        if (!error) resolve()
        else reject(writeError(error))
      })
    })
  }

  /** One line of narration. */
  note(text: string): void {
    this.#streams.stderr.write(`${text}\n`)
  }

  get input(): Readable {
    return this.#streams.stdin
  }

  /** A person reads there. */
  get isOutputTerminal(): boolean {
    return this.#streams.stdout.isTTY === true
  }

  /** A person types there; reading would wait for them. */
  get isInputTerminal(): boolean {
    return this.#streams.stdin.isTTY === true
  }
}

function writeError(error: NodeJS.ErrnoException): Error {
  if (error.code === 'EPIPE') return new OutputClosedError('The reader is gone')
  const code = error.code === 'ENOSPC' ? 'disk-full' : 'storage-failed'
  return new WorkbenchError(code, `The output could not be written: ${error.message}`, { cause: error })
}
