/**
 * The body of a request to `/sql`: one statement or a batch of them, checked. Hostile input becomes a refusal that says
 * what is wrong with it. Knows no header.
 */

import { refusal } from '../postgres/wire-failure.ts'

/** Each is some messages to the backend, and an answer; a body of nothing but short ones has more. */
export const sqlStatementsMax = 1_000
/** A parameter count is an Int16 in Bind (PostgreSQL 18 documentation, section 54.7). */
const parametersMax = 65_535

export interface SqlStatement {
  readonly query: string
  /** As Postgres reads them. */
  readonly params: readonly (string | null)[]
}

export interface SqlBody {
  readonly statements: readonly SqlStatement[]
  /** They are one transaction, and have results; else it is one statement, and has one. */
  readonly isBatch: boolean
}

/** Throws 08P01, 54000. */
export function readSqlBody(text: string): SqlBody {
  const body = asRecord(parsed(text), 'the body')
  const { queries } = body
  if (queries === undefined) return { statements: [statementOf(body, 'the body')], isBatch: false }
  if (!Array.isArray(queries)) throw invalid('"queries" must be an array')
  if (queries.length > sqlStatementsMax) {
    throw refusal('54000', `a batch has at most ${sqlStatementsMax} statements`)
  }
  const statements = queries.map((query: unknown, index) => {
    const what = `queries[${index}]`
    return statementOf(asRecord(query, what), what)
  })
  return { statements, isBatch: true }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    // Its message has a part of the body, which is nobody else's business.
    throw refusal('08P01', 'the body is not JSON', { cause })
  }
}

function asRecord(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`${what} must be an object`)
  }
  return value as Readonly<Record<string, unknown>>
}

function statementOf(record: Readonly<Record<string, unknown>>, what: string): SqlStatement {
  const { query, params = [] } = record
  if (typeof query !== 'string') throw invalid(`"query" of ${what} must be a string`)
  if (query.includes('\0')) throw invalid(`"query" of ${what} has a NUL character`)
  if (!Array.isArray(params)) throw invalid(`"params" of ${what} must be an array`)
  if (params.length > parametersMax)
    throw refusal('54000', `${what} has more than ${parametersMax} parameters`)
  return { query, params: params.map((value: unknown, index) => parameterOf(value, index, what)) }
}

function parameterOf(value: unknown, index: number, what: string): string | null {
  if (typeof value === 'string' || value === null) return value
  // Other numbers have been rounded by whoever wrote or read the JSON, and nobody could tell.
  const isExact = typeof value === 'number' && Number.isSafeInteger(value)
  if (typeof value === 'boolean' || isExact) return String(value)
  throw invalid(
    `params[${index}] of ${what} must be a string or null: write numbers, arrays and JSON as text`,
  )
}

function invalid(message: string): Error {
  return refusal('08P01', message)
}
