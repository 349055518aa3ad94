/**
 * Asks the parser worker which statement a caret means. Sends a text once, starts the worker at the first question
 * and anew after it has failed, and has one question under way at a time. Knows no editor.
 */

import { WorkbenchError } from '../../contract/error.ts'
import type { FoundStatement, StatementAnswer, StatementQuestion } from './statement-messages.ts'

/** The parts of a Worker that are used. */
export interface ParserWorker {
  postMessage(question: StatementQuestion): void
  terminate(): void
  onmessage: ((event: { readonly data: StatementAnswer }) => void) | null
  onerror: ((event: { readonly message: string }) => void) | null
}

/** A text that can be asked about; `read` is called only when the worker does not have this version. */
export interface VersionedText {
  readonly version: string
  read(): string
}

interface Pending {
  readonly id: number
  readonly resolve: (statement: FoundStatement | null) => void
  readonly reject: (error: WorkbenchError) => void
}

export class StatementFinder {
  readonly #start: () => ParserWorker
  #worker: ParserWorker | null = null
  #sentVersion: string | null = null
  #pending: Pending | null = null
  #last: Promise<unknown> = Promise.resolve()
  #nextId = 0
  #isDisposed = false

  constructor(start: () => ParserWorker) {
    this.#start = start
  }

  /** The statement that a caret at `offset` means; null if there is none. Rejects when the worker failed. */
  find(text: VersionedText, offset: number): Promise<FoundStatement | null> {
    const found = this.#last.then(() => this.#ask(text, offset))
    this.#last = found.catch(() => undefined)
    return found
  }

  dispose(): void {
    this.#isDisposed = true
    this.#end('The editor was closed', 'closed')
  }

  #ask(text: VersionedText, offset: number): Promise<FoundStatement | null> {
    return new Promise((resolve, reject) => {
      if (this.#isDisposed) return reject(new WorkbenchError('closed', 'The editor was closed'))
      const worker = (this.#worker ??= this.#begin())
      const id = this.#nextId++
      this.#pending = { id, resolve, reject }
      const { version } = text
      if (version !== this.#sentVersion) worker.postMessage({ kind: 'text', version, text: text.read() })
      this.#sentVersion = version
      worker.postMessage({ kind: 'at', id, version, offset })
    })
  }

  #begin(): ParserWorker {
    const worker = this.#start()
    worker.onmessage = ({ data }) => this.#take(data)
    worker.onerror = ({ message }) => this.#end(`The parser failed: ${message}`, 'internal')
    return worker
  }

  #take(answer: StatementAnswer): void {
    const pending = this.#pending
    if (pending?.id !== answer.id) return
    this.#pending = null
    if (answer.kind === 'found') pending.resolve(answer.statement)
    else pending.reject(new WorkbenchError('internal', `The statement was not found: ${answer.message}`))
  }

  /** Ends the worker; the next question starts another one. */
  #end(message: string, code: 'closed' | 'internal'): void {
    this.#worker?.terminate()
    this.#worker = null
    this.#sentVersion = null
    const pending = this.#pending
    this.#pending = null
    pending?.reject(new WorkbenchError(code, message))
  }
}
