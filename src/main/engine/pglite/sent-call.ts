/** One execution of a statement that a client has sent, and what is known of its answer. Used again for others. */

import type { CallExample, StatementCallerName } from '../../statistics/statement-deltas.ts'
import type { RecordedCall } from '../../statistics/statement-recorder.ts'
import { exampleOf, type SentPortal, type SentStatement } from './sent-statement.ts'

export class SentCall implements RecordedCall {
  readonly isHit = false
  /** null where it is not known what it means, or it has been counted. */
  statement: SentStatement | null = null
  #bind: Uint8Array | null = null
  #bindNameAt = 0
  caller: StatementCallerName | null = null
  startMs = 0
  /** -1 while it runs. */
  endMs = -1
  ms = 0
  rows = 0
  bytes = 0
  waitMs = 0
  sqlState: string | null = null

  begin(statement: SentStatement | null, startMs: number): void {
    this.statement = statement
    this.#bind = null
    this.startMs = startMs
    this.endMs = -1
    this.rows = 0
    this.bytes = 0
    this.waitMs = 0
    this.sqlState = null
  }

  /** Its parameters. */
  bind({ bind, nameAt }: SentPortal): void {
    this.#bind = bind
    this.#bindNameAt = nameAt
  }

  example(): CallExample {
    const { statement, ms } = this
    if (!statement) return { text: '', parameters: null, durationMs: ms }
    return exampleOf({ statement, bind: this.#bind, nameAt: this.#bindNameAt }, ms)
  }

  /** What the client has sent is not kept any longer. */
  forget(): void {
    this.statement = null
    this.#bind = null
  }
}
