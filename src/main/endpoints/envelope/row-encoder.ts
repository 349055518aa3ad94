/** How rows of the backend become those of a frame. Types alone. */

import type { StatementDescription } from './session-statement.ts'
import type { RowPlace } from './statement-run.ts'

/** The rows of one frame, as its subprotocol has them: JSON text, or a column batch. */
export type RowChunk = string | Uint8Array

/** One result's, from its first row to its last. */
export interface RowEncoder {
  /** Rows that are not taken. */
  readonly rows: number
  /** Of them, about. */
  readonly byteLength: number
  /** They are to be taken before others are added. */
  readonly isFull: boolean
  /** Rows as of `description` follow. */
  begin(description: StatementDescription): void
  /** It takes several messages at once. */
  readonly takesRuns: boolean
  /** DataRow messages, one unless `takesRuns`, that lie in `bytes`, which stay as they are. */
  add(bytes: Buffer, place: RowPlace): void
  /** To be written or copied at once. Throws where Postgres has sent what it has not announced. */
  take(): RowChunk
  /** Forgets rows that are not taken. */
  clear(): void
}
