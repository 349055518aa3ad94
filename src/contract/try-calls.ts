/** What a client can ask about trying scripts: rows of the contract's table. No behaviour. */

import { stream } from './contract-table.ts'
import { boolean, nullable, object, string } from './schema.ts'
import { sqlSourceSchema } from './statement.ts'
import { tryAppliedSchema, tryModeSchema, tryProgressSchema, tryReportSchema } from './try-report.ts'

const id = string(64, 1)

export const tryCalls = {
  /**
   * Runs a script on a copy of what is committed, which is thrown away whatever happens. What is wrong with the script
   * is in the report; ending the stream ends the copy.
   */
  'try.run': stream({
    params: object({
      instanceId: id,
      /** A session of the client, whose role and settings the script is tried with; null: those of a new one. */
      sessionId: nullable(id),
      source: sqlSourceSchema,
      mode: tryModeSchema,
    }),
    chunk: tryProgressSchema,
    result: tryReportSchema,
  }),
  /**
   * Runs on the instance what was tried. `conflict` when the text is another one, or the instance was written to since,
   * unless `despiteWrites`. What is wrong with the script is in the answer.
   */
  'try.apply': stream({
    params: object({
      instanceId: id,
      sessionId: nullable(id),
      source: sqlSourceSchema,
      sha256: string(64, 64),
      position: string(64),
      /** Everything or nothing; else statement by statement, up to the first error. */
      inOneTransaction: boolean,
      despiteWrites: boolean,
    }),
    chunk: tryProgressSchema,
    result: tryAppliedSchema,
  }),
} as const
