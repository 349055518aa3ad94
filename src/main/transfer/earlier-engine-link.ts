/**
 * A link to a directory that an earlier PGlite has written, through that PGlite, in a thread of its own. For reading:
 * the directory is to be a copy, because opening it writes to it. The thread ends with the link.
 */

import { Worker } from 'node:worker_threads'
import { onDispose, type Disposable } from '../../base/disposable.ts'
import { fromWireError, WorkbenchError } from '../../contract/error.ts'
import { workerEntry } from '../worker/contract-worker.ts'
import {
  earlierWords,
  type EarlierEngineMessage,
  type EarlierEngineStart,
} from './earlier-engine-messages.ts'
import { LinkInput } from './link-input.ts'
import type { ProtocolLink } from './protocol-link.ts'

type Ready = Extract<EarlierEngineMessage, { readonly kind: 'ready' }>

export interface EarlierEngineOptions {
  readonly directory: string
  readonly title: string
}

/** Throws what opening the directory throws, `unsupported` for an extension that PGlite does not come with. */
export async function openEarlierEngine(options: EarlierEngineOptions): Promise<ProtocolLink> {
  const words = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const start: EarlierEngineStart = { words: words.buffer, directory: options.directory }
  const worker = new Worker(workerEntry(import.meta.url, 'earlier-engine-worker'), {
    ...{ workerData: start, name: 'wardian-earlier-engine' },
    // What it prints is for nobody.
    ...{ stdout: true, stderr: true },
  })
  const link = new EarlierEngineLink(worker, words, options.title)
  try {
    await link.open()
    return link
  } catch (error) {
    link.dispose()
    throw error
  }
}

class EarlierEngineLink implements ProtocolLink {
  readonly title: string
  readonly role = 'postgres'
  database = 'postgres'
  parameters: ReadonlyMap<string, string> = new Map()
  readonly #worker: Worker
  readonly #words: Int32Array
  readonly #ready = Promise.withResolvers<Ready>()
  readonly #input: LinkInput
  readonly #end: Disposable
  /** Pieces that came while nobody read enough. */
  #untaken = 0
  #isHeld = false

  constructor(worker: Worker, words: Int32Array, title: string) {
    this.title = title
    this.#worker = worker
    this.#words = words
    this.#input = new LinkInput((isHeld) => this.#hold(isHeld))
    this.#end = onDispose('earlier-engine', () => {
      this.#fail(new WorkbenchError('closed', 'The earlier engine was ended'))
      void worker.terminate()
    })
    this.#ready.promise.catch(() => undefined)
    worker.on('message', (message: EarlierEngineMessage) => this.#handle(message))
    worker.on('error', (error) => this.#fail(error))
    worker.on('exit', () =>
      this.#fail(new WorkbenchError('engine-crashed', 'The earlier engine ended by itself')),
    )
  }

  async open(): Promise<void> {
    const { parameters, database } = await this.#ready.promise
    this.parameters = new Map(parameters)
    this.database = database
  }

  write(bytes: Uint8Array): Promise<void> {
    this.#worker.postMessage(bytes)
    return Promise.resolve()
  }

  read(): Promise<Uint8Array> {
    return this.#input.read()
  }

  /** It reads nothing while it runs; whoever cancels ends the link. */
  cancel(): void {
    this.dispose()
  }

  dispose(): void {
    this.#end.dispose()
  }

  #handle(message: EarlierEngineMessage): void {
    if (message.kind === 'ready') this.#ready.resolve(message)
    else if (message.kind === 'failed') this.#fail(fromWireError(message.error))
    else {
      this.#untaken++
      this.#input.put(message.bytes)
      this.#take()
    }
  }

  #hold(isHeld: boolean): void {
    this.#isHeld = isHeld
    this.#take()
  }

  #take(): void {
    if (this.#isHeld) return
    Atomics.add(this.#words, earlierWords.taken, this.#untaken)
    Atomics.notify(this.#words, earlierWords.taken)
    this.#untaken = 0
  }

  #fail(error: Error): void {
    this.#ready.reject(error)
    this.#input.end(error)
  }
}
