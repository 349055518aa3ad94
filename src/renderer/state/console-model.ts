/**
 * What can be seen of a console while it runs and afterwards: the shapes shared by those who run statements and
 * those who show them. No behaviour.
 */

import type { SqlErrorFields, WireError } from '../../contract/error.ts'
import type { StatementOutcome } from '../../contract/statement.ts'
import type { TextSpan } from './error-position.ts'
import type { ResultState } from './result-state.ts'

/** What to run: `text` begins at `start` (UTF-16 code units) of the tab's text. */
export interface RunRequest {
  readonly text: string
  readonly start: number
  /** `statement`: exactly one. `script`: any number, until the first error. */
  readonly mode: 'statement' | 'script'
  /** `refresh`: run it although its result was kept. */
  readonly useCache?: 'refresh'
}

/**
 * `opening`: the session or a long text is on its way. `waiting`: another session holds the backend.
 * `cancelling`: asked to end, not ended yet.
 */
export type RunPhase = 'idle' | 'opening' | 'waiting' | 'running' | 'cancelling'

export interface RunProgress {
  readonly phase: RunPhase
  /** Monotonic; null when nothing runs. */
  readonly startedAtMs: number | null
  /** Which statement runs, from 0, and of how many. */
  readonly statementIndex: number
  readonly statementCount: number
  /** Rows of the running statement that have arrived. */
  readonly rowCount: number
  /** Title of the session that holds the backend, while waiting. */
  readonly holder: string | null
  readonly isHolderInTransaction: boolean
  /** The running statement within the document, as it was when the run began. */
  readonly span: TextSpan | null
}

export const idleProgress: RunProgress = {
  phase: 'idle',
  startedAtMs: null,
  statementIndex: 0,
  statementCount: 0,
  rowCount: 0,
  holder: null,
  isHolderInTransaction: false,
  span: null,
}

/** The results of a tab. `isStale`: they are of the run before, shown dimmed until the new one has rows. */
export interface ShownResults {
  readonly results: readonly ResultState[]
  readonly isStale: boolean
}

interface MessageBase {
  readonly id: string
  /** Which statement of the run, from 0. */
  readonly statementIndex: number
}

/** A line of the Messages pane. */
export type ConsoleMessage = MessageBase &
  (
    | { readonly kind: 'completed'; readonly statement: string; readonly outcome: StatementOutcome }
    | { readonly kind: 'notice'; readonly notice: SqlErrorFields }
    /** `mark` is where in the document it went wrong, when that is known. */
    | {
        readonly kind: 'failed'
        readonly statement: string
        readonly error: WireError
        readonly durationMs: number | null
        readonly mark: TextSpan | null
      }
    /** Something that Wardian says, such as that a session is a new one. */
    | { readonly kind: 'remark'; readonly text: string }
  )

/** The token to mark in the editor, and what to say about it. */
export interface ErrorMark {
  readonly span: TextSpan
  readonly error: WireError
}

/** How the last run ended, for the status bar. */
export interface RunSummary {
  readonly durationMs: number
  readonly statementsRun: number
  readonly statementsTotal: number
  /** Outcome of the last statement that ended; null when none did. */
  readonly outcome: StatementOutcome | null
  /** Why the run itself broke off, such as a lost connection; null when it did not. */
  readonly failure: WireError | null
}
