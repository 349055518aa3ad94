/**
 * Runs SQL on a link by the simple query protocol (PostgreSQL 18 documentation, sections 54.2.2 and 54.2.6): queries
 * whose few rows are wanted as text, statements in bunches, and COPY from a stream. One thing at a time. Values stay
 * the text that the server sends.
 */

import { WorkbenchError, type SqlErrorFields } from '../../contract/error.ts'
import { backendTypes, readCommandTag, readErrorFields } from '../engine/protocol/backend-message.ts'
import { backendMessage } from '../session/wire-messages.ts'
import { MessageReader } from './message-reader.ts'
import type { ProtocolLink } from './protocol-link.ts'

export type TextRow = readonly (string | null)[]

/** How a bunch of statements ended. */
export interface BunchOutcome {
  /** How many have been run, in order. */
  readonly doneCount: number
  readonly tags: readonly string[]
  /** Of the one behind them. */
  readonly error: SqlErrorFields | null
}

export interface LinkClientOptions {
  readonly link: ProtocolLink
  onNotice?(notice: SqlErrorFields): void
}

export class LinkClient {
  readonly link: ProtocolLink
  readonly #reader: MessageReader
  readonly #onNotice: ((notice: SqlErrorFields) => void) | undefined

  constructor({ link, onNotice }: LinkClientOptions) {
    this.link = link
    this.#reader = new MessageReader(link)
    this.#onNotice = onNotice
  }

  /** The rows of one statement, or of several. Throws `sql-error`. */
  async query(sql: string): Promise<TextRow[]> {
    const rows: TextRow[] = []
    await this.#ask(Buffer.from(sql))
    const { error } = await this.#answer((body) => rows.push(readRow(body)))
    if (error) throw new WorkbenchError('sql-error', error.message, { sql: error })
    return rows
  }

  /** Runs statements, each of which answers one tag; `text` as of ScriptItem. */
  async runBunch(statements: readonly string[]): Promise<BunchOutcome> {
    await this.#ask(Buffer.from(`${statements.join('\n;')}\n;`, 'latin1'))
    return this.#answer(() => undefined)
  }

  /** Begins a COPY FROM STDIN: null when data may follow, or else why not. */
  async beginCopyIn(statement: string): Promise<SqlErrorFields | null> {
    await this.#ask(Buffer.from(statement, 'latin1'))
    for (;;) {
      const { type, body } = await this.#next()
      if (type === backendTypes.copyInResponse) return null
      if (type === backendTypes.errorResponse) {
        await this.#answer(() => undefined)
        return readErrorFields(body)
      }
    }
  }

  /** Resolves when more is taken. What is wrong with the data is told at the end. */
  copyIn(bytes: Uint8Array): Promise<void> {
    return this.link.write(backendMessage('d', bytes))
  }

  /** How the COPY has ended. */
  async endCopyIn(): Promise<BunchOutcome> {
    await this.link.write(backendMessage('c'))
    return this.#answer(() => undefined)
  }

  #ask(sql: Uint8Array): Promise<void> {
    return this.link.write(backendMessage('Q', sql, Buffer.alloc(1)))
  }

  async #answer(onRow: (body: Uint8Array) => void): Promise<BunchOutcome> {
    const tags: string[] = []
    let error: SqlErrorFields | null = null
    for (;;) {
      const { type, body } = await this.#next()
      if (type === backendTypes.dataRow) onRow(body)
      else if (type === backendTypes.commandComplete) tags.push(readCommandTag(body))
      else if (type === backendTypes.emptyQueryResponse) tags.push('')
      else if (type === backendTypes.errorResponse) error ??= readErrorFields(body)
      // A COPY FROM STDIN where none was expected: the server is told that there is no data.
      else if (type === backendTypes.copyInResponse)
        await this.link.write(backendMessage('f', Buffer.alloc(1)))
      else if (type === backendTypes.readyForQuery) return { doneCount: tags.length, tags, error }
    }
  }

  async #next(): Promise<{ readonly type: number; readonly body: Uint8Array }> {
    for (;;) {
      const message = await this.#reader.next()
      if (message.type !== backendTypes.noticeResponse) return message
      this.#onNotice?.(readErrorFields(message.body))
    }
  }
}

const decoder = new TextDecoder()

/** DataRow. */
function readRow(body: Uint8Array): TextRow {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  let at = 2
  return Array.from({ length: view.getUint16(0) }, () => {
    const length = view.getInt32(at)
    at += 4
    if (length < 0) return null
    at += length
    return decoder.decode(body.subarray(at - length, at))
  })
}
