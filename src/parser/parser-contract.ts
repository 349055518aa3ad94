/**
 * What a parser can be asked, as a table: it runs in a worker of the host and in one of the page, since a long
 * text takes it tens of milliseconds. No behaviour.
 */

import { call } from '../contract/contract-table.ts'
import { scriptStatementsMax, textBytesMax } from '../contract/limits.ts'
import { array, boolean, integer, nothing, nullable, object, oneOf, string } from '../contract/schema.ts'
import { dangerLevels } from './danger-levels.ts'

/** What a client may have sent at once. */
const textsMax = 64

/** Statements that are new to the statistics, at once. */
export const identifiedMax = 64

const statementRangeSchema = object({
  start: integer(0),
  length: integer(0),
  terminatedEnd: integer(0),
})

export const parserContract = {
  /** The statements of a text, in UTF-16 code units; at most `scriptStatementsMax` of the `total`. */
  'parser.split': call({
    params: object({ text: string(textBytesMax) }),
    result: object({ statements: array(statementRangeSchema, scriptStatementsMax), total: integer(0) }),
  }),
  /** The statement that a caret at `offset` means (statement-at.ts); null if there is none. */
  'parser.statementAt': call({
    params: object({ text: string(textBytesMax), offset: integer(0) }),
    result: nullable(statementRangeSchema),
  }),
  /**
   * The statements of the UTF-8 text in the one buffer. The answer brings the text back, and in a second buffer
   * four u32 a statement: start and length in UTF-16 code units, start and length in bytes. At most
   * `scriptStatementsMax` of the `total`.
   */
  'parser.splitBytes': call({
    params: nothing,
    result: object({
      total: integer(0),
      /** False when the bytes are not UTF-8; nothing else is answered then. */
      isValid: boolean,
    }),
    buffersMax: 2,
  }),
  /** As TextDanger has it, of each of the texts. */
  'parser.danger': call({
    params: object({ texts: array(string(textBytesMax), textsMax) }),
    result: array(
      object({ level: oneOf(...dangerLevels), what: string(1_000), statementCount: integer(0) }),
      textsMax,
    ),
  }),
  /** As StatementIdentity has it, of each of the texts. */
  'parser.identify': call({
    params: object({ texts: array(string(textBytesMax), identifiedMax) }),
    result: array(object({ fingerprint: nullable(string(64)), text: string(textBytesMax) }), identifiedMax),
  }),
} as const

export type ParserContract = typeof parserContract
