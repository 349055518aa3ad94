/**
 * Values of JavaScript as parameters: the texts that Postgres reads, without loss, and bytes as they are. Knows no
 * type of Postgres: what a text means is decided by the statement.
 */

import { base64Of } from './base64-text.ts'
import { invalidArgument } from './wardian-error.ts'

/** What a parameter may be. Objects are sent as JSON, arrays as arrays of Postgres. */
export type ParameterValue =
  string | number | bigint | boolean | null | Date | Uint8Array | readonly ParameterValue[] | object

/** As docs/protocol.md has parameters, "Requests". */
export type WireParameter = string | null | Uint8Array | { readonly base64: string }

/** Arrays of Postgres have at most six dimensions (MAXDIM in src/include/utils/array.h). */
const arrayDepthMax = 6

/** `values` as they are sent; `isBinary` where bytes may be sent as bytes. */
export function wireParameters(values: readonly unknown[], isBinary: boolean): WireParameter[] {
  return values.map((value, index) => {
    if (value instanceof Uint8Array) return isBinary ? value : { base64: base64Of(value) }
    return textOf(value, `parameter $${index + 1}`)
  })
}

function textOf(value: unknown, where: string): string | null {
  if (typeof value === 'string') return value
  if (value === null) return null
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (value instanceof Date) return dateText(value, where)
  if (Array.isArray(value)) return arrayText(value, where, 1)
  if (typeof value === 'object') return jsonText(value, where)
  if (value === undefined) throw invalidArgument(`${where} is undefined; use null for NULL`)
  throw invalidArgument(`${where} is a ${typeof value}, which no parameter can be`)
}

/** ISO 8601 with the zone, which Postgres reads as the same moment whatever its settings are. */
function dateText(value: Date, where: string): string {
  if (Number.isNaN(value.getTime())) throw invalidArgument(`${where} is an invalid Date`)
  // Years from 10000 on, and before 1, have a sign and six digits there, which Postgres does not read.
  const year = value.getUTCFullYear()
  if (year < 1 || year > 9999)
    throw invalidArgument(`${where} is a Date outside of the years 1 to 9999: pass text`)
  return value.toISOString()
}

function jsonText(value: object, where: string): string {
  const text: string | undefined = JSON.stringify(value)
  if (text === undefined) throw invalidArgument(`${where} has no JSON`)
  return text
}

/** The text form of arrays (PostgreSQL 18 documentation, section 8.15.6); every element is quoted, NULL is not. */
function arrayText(values: readonly unknown[], where: string, depth: number): string {
  if (depth > arrayDepthMax)
    throw invalidArgument(`${where} is an array of more than ${arrayDepthMax} dimensions`)
  const elements = values.map((value) => {
    if (Array.isArray(value)) return arrayText(value, where, depth + 1)
    const text = value instanceof Uint8Array ? hexText(value) : textOf(value, where)
    return text === null ? 'NULL' : `"${text.replaceAll(/["\\]/g, '\\$&')}"`
  })
  return `{${elements.join(',')}}`
}

function hexText(bytes: Uint8Array): string {
  return `\\x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
