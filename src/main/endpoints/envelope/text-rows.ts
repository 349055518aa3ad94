/** Rows as lists of texts, of which there may be only so many: for results that travel inside an envelope. */

import type { TextRow } from '../../../protocol/answer-frame.ts'
import type { StatementDescription } from './session-statement.ts'
import type { RowPlace, RowSink } from './statement-run.ts'

export class TextRows implements RowSink {
  rows: TextRow[] = []
  description: StatementDescription | null = null
  /** There were more than may be. */
  isOver = false
  byteCount = 0
  readonly #bytesMax: number
  readonly #onOver: () => void

  /** `onOver` is called once, when it is clear that there are more bytes than that. */
  constructor(bytesMax: number, onOver: () => void = () => undefined) {
    this.#bytesMax = bytesMax
    this.#onOver = onOver
  }

  begin(description: StatementDescription): void {
    this.description = description
  }

  row(message: Buffer, { start, end }: RowPlace): boolean {
    if (this.isOver) return true
    this.byteCount += end - start
    this.isOver = this.byteCount > this.#bytesMax
    if (this.isOver) {
      this.rows = []
      this.#onOver()
    } else this.rows.push(readRow(message, start))
    return true
  }

  end(): boolean {
    return true
  }
}

/** DataRow (PostgreSQL 18 documentation, section 54.7). */
function readRow(message: Buffer, start: number): TextRow {
  let at = start + 7
  return Array.from({ length: message.readUInt16BE(start + 5) }, () => {
    const length = message.readInt32BE(at)
    at += 4
    if (length < 0) return null
    at += length
    return message.toString('utf8', at - length, at)
  })
}
