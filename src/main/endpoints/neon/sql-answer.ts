/**
 * What the backend says to a series of statements, as the JSON that the client of `/sql` reads, put together while it
 * comes and bounded. Knows no session and no HTTP.
 */

import type { SqlErrorFields } from '../../../contract/error.ts'
import { backendTypes, readCommandTag, readErrorFields } from '../../engine/protocol/backend-message.ts'
import { MessageSplitter } from '../postgres/message-splitter.ts'
import { refusal } from '../postgres/wire-failure.ts'
import type { SqlFormat } from './sql-call.ts'
import { SqlRows } from './sql-rows.ts'

/**
 * The client can do nothing with half an answer, nor be told of a failure behind it, so there is a whole one first.
 * Neon's own endpoint has 10 MB.
 */
export const sqlAnswerBytesMax = 16 << 20
/** Text is made bytes in parts: together they take half the memory. */
const partLength = 64 << 10

const mib = sqlAnswerBytesMax >> 20
const tooLarge = {
  hint: 'Ask for fewer rows at once, or connect over the WebSocket, where there is no such limit.',
}

export interface SqlAnswerOptions {
  readonly format: SqlFormat
  readonly isBatch: boolean
  /** For each statement in turn: whether its result is part of the answer. */
  readonly isShown: readonly boolean[]
  /** Whether so much may be kept, after `before`. */
  mayGrow(before: number, now: number): boolean
}

export class SqlAnswer {
  readonly #options: SqlAnswerOptions
  readonly #splitter = new MessageSplitter((type, body) => this.#onMessage(type, body))
  readonly #parts: Buffer[] = []
  #text = ''
  #byteCount = 0
  #statementCount = 0
  #resultCount = 0
  #rows: SqlRows | null = null
  #rowCount = 0
  #error: SqlErrorFields | null = null
  #isReady = false

  constructor(options: SqlAnswerOptions) {
    this.#options = options
    if (options.isBatch) this.#text = '{"results":['
  }

  /** The backend has said everything. */
  get isReady(): boolean {
    return this.#isReady
  }

  /** What Postgres refused with; null if it did not. */
  get error(): SqlErrorFields | null {
    return this.#error
  }

  /** What is kept, as told to `mayGrow`. */
  get byteCount(): number {
    return this.#byteCount
  }

  /** Takes backend bytes; throws 54000, 53200, 0A000, and is of no use after that. */
  take(bytes: Uint8Array): void {
    this.#splitter.split(bytes)
  }

  /** Once, when it is ready and there is no error. */
  end(): Buffer {
    if (this.#options.isBatch) this.#text += ']}'
    this.#flush()
    return Buffer.concat(this.#parts)
  }

  #onMessage(type: number, body: Buffer): void {
    if (type === backendTypes.dataRow) this.#addRow(body)
    else if (type === backendTypes.rowDescription) this.#begin(body)
    else if (type === backendTypes.commandComplete) this.#complete(readCommandTag(body))
    else if (type === backendTypes.emptyQueryResponse) this.#complete('')
    else if (type === backendTypes.errorResponse) this.#error ??= readErrorFields(body)
    else if (type === backendTypes.readyForQuery) this.#isReady = true
    else if (type === backendTypes.copyInResponse || type === backendTypes.copyOutResponse) throw noCopy()
  }

  get #isShown(): boolean {
    return this.#options.isShown[this.#statementCount] ?? false
  }

  #begin(description: Buffer | null): void {
    if (!this.#isShown) return
    this.#rows = new SqlRows(description, this.#options.format)
    this.#rowCount = 0
    this.#write(`${this.#resultCount === 0 ? '' : ','}{"fields":${this.#rows.fields},"rows":[`)
    this.#resultCount += 1
  }

  #addRow(body: Buffer): void {
    if (!this.#rows) return
    // Before it is made text, which may be much of it.
    this.#checkSize(body.length)
    this.#write(`${this.#rowCount === 0 ? '' : ','}${this.#rows.row(body)}`)
    this.#rowCount += 1
  }

  #complete(tag: string): void {
    if (this.#isShown) {
      if (!this.#rows) this.#begin(null)
      const { command, rowCount } = readTag(tag)
      this.#write(`],"command":${JSON.stringify(command)},"rowCount":${rowCount}}`)
    }
    this.#rows = null
    this.#statementCount += 1
  }

  #write(json: string): void {
    this.#text += json
    if (this.#text.length >= partLength) this.#flush()
  }

  #flush(): void {
    const part = Buffer.from(this.#text)
    this.#text = ''
    this.#checkSize(part.length)
    const now = this.#byteCount + part.length
    if (!this.#options.mayGrow(this.#byteCount, now)) {
      throw refusal('53200', 'other answers take all the memory that there is for them', {
        hint: 'Try again in a moment.',
      })
    }
    this.#parts.push(part)
    this.#byteCount = now
  }

  #checkSize(more: number): void {
    if (this.#byteCount + more <= sqlAnswerBytesMax) return
    throw refusal('54000', `the answer has more than ${mib} MiB`, tooLarge)
  }
}

/** As node-postgres takes a tag apart (pg, lib/result.js); null, null for the empty statement. */
function readTag(tag: string): { readonly command: string | null; readonly rowCount: number | null } {
  const [, command = null, first, second] = /^([A-Za-z]+)(?: (\d+))?(?: (\d+))?/.exec(tag) ?? []
  const count = second ?? first
  return { command, rowCount: count === undefined ? null : Number(count) }
}

function noCopy(): Error {
  return refusal('0A000', 'COPY from and to the client is not possible over HTTP', {
    hint: 'Connect over the WebSocket.',
  })
}
