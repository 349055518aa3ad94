/**
 * `data` of each request that runs statements or steers others (docs/protocol.md, "Requests"), and the validators
 * for it. Whatever is in it was chosen by somebody else.
 */

import { WorkbenchError } from '../contract/error.ts'
import {
  array,
  boolean,
  integer,
  object,
  optional,
  string,
  type Infer,
  type Schema,
} from '../contract/schema.ts'
import { readCondition, type Condition } from './batch-condition.ts'
import {
  batchStepsMax,
  creditMax,
  cursorFetchRowsMax,
  messageBytesMax,
  nameLengthMax,
  parametersMax,
} from './protocol-limits.ts'
import { nameSchema } from './request-frame.ts'

/** A parameter's text, NULL, or the bytes of a `bytea`. */
export type Parameter = string | null | Uint8Array | { readonly base64: string }

const oidMax = 2 ** 32 - 1
const rowLimitMax = 2 ** 31 - 1
/** With the flag u, pairs are characters of their own. */
const loneSurrogate = /\p{Surrogate}/u
const base64Pattern = /^[A-Za-z0-9+/]*={0,2}$/

/** Postgres's texts have no NUL (PostgreSQL 18 documentation, section 8.3), and UTF-8 has no lone surrogates. */
function storable(value: string, path: string): string {
  if (value.includes('\0')) throw invalid(`${path} must not contain the character U+0000`)
  if (loneSurrogate.test(value)) throw invalid(`${path} must not contain lone surrogates`)
  return value
}

const sqlText: Schema<string> = {
  parse: (value, path) => storable(string(messageBytesMax).parse(value, path), path),
}

const parameterSchema: Schema<Parameter> = {
  parse(value, path) {
    if (value === null) return null
    if (typeof value === 'string') return storable(value, path)
    if (value instanceof Uint8Array) return value
    const base64: unknown = typeof value === 'object' && 'base64' in value ? value.base64 : null
    if (typeof base64 === 'string' && base64.length % 4 === 0 && base64Pattern.test(base64)) return { base64 }
    throw invalid(`${path} must be text, null, or bytes`)
  },
}

const paramsSchema = optional(array(parameterSchema, parametersMax))
const typesSchema = optional(array(integer(0, oidMax), parametersMax))
const statementFields = { sql: sqlText, params: paramsSchema, types: typesSchema }

const querySchema = object({
  sql: optional(sqlText),
  prepared: optional(nameSchema),
  params: paramsSchema,
  types: typesSchema,
  row_limit: optional(integer(1, rowLimitMax)),
})
export type QueryData = Infer<typeof querySchema>

/** One of `sql` and `prepared` is there, `types` only with `sql`. */
export function readQueryData(data: unknown): QueryData {
  return withOneOf(querySchema.parse(data, 'data'))
}

const describeSchema = object({
  sql: optional(sqlText),
  prepared: optional(nameSchema),
  types: typesSchema,
})
export type DescribeData = Infer<typeof describeSchema>

export function readDescribeData(data: unknown): DescribeData {
  return withOneOf(describeSchema.parse(data, 'data'))
}

const prepareSchema = object({ name: nameSchema, sql: sqlText, types: typesSchema })
export type PrepareData = Infer<typeof prepareSchema>
export const readPrepareData = reader(prepareSchema)

export const readClosePreparedData = reader(object({ name: nameSchema }))

const cursorOpenSchema = object({ cursor: nameSchema, ...statementFields })
export type CursorOpenData = Infer<typeof cursorOpenSchema>
export const readCursorOpenData = reader(cursorOpenSchema)

export const readCursorFetchData = reader(
  object({ cursor: nameSchema, count: integer(1, cursorFetchRowsMax) }),
)
export const readCursorCloseData = reader(object({ cursor: nameSchema }))
export const readCancelData = reader(object({ request_id: nameSchema }))
export const readCreditData = reader(object({ request_id: nameSchema, frames: integer(1, creditMax) }))

const helloSchema = object({
  token: string(messageBytesMax),
  client: optional(string(nameLengthMax)),
})
export type HelloData = Infer<typeof helloSchema>
export const readHelloData = reader(helloSchema)

/** A step of a batch: a statement, and when it is run. */
export type BatchStep = Infer<typeof stepSchema>
const stepSchema = object({ ...statementFields, if: optional<Condition>({ parse: readCondition }) })
const batchSchema = object({ steps: array(stepSchema, batchStepsMax), atomic: optional(boolean) })
export type BatchData = Infer<typeof batchSchema>
export const readBatchData = reader(batchSchema)

function reader<T>(schema: Schema<T>): (data: unknown) => T {
  return (data) => schema.parse(data, 'data')
}

function withOneOf<T extends { readonly sql?: string; readonly prepared?: string; readonly types?: unknown }>(
  data: T,
): T {
  if ((data.sql === undefined) === (data.prepared === undefined)) {
    throw invalid('data must have one of sql and prepared')
  }
  if (data.prepared !== undefined && data.types !== undefined) {
    throw invalid('data.types belongs to sql: a prepared statement has its types')
  }
  return data
}

function invalid(message: string): WorkbenchError {
  return new WorkbenchError('invalid-argument', message)
}
