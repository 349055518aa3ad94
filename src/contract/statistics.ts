/**
 * What is known of statements that have run: one row for each fingerprint of Postgres's own parser, with counts,
 * times, a histogram of its latency, who called it, and one example. No behaviour.
 */

import { array, boolean, finite, integer, nullable, object, oneOf, string, type Infer } from './schema.ts'

/** A fingerprint of libpg-query has 16 digits; what it cannot read has one of its own that says so (`text-…`). */
export const fingerprintSchema = string(64, 1)

/** Text of a statement without its literals; longer ones are cut. */
export const statementTextLengthMax = 16_384

/** Rows that are answered at once. */
export const statementRowsMax = 500

/** Parts of the range in which a row says how its time was spread. */
export const sparklineParts = 32

/** Bars of a histogram that is shown. */
export const histogramBarsMax = 128

/** Points of a series; a window is some thousand pixels wide. */
export const seriesPointsMax = 10_000

/** Both ends in milliseconds since 1970-01-01 UTC; the end is not part of it and may lie in the future. */
export const timeRangeFields = { fromMs: integer(0), toMs: integer(0) }
export const timeRangeSchema = object(timeRangeFields)
export type TimeRange = Infer<typeof timeRangeSchema>

const countFields = {
  calls: integer(0),
  /** Those of the calls that failed. */
  errors: integer(0),
  /** Sent, or counted by the command tag where nothing is sent. */
  rows: integer(0),
  /** Sent by the backend. */
  bytes: integer(0),
  /** Answered without the engine; not among the calls. */
  cacheHits: integer(0),
  totalMs: finite,
  /** Waited for a turn before they ran, all calls together; not part of totalMs. */
  waitMs: finite,
}

export const statementTotalsSchema = object(countFields)
export type StatementTotals = Infer<typeof statementTotalsSchema>

export const statementRowSchema = object({
  instanceId: string(64, 1),
  fingerprint: fingerprintSchema,
  /** Literals are placeholders. */
  text: string(statementTextLengthMax),
  ...countFields,
  meanMs: finite,
  maxMs: finite,
  /** Percentiles of the latency, each at most 0.4 % off. */
  p50Ms: finite,
  p90Ms: finite,
  p95Ms: finite,
  p99Ms: finite,
  p999Ms: finite,
  firstSeenMs: integer(0),
  lastSeenMs: integer(0),
  /** Its time in the second half of the range less that in the first, in milliseconds. */
  growth: finite,
  /** Its time in each of equal parts of the range, in milliseconds. */
  sparkline: array(finite, sparklineParts),
})
export type StatementRow = Infer<typeof statementRowSchema>

export const statementOrders = [
  'totalTime',
  'meanTime',
  'maxTime',
  'calls',
  'rows',
  'growth',
  'errors',
] as const

export const statementExampleSchema = object({
  /** As it was sent; passwords of roles are left out. */
  text: string(statementTextLengthMax),
  /** null where it had none, or they are not known as text. */
  parameters: nullable(array(nullable(string(1_024)), 256)),
  durationMs: finite,
  atMs: integer(0),
})
export type StatementExample = Infer<typeof statementExampleSchema>

export const statementCallerSchema = object({
  /** As application_name was when it ran. */
  application: string(256),
  endpoint: oneOf('console', 'wire'),
  user: string(256),
  calls: integer(0),
  totalMs: finite,
})
export type StatementCaller = Infer<typeof statementCallerSchema>

export const statementDetailsSchema = object({
  row: statementRowSchema,
  histogram: array(object({ fromMs: finite, toMs: finite, count: integer(1) }), histogramBarsMax),
  errorCodes: array(object({ sqlState: string(5), count: integer(1) }), 64),
  callers: array(statementCallerSchema, 64),
  /** Kept as the settings say. */
  example: nullable(statementExampleSchema),
})
export type StatementDetails = Infer<typeof statementDetailsSchema>

/**
 * Names the columns of the one buffer, float64 each: first the times of the points (the end of each, in ms since
 * 1970), ascending, then column after column. NaN where nothing was measured.
 */
export const seriesSchema = object({
  names: array(string(64), 64),
  /** Between two points. */
  intervalMs: integer(1),
  pointCount: integer(0, seriesPointsMax),
})
export type Series = Infer<typeof seriesSchema>

/** Of statements.overTime and statements.statement: rates are per second, the rest milliseconds. */
export const statementSeriesNames = [
  ...['calls', 'errors', 'rows', 'hits'],
  ...['mean', 'p50', 'p95', 'p99', 'max', 'wait'],
] as const

export const slowStatementSchema = object({
  instanceId: string(64, 1),
  fingerprint: fingerprintSchema,
  text: string(statementTextLengthMax),
  durationMs: finite,
  atMs: integer(0),
  sqlState: nullable(string(5)),
  application: string(256),
  user: string(256),
})
export type SlowStatement = Infer<typeof slowStatementSchema>

/** Slow statements that are kept in memory to be shown. */
export const slowStatementsMax = 200

export const statisticsSettingsSchema = object({
  isOn: boolean,
  /** Length of the parts in which numbers are kept at first; they are put together when they are old. */
  bucketMs: integer(10_000, 3_600_000),
  retentionMs: integer(3_600_000),
  /** `memory`: the slowest call of late of each statement, until the host ends. */
  examples: oneOf('off', 'memory', 'disk'),
  /** Statements that take as long are slow, and are written to the log of slow statements; null for none. */
  slowMs: nullable(finite),
  /** The log has texts without their literals. */
  redactsSlow: boolean,
})
export type StatisticsSettings = Infer<typeof statisticsSettingsSchema>
