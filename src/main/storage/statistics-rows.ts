/** What is stored of statements that ran, as it crosses to the store. No behaviour. */

import {
  fingerprintSchema,
  statementCallerSchema,
  statementExampleSchema,
  statementTextLengthMax,
} from '../../contract/statistics.ts'
import { array, finite, integer, nullable, object, string, type Infer } from '../../contract/schema.ts'

/** Of one transaction; each costs some ten microseconds. */
export const statementPartsMax = 500

/** What one statement did in one part of the time; added to what is there. */
export const statementPartSchema = object({
  instanceId: string(64, 1),
  fingerprint: fingerprintSchema,
  text: string(statementTextLengthMax),
  startMs: integer(0),
  lengthMs: integer(1),
  firstSeenMs: integer(0),
  lastSeenMs: integer(0),
  calls: integer(0),
  errors: integer(0),
  rows: integer(0),
  bytes: integer(0),
  cacheHits: integer(0),
  totalMs: finite,
  maxMs: finite,
  waitMs: finite,
  errorCodes: array(object({ sqlState: string(5), count: integer(1) }), 64),
  callers: array(statementCallerSchema, 64),
  example: nullable(statementExampleSchema),
  /** How many of the numbers in the buffer are its steps and counts. */
  stepNumbers: integer(0),
})
export type StatementPart = Infer<typeof statementPartSchema>
