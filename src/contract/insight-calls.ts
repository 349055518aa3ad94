/**
 * What a client can ask about the inside of an instance: rows of the contract's table. An instance that does not run
 * is not started for it: `conflict`. No behaviour.
 */

import { call, stream } from './contract-table.ts'
import {
  healthInsightSchema,
  indexesInsightSchema,
  planInsightSchema,
  reportFormatSchema,
  reportPartSchema,
  tablesInsightSchema,
  waitsInsightSchema,
} from './insight.ts'
import { textPartBytesMax } from './limits.ts'
import { array, boolean, integer, nothing, nullable, object, string, union } from './schema.ts'

const id = string(64, 1)

export const insightCalls = {
  /** `in-use` while somebody has the backend and nothing was read before. */
  'insight.tables': call({ params: object({ instanceId: id }), result: tablesInsightSchema }),
  'insight.indexes': call({ params: object({ instanceId: id }), result: indexesInsightSchema }),
  'insight.health': call({ params: object({ instanceId: id }), result: healthInsightSchema }),
  /** Now, and after each change, until the stream is ended. */
  'insight.waits': stream({
    params: object({ instanceId: id }),
    chunk: waitsInsightSchema,
    result: nothing,
  }),
  /**
   * How Postgres would run a statement, and what might help it. Cancelling the call ends it. `analyze` runs it, in a
   * transaction that cannot write and is rolled back, for a bounded time; `unsupported` where it is not proven that it
   * only reads.
   */
  'insight.plan': call({
    params: object({
      instanceId: id,
      statement: union({
        /** `parameters`: null for those that are not known, whose plan is generic (Postgres 16 or later). */
        text: object({
          text: string(textPartBytesMax, 1),
          parameters: nullable(array(nullable(string(textPartBytesMax)), 65_535)),
        }),
        /** The example that the statistics have kept of it. */
        fingerprint: object({ fingerprint: string(64, 1) }),
      }),
      analyze: boolean,
    }),
    result: planInsightSchema,
  }),
  /** One file, in the reply's one buffer (UTF-8). `part` chooses the rows of a CSV file. */
  'insight.report': call({
    params: object({
      instanceId: id,
      fromMs: integer(0),
      toMs: integer(0),
      format: reportFormatSchema,
      part: reportPartSchema,
    }),
    result: object({ fileName: string(256), mediaType: string(64) }),
    buffersMax: 1,
  }),
} as const
