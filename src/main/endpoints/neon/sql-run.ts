/**
 * One request's statements in a session of their own, from the first byte to the answer or the error. Whoever ends it
 * from outside, and however, the session is gone afterwards, and with it a transaction that was left open. Knows no
 * HTTP.
 */

import { WorkbenchError } from '../../../contract/error.ts'
import {
  bindMessage,
  executeMessage,
  parseMessage,
  syncMessage,
  type Pieces,
} from '../../engine/protocol/frontend-message.ts'
import type { WireSession } from '../postgres/wire-backend.ts'
import type { SqlAnswer } from './sql-answer.ts'
import type { SqlStatement } from './sql-body.ts'

/** Describe of the unnamed portal (PostgreSQL 18 documentation, section 54.7). */
const describePortal = Buffer.from([0x44, 0, 0, 0, 6, 0x50, 0])

/** All of them as one series that ends where the first one fails. */
export function statementsMessage(statements: readonly SqlStatement[]): Buffer {
  return Buffer.concat([...statements.flatMap(statementPieces), ...syncMessage()])
}

function statementPieces({ query, params }: SqlStatement): Pieces {
  return [
    ...parseMessage(Buffer.from(query)),
    ...bindMessage({ parameters: params, resultFormats: [] }),
    describePortal,
    ...executeMessage(0),
  ]
}

export class SqlRun {
  readonly #session: WireSession
  readonly #answer: SqlAnswer
  readonly #ended = Promise.withResolvers<Buffer>()
  #isEnded = false

  constructor(session: WireSession, answer: SqlAnswer) {
    this.#session = session
    this.#answer = answer
  }

  /** The answer; throws what Postgres refuses with, what the answer does, and what it is stopped with. */
  run(message: Buffer): Promise<Buffer> {
    this.#session.start({
      onOutput: (bytes) => this.#onOutput(bytes),
      // Nothing comes after the one message.
      onRoom: () => undefined,
      onEnd: (error) => this.#onEnd(error),
    })
    this.#session.write(message)
    return this.#ended.promise
  }

  /** Ends it now; no-op when it has ended. */
  stop(error: unknown): void {
    if (this.#isEnded) return
    this.#isEnded = true
    // Not while it tells something: a session that is gone in the middle of its own words cannot end what it says.
    setImmediate(() => {
      this.#session.dispose()
      this.#ended.reject(error)
    })
  }

  #onOutput(bytes: Uint8Array): void {
    if (this.#isEnded) return
    try {
      this.#answer.take(bytes)
      if (this.#answer.isReady) this.#finish()
    } catch (error) {
      this.stop(error)
    }
  }

  #onEnd(error: Error | null): void {
    if (this.#answer.error) this.#finish()
    else this.stop(error ?? new WorkbenchError('closed', 'The session has ended before the statement'))
  }

  #finish(): void {
    const { error } = this.#answer
    if (error) {
      this.stop(new WorkbenchError('sql-error', error.message, { sql: error }))
      return
    }
    const answer = this.#answer.end()
    this.#isEnded = true
    this.#ended.resolve(answer)
  }
}
