/** The rows of the workbench contract about statements that have run, and how long they took. No behaviour. */

import { call, event } from './contract-table.ts'
import { array, finite, integer, nothing, nullable, object, oneOf, string } from './schema.ts'
import {
  fingerprintSchema,
  seriesPointsMax,
  seriesSchema,
  slowStatementSchema,
  slowStatementsMax,
  statementDetailsSchema,
  statementOrders,
  statementRowSchema,
  statementRowsMax,
  statementTotalsSchema,
  statisticsSettingsSchema,
  timeRangeFields,
  timeRangeSchema,
} from './statistics.ts'

const id = string(64, 1)
const anyInstance = nullable(id)
const pointsMax = integer(1, seriesPointsMax)

export const statisticsCalls = {
  /** Those that ran in the range; `totals` counts all of them, also those that are not among the rows. */
  'statistics.top': call({
    params: object({
      /** null: of all instances. */
      instanceId: anyInstance,
      ...timeRangeFields,
      orderBy: oneOf(...statementOrders),
      /** Occurs in the text, in any case. */
      search: string(256),
      limit: integer(1, statementRowsMax),
    }),
    result: object({
      rows: array(statementRowSchema, statementRowsMax),
      statementCount: integer(0),
      totals: statementTotalsSchema,
    }),
  }),
  /** `not-found` where it did not run in the range. */
  'statistics.statement': call({
    params: object({ instanceId: id, fingerprint: fingerprintSchema, ...timeRangeFields }),
    result: statementDetailsSchema,
  }),
  /** The names are those of statementSeriesNames; of one statement where a fingerprint is given. */
  'statistics.overTime': call({
    params: object({
      instanceId: anyInstance,
      fingerprint: nullable(fingerprintSchema),
      ...timeRangeFields,
      pointsMax,
    }),
    result: seriesSchema,
    buffersMax: 1,
  }),
  /** Statements of either range, those whose mean has changed most first; null where it did not run. */
  'statistics.compare': call({
    params: object({
      instanceId: anyInstance,
      fingerprint: nullable(fingerprintSchema),
      before: timeRangeSchema,
      after: timeRangeSchema,
      limit: integer(1, statementRowsMax),
    }),
    result: array(
      object({
        before: nullable(statementRowSchema),
        after: nullable(statementRowSchema),
        /** What is spent now less what the same calls would have taken before, in milliseconds. */
        changeMs: finite,
      }),
      statementRowsMax,
    ),
  }),
  /** The last slow ones, latest first. */
  'statistics.slow': call({
    params: object({ instanceId: anyInstance, limit: integer(1, slowStatementsMax) }),
    result: array(slowStatementSchema, slowStatementsMax),
  }),
  /** Forgets one statement, those of one instance, or everything. */
  'statistics.reset': call({
    params: object({ instanceId: anyInstance, fingerprint: nullable(fingerprintSchema) }),
    result: nothing,
  }),
  'statistics.settings': call({ params: nothing, result: statisticsSettingsSchema }),
  'statistics.setSettings': call({ params: statisticsSettingsSchema, result: statisticsSettingsSchema }),
  /** There is something new, told once in a while; or the settings have changed. */
  'statistics.didChange': event(object({ settings: statisticsSettingsSchema })),
} as const
