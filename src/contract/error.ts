/**
 * The closed list of ways in which work can fail, and how a failure crosses a border: as a code, a message that
 * says what happened and what to do, and (for SQL) every field that Postgres sent. Knows no transport.
 */

/** Every code there is. Add here, never invent one elsewhere. */
export const errorCodes = [
  'invalid-argument', // the caller sent something the contract does not allow
  'invalid-message', // bytes that are not a message of the protocol in question
  'not-found', // the named instance, session, tab… does not exist
  'already-exists', // the name is taken
  'in-use', // another program or session holds it; the message names the holder
  'conflict', // the thing changed since the caller last saw it
  'limit-exceeded', // a bound of the product; the message names it
  'cancelled', // the caller asked for the end
  'closed', // the thing was closed while, or before, it was used
  'disconnected', // the other side of a port is gone
  'unreachable', // a server elsewhere cannot be reached, is not who it should be, or has gone away
  'sql-error', // Postgres refused or failed; `sql` has all its fields
  'engine-crashed', // the engine's worker ended; acknowledged commits are safe
  'engine-unresponsive', // the engine did not answer a cancel in time and was ended
  'storage-failed', // the workbench's own file could not be read or written
  'disk-full', // no space left where the data lies
  'corrupt', // data on disk is not what it should be
  'permission-denied', // the operating system refused
  'unauthorized', // token, Host or Origin is wrong
  'unsupported', // valid, but this engine or platform cannot do it
  'internal', // a defect of the product
] as const

export type ErrorCode = (typeof errorCodes)[number]

/**
 * The fields of an ErrorResponse or NoticeResponse (PostgreSQL 18 documentation, section 54.8). `position` and
 * `internalPosition` count characters (code points) from 1 within the statement that was sent.
 */
export interface SqlErrorFields {
  readonly severity: string
  readonly code: string
  readonly message: string
  readonly detail: string | null
  readonly hint: string | null
  readonly position: number | null
  readonly internalPosition: number | null
  readonly internalQuery: string | null
  readonly where: string | null
  readonly schema: string | null
  readonly table: string | null
  readonly column: string | null
  readonly dataType: string | null
  readonly constraint: string | null
  readonly file: string | null
  readonly line: string | null
  readonly routine: string | null
}

/** The fields that an error of our own leaves out. */
export const noSqlErrorFields = {
  detail: null,
  hint: null,
  position: null,
  internalPosition: null,
  internalQuery: null,
  where: null,
  schema: null,
  table: null,
  column: null,
  dataType: null,
  constraint: null,
  file: null,
  line: null,
  routine: null,
} satisfies Partial<SqlErrorFields>

/** An error as it crosses a border. */
export interface WireError {
  readonly code: ErrorCode
  readonly message: string
  readonly sql: SqlErrorFields | null
}

interface WorkbenchErrorOptions {
  readonly cause?: unknown
  readonly sql?: SqlErrorFields | null
}

/** The only error that crosses borders. */
export class WorkbenchError extends Error {
  override readonly name = 'WorkbenchError'
  readonly code: ErrorCode
  readonly sql: SqlErrorFields | null

  constructor(code: ErrorCode, message: string, options: WorkbenchErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.sql = options.sql ?? null
  }
}

/** Prepares any thrown value for a border; what is not a WorkbenchError is a defect and becomes `internal`. */
export function toWireError(error: unknown): WireError {
  if (error instanceof WorkbenchError) return { code: error.code, message: error.message, sql: error.sql }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'internal', message: `Wardian failed unexpectedly: ${message}`, sql: null }
}

/** Rebuilds the error on this side; an unknown code (a newer peer) becomes `internal`. */
export function fromWireError(wire: {
  code: string
  message: string
  sql: SqlErrorFields | null
}): WorkbenchError {
  const code = errorCodes.find((known) => known === wire.code) ?? 'internal'
  return new WorkbenchError(code, wire.message, { sql: wire.sql })
}
