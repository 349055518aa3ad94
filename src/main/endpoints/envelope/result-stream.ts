/**
 * The rows of one request, from the backend's messages to frames: as many as fit are gathered into one, and no frame
 * goes out without credit. A result that fits one frame goes with the terminal frame. Knows no session.
 */

import type { LiveRequest } from './live-request.ts'
import type { RowEncoder } from './row-encoder.ts'
import type { StatementDescription } from './session-statement.ts'
import type { RowPlace, RowSink } from './statement-run.ts'

export class ResultStream implements RowSink {
  readonly #request: LiveRequest
  readonly #encoder: RowEncoder
  #description: StatementDescription | null = null
  #frameCount = 0

  constructor(request: LiveRequest, encoder: RowEncoder) {
    this.#request = request
    this.#encoder = encoder
  }

  /** Some of them are with the client. */
  get hasSent(): boolean {
    return this.#frameCount > 0
  }

  get takesRuns(): boolean {
    return this.#encoder.takesRuns
  }

  begin(description: StatementDescription): void {
    this.#description = description
    this.#encoder.begin(description)
  }

  row(bytes: Buffer, place: RowPlace): boolean {
    // What nobody waits for any more runs to its end unseen.
    if (this.#request.isEnded) return true
    if (this.#encoder.isFull && !this.#send()) return false
    this.#encoder.add(bytes, place)
    return true
  }

  end(): boolean {
    if (this.#frameCount === 0 || this.#encoder.rows === 0 || this.#request.isEnded) return true
    return this.#send()
  }

  /** The terminal frame, with the rows that are left, if no others went before. */
  complete(fields: Readonly<Record<string, unknown>>): void {
    const isFirst = this.#frameCount === 0
    const description = isFirst && this.#description?.columns ? this.#description : null
    const rows = description ? this.#encoder.take() : null
    this.#request.completeResult({ description, rows, fields })
  }

  /** Forgets rows that were not sent. */
  drop(): void {
    this.#encoder.clear()
  }

  #send(): boolean {
    const request = this.#request
    if (!request.hasCredit) {
      request.awaitCredit()
      return false
    }
    const description = this.#frameCount === 0 ? this.#description : null
    this.#frameCount += 1
    const fields = { row_count: this.#encoder.rows }
    request.rows({ description, rows: this.#encoder.take(), fields })
    return true
  }
}
