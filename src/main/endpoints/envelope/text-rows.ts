/** Rows as lists of texts, of which there may be only so many: for results that travel inside an envelope. */

import type { TextRow } from '../../../protocol/answer-frame.ts'
import { pieceBytes, type DataEncoder, type EncodedValues, type Piece } from './data-encoder.ts'
import type { StatementDescription } from './session-statement.ts'
import type { RowPlace, RowSink } from './statement-run.ts'

export interface TextRowsOptions {
  readonly bytesMax: number
  /** Encodes them while they come; without, they are not. */
  readonly encoder?: DataEncoder
  /** Called once, when it is clear that there are more bytes than that. */
  onOver?(): void
  /** A piece is encoded: no more rows are taken before `goOn`, so that others come between. */
  onPiece?(goOn: () => void): void
}

export class TextRows implements RowSink {
  /** Those that are not encoded. */
  rows: TextRow[] = []
  description: StatementDescription | null = null
  /** There were more than may be. */
  isOver = false
  byteCount = 0
  readonly #options: TextRowsOptions
  #pieces: Piece[] = []
  #rowCount = 0
  #waitingBytes = 0
  #isResting = false

  constructor(options: TextRowsOptions) {
    this.#options = options
  }

  /** All rows, where there were so many that some are encoded; else null, and `rows` has them. */
  get encoded(): EncodedValues | null {
    if (this.#pieces.length === 0) return null
    if (this.rows.length > 0) this.#encode()
    return { pieces: this.#pieces, count: this.#rowCount }
  }

  begin(description: StatementDescription): void {
    this.description = description
  }

  row(message: Buffer, { start, end }: RowPlace): boolean {
    if (this.isOver) return true
    if (this.#isResting) return false
    this.byteCount += end - start
    this.#waitingBytes += end - start
    this.isOver = this.byteCount > this.#options.bytesMax
    if (this.isOver) {
      this.rows = []
      this.#pieces = []
      this.#options.onOver?.()
      return true
    }
    this.rows.push(readRow(message, start))
    this.#rowCount += 1
    if (this.#waitingBytes > pieceBytes) {
      this.#encode()
      this.#rest()
    }
    return true
  }

  end(): boolean {
    return true
  }

  #rest(): void {
    const { onPiece } = this.#options
    if (!onPiece) return
    this.#isResting = true
    onPiece(() => (this.#isResting = false))
  }

  #encode(): void {
    const { encoder } = this.#options
    if (!encoder) return
    this.#pieces.push(encoder.values(this.rows))
    this.rows = []
    this.#waitingBytes = 0
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
