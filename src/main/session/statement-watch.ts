/**
 * Who is told of statements before they run, and may do something first, such as keep what they would remove. Shapes
 * only: what is done, and before which statements, is the host's to say.
 */

import type { Disposable } from '../../base/disposable.ts'

/** A statement of a session that has its turn. */
export interface ComingStatement {
  readonly instanceId: string
  /** Of the statement, or of the whole script that it begins. */
  readonly sql: Uint8Array
  readonly isScript: boolean
  /** Of the session. */
  readonly title: string
  readonly inTransaction: boolean
  /** Aborts when the statement is not to run any more. */
  readonly signal: AbortSignal
}

export interface StatementWatch {
  /**
   * null, at once, where nothing is to be done. Else the statement runs when the promise has resolved, which never
   * rejects; `true` is enough for the rest of the run.
   */
  beforeStatement(coming: ComingStatement): Promise<boolean> | null
}

/** What a client of the wire has sent, outside of any turn unless its transaction is open. */
export interface ComingMessages {
  /** Of statements that look as if they changed much. */
  readonly texts: readonly string[]
  /** Of the client. */
  readonly title: string
  /** Its transaction is open: the backend stands still for it until that is disposed. */
  readonly loan: Disposable | null
}

export interface WireWatch {
  /** Whether anything would be done now; asked for all that is sent. */
  readonly isDue: boolean
  /** Statements that only make something new count, too. */
  readonly wantsCreate: boolean
  /** The messages are sent on when it has resolved, which never rejects. */
  beforeMessages(coming: ComingMessages): Promise<void>
}
