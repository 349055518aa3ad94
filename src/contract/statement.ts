/**
 * What it means to run SQL: the request, what arrives while it runs, and how it ended. Says nothing of how
 * bytes become columns; a batch's buffer is described in column-batch.ts.
 */

import { cachedMarkSchema, cacheUseSchema } from './cache.ts'
import { errorCodes } from './error.ts'
import { columnsMax, scriptStatementsMax, textBytesMax, textPartBytesMax } from './limits.ts'
import {
  array,
  boolean,
  finite,
  integer,
  nullable,
  object,
  oneOf,
  optional,
  string,
  union,
  type Infer,
} from './schema.ts'

/** Every field of an ErrorResponse or NoticeResponse; see SqlErrorFields. */
export const sqlErrorFieldsSchema = object({
  severity: string(64),
  code: string(5),
  message: string(textBytesMax),
  detail: nullable(string(textBytesMax)),
  hint: nullable(string(textBytesMax)),
  position: nullable(integer(0)),
  internalPosition: nullable(integer(0)),
  internalQuery: nullable(string(textBytesMax)),
  where: nullable(string(textBytesMax)),
  schema: nullable(string(1024)),
  table: nullable(string(1024)),
  column: nullable(string(1024)),
  dataType: nullable(string(1024)),
  constraint: nullable(string(1024)),
  file: nullable(string(1024)),
  line: nullable(string(64)),
  routine: nullable(string(1024)),
})

export const wireErrorSchema = object({
  code: oneOf(...errorCodes),
  message: string(textBytesMax),
  sql: nullable(sqlErrorFieldsSchema),
})

/** A short text travels inside the request; a long one (over textPartBytesMax) is uploaded first, in parts. */
export const sqlSourceSchema = union({
  inline: object({ text: string(textPartBytesMax) }),
  uploaded: object({ textId: string(64, 1) }),
})

export const runStatementSchema = object({
  sessionId: string(64, 1),
  source: sqlSourceSchema,
  /** `statement`: the text is exactly one statement. `script`: it is split, and stops at the first error. */
  mode: oneOf('statement', 'script'),
  /** A result whose payload passes this is cut, visibly; a script shares it among its results. */
  resultBytesMax: integer(1),
  /** Results with columns whose rows are sent; of later ones only the columns and the count. null: all of them. */
  resultsMax: nullable(integer(1)),
  /** `default` unless given. */
  useCache: optional(cacheUseSchema),
})
export type RunStatement = Infer<typeof runStatementSchema>

/** Column of a result. `typeName` is what `format_type` prints for its type and modifier. */
export const columnDescriptionSchema = object({
  name: string(1024),
  typeOid: integer(0),
  typeModifier: integer(-(2 ** 31)),
  typeName: string(1024),
  /** A ColumnKind of column-batch.ts. */
  kind: integer(1, 6),
  /** 0 when the column is not a plain column of a table. */
  tableOid: integer(0),
  columnNumber: integer(0),
})
export type ColumnDescription = Infer<typeof columnDescriptionSchema>

/** After the statement: no transaction, an open one, or one that has failed and waits for ROLLBACK. */
export const transactionStateSchema = oneOf('idle', 'open', 'failed')
export type TransactionState = Infer<typeof transactionStateSchema>

export const statementOutcomeSchema = object({
  /** `cut`: the statement is fine, but its result was ended at the budget. `cancelled`: ended with 57014. */
  status: oneOf('ok', 'cut', 'failed', 'cancelled'),
  /** Such as `SELECT 5`; null when it failed or was cut. */
  commandTag: nullable(string(64)),
  /** Rows that were sent, or that the command tag counts when nothing is sent. */
  rowCount: integer(0),
  /** Payload bytes of all batches. */
  resultBytes: integer(0),
  /** Measured where the work is done: from the first message to ReadyForQuery. */
  durationMs: finite,
  error: nullable(wireErrorSchema),
  transaction: transactionStateSchema,
  /** Only of a result that was kept, and not run. */
  cached: optional(cachedMarkSchema),
})
export type StatementOutcome = Infer<typeof statementOutcomeSchema>

/** What arrives while a statement or script runs. `index` counts the statements of a script from 0. */
export const statementEventSchema = union({
  /** Another session holds the backend; `holder` is its title. Sent again when the holder changes. */
  waiting: object({ holder: string(1024), holderInTransaction: boolean }),
  /** `start` and `length`: UTF-16 code units of this statement within the text that was sent. */
  started: object({
    index: integer(0),
    count: integer(1, scriptStatementsMax),
    start: integer(0),
    length: integer(0),
  }),
  columns: object({ index: integer(0), columns: array(columnDescriptionSchema, columnsMax) }),
  /** Carries one buffer: a column batch. */
  batch: object({ index: integer(0), firstRow: integer(0), rowCount: integer(0) }),
  notice: object({ index: integer(0), notice: sqlErrorFieldsSchema }),
  completed: object({ index: integer(0), outcome: statementOutcomeSchema }),
})
export type StatementEvent = Infer<typeof statementEventSchema>

export const runResultSchema = object({
  statementsRun: integer(0),
  statementsTotal: integer(0),
  durationMs: finite,
})
