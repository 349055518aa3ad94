/**
 * One run of pg_dump on a link: starts its thread, moves bytes between it and the database, and hands out the dump
 * under credit. When it has ended, its transaction is still open on the link, so that whoever has the link sees what
 * was dumped, and nothing newer. Knows no format.
 */

import { Worker } from 'node:worker_threads'
import { onDispose } from '../../base/disposable.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { backendMessage } from '../session/wire-messages.ts'
import { workerEntry } from '../worker/contract-worker.ts'
import { dumpedTable } from './dumped-table.ts'
import { dumpWords, type PgDumpMessage, type PgDumpStart } from './pg-dump-messages.ts'
import type { ProtocolLink } from './protocol-link.ts'

export interface PgDumpOptions {
  readonly link: ProtocolLink
  readonly arguments: readonly string[]
  readonly signal: AbortSignal
  /** Its rows are read from now on. */
  onTable(table: string): void
  /** What pg_dump has to say, line by line. */
  onRemark(text: string): void
}

/** What is kept of what pg_dump says, for the error. */
const remarksMax = 50

/** The pieces of the dump. Ends pg_dump's thread when the loop is left, and cancels what the database does for it. */
export async function* runPgDump(
  options: PgDumpOptions,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const run = new PgDumpRun(options)
  try {
    yield* run.output()
  } finally {
    await run.end()
  }
}

class PgDumpRun {
  readonly #options: PgDumpOptions
  readonly #words = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT))
  readonly #worker: Worker
  readonly #tracking = onDispose('pg-dump', () => undefined)
  readonly #pieces: Uint8Array<ArrayBuffer>[] = []
  readonly #remarks: string[] = []
  #changed = Promise.withResolvers<void>()
  #exitCode: number | null = null
  #failure: Error | null = null
  #writing: Promise<void> = Promise.resolve()

  constructor(options: PgDumpOptions) {
    this.#options = options
    const { link } = options
    const start: PgDumpStart = {
      words: this.#words.buffer,
      arguments: options.arguments,
      role: link.role,
      database: link.database,
      greeting: greeting(link),
    }
    this.#worker = new Worker(workerEntry(import.meta.url, 'pg-dump-worker'), {
      ...{ workerData: start, name: 'wardian-pg-dump' },
    })
    this.#worker.on('message', (message: PgDumpMessage) => this.#handle(message))
    this.#worker.on('error', (error) => this.#fail(error))
    this.#worker.on('exit', () => this.#fail(new Error('The thread of pg_dump ended before its time')))
    options.signal.addEventListener('abort', this.#onAbort)
    if (options.signal.aborted) this.#onAbort()
  }

  async *output(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
    for (;;) {
      const piece = this.#pieces.shift()
      if (piece) {
        yield piece
        Atomics.add(this.#words, dumpWords.passedOn, 1)
        Atomics.notify(this.#words, dumpWords.passedOn)
      } else if (this.#failure !== null) throw this.#failure
      else if (this.#exitCode === 0) return
      else if (this.#exitCode !== null) throw this.#refusal(this.#exitCode)
      else await this.#changed.promise
    }
  }

  async end(): Promise<void> {
    this.#options.signal.removeEventListener('abort', this.#onAbort)
    if (this.#exitCode === null) this.#options.link.cancel()
    await this.#worker.terminate()
    this.#tracking.dispose()
  }

  readonly #onAbort = (): void => this.#fail(new WorkbenchError('cancelled', 'The dump was cancelled'))

  #handle(message: PgDumpMessage): void {
    switch (message.kind) {
      case 'send':
        return this.#send(message.bytes)
      case 'want':
        return void this.#give()
      case 'output':
        this.#pieces.push(message.bytes)
        return this.#tell()
      case 'remark':
        this.#remarks.push(message.text)
        if (this.#remarks.length > remarksMax) this.#remarks.shift()
        return this.#options.onRemark(message.text)
      case 'ended':
        this.#exitCode = message.exitCode
        return this.#tell()
    }
  }

  #send(bytes: Uint8Array): void {
    const table = dumpedTable(bytes)
    if (table !== null) this.#options.onTable(table)
    this.#writing = this.#writing.then(() => this.#options.link.write(bytes))
    this.#writing.catch((error: unknown) => this.#fail(error))
  }

  async #give(): Promise<void> {
    let bytes: Uint8Array | null = null
    try {
      bytes = await this.#options.link.read()
    } catch (error) {
      // pg_dump would only say that the connection is gone.
      this.#fail(error)
    }
    this.#worker.postMessage(bytes)
    Atomics.add(this.#words, dumpWords.inbox, 1)
    Atomics.notify(this.#words, dumpWords.inbox)
  }

  #fail(error: unknown): void {
    const failure = error instanceof Error ? error : new Error(String(error))
    if (this.#exitCode === null) this.#failure ??= failure
    this.#tell()
  }

  #tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  #refusal(exitCode: number): WorkbenchError {
    const errors = this.#remarks.filter((text) => !text.startsWith('pg_dump: warning: '))
    const reason = errors.join('\n').replace(/^pg_dump: error: /, '')
    return new WorkbenchError(
      'sql-error',
      `pg_dump failed: ${reason === '' ? `it ended with code ${exitCode}` : reason}`,
    )
  }
}

/** AuthenticationOk, what the server has reported, BackendKeyData (there is nobody to cancel), ReadyForQuery. */
function greeting(link: ProtocolLink): Uint8Array {
  const reported = [...link.parameters].map(([name, value]) =>
    backendMessage('S', Buffer.from(`${name}\0${value}\0`)),
  )
  const authenticated = backendMessage('R', Buffer.alloc(4))
  const ready = backendMessage('Z', Buffer.from('I'))
  return Buffer.concat([authenticated, ...reported, backendMessage('K', Buffer.alloc(8)), ready])
}
