/**
 * Reads an error that crossed a port. Tolerates a code that this side does not know, since the other side may be
 * newer; everything else must be as the contract says.
 */

import type { SqlErrorFields } from '../contract/error.ts'
import { textBytesMax } from '../contract/limits.ts'
import { nullable, object, string } from '../contract/schema.ts'
import { sqlErrorFieldsSchema } from '../contract/statement.ts'

const looseWireErrorSchema = object({
  code: string(64),
  message: string(textBytesMax),
  sql: nullable(sqlErrorFieldsSchema),
})

/** Throws `invalid-argument`. */
export function parseWireError(value: unknown): {
  readonly code: string
  readonly message: string
  readonly sql: SqlErrorFields | null
} {
  return looseWireErrorSchema.parse(value, 'error')
}
