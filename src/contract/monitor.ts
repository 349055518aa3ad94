/**
 * What the workbench tells of the resources that a host and its instances use: metrics, their course over time,
 * thresholds and alerts, and the host's log. No behaviour.
 */

import {
  array,
  boolean,
  finite,
  integer,
  nullable,
  object,
  oneOf,
  optional,
  string,
  type Infer,
} from './schema.ts'

const id = string(64, 1)
const metricName = string(64, 1)

/** Metrics asked for at once: more than there are. */
export const seriesMetricsMax = 64
/** Points of one answer: a day in seconds, with room. */
export const seriesPointsMax = 100_000
export const thresholdsMax = 100
/** Alerts that are remembered, the last ones first. */
export const alertsMax = 200
/** Lines of the log that are answered at once. */
export const logLinesMax = 1_000

/** `cores`: seconds of CPU time a second, so 2 keeps two cores busy. `ratio`: 0 to 1. */
export const metricUnits = ['bytes', 'bytes/s', 'ms', 'cores', 'ratio', 'count', '1/s'] as const

export const metricSchema = object({
  name: metricName,
  /** Whether it is of the host as a whole, or of each instance. */
  scope: oneOf('host', 'instance'),
  unit: oneOf(...metricUnits),
  title: string(64),
  help: string(512),
  /** What the metric is called in what Prometheus reads; null: it is not there. */
  exposedAs: nullable(string(128)),
})
export type Metric = Infer<typeof metricSchema>

/** `instanceId` null: the host. Times are milliseconds since 1970, both included. */
export const seriesQuerySchema = object({
  instanceId: nullable(id),
  metrics: array(metricName, seriesMetricsMax),
  fromMs: integer(0),
  toMs: integer(0),
  pointsMax: integer(2, seriesPointsMax),
})

/**
 * Describes the one buffer beside it, a Float64Array: `pointCount` times, then as many values of each metric asked
 * for, in that order. NaN: nothing was measured. Where several samples became one pair of points, the pair has the
 * least and the greatest of each metric, in the order in which they came.
 */
export const seriesSchema = object({
  /** Of the columns behind the times: the metrics asked for. */
  names: array(metricName, seriesMetricsMax),
  pointCount: integer(0),
  /** Samples that went into it. */
  sampleCount: integer(0),
  intervalMs: integer(1),
  /** Of what is kept of this series; null: nothing is. */
  oldestMs: nullable(integer(0)),
})
export type SeriesInfo = Infer<typeof seriesSchema>

/** One look; `values` in the order of the metrics asked for, null where nothing was measured. */
export const liveSampleSchema = object({
  atMs: integer(0),
  values: array(nullable(finite), seriesMetricsMax),
})
export type LiveSample = Infer<typeof liveSampleSchema>

export const thresholdSchema = object({
  id,
  metric: metricName,
  /** null: each instance, or the host for one of its metrics. */
  instanceId: nullable(id),
  comparison: oneOf('above', 'below'),
  limit: finite,
  /** So long without a break before it alerts. */
  forMs: integer(0, 86_400_000),
  isOn: boolean,
})
export type Threshold = Infer<typeof thresholdSchema>

/** Of the webhook only where it goes is told: its path and its token may be secrets. */
export const monitorSettingsSchema = object({
  isOn: boolean,
  intervalMs: integer(250, 60_000),
  /** How often Postgres is asked for its own counters, where it has run something since. */
  databaseIntervalMs: integer(1_000, 3_600_000),
  retentionHours: integer(1, 24 * 31),
  thresholds: array(thresholdSchema, thresholdsMax),
  webhook: nullable(object({ origin: string(2_048) })),
})
export type MonitorSettings = Infer<typeof monitorSettingsSchema>

/** What is left out stays as it is; a webhook of null is taken away. */
export const monitorChangesSchema = object({
  isOn: optional(boolean),
  intervalMs: optional(integer(250, 60_000)),
  databaseIntervalMs: optional(integer(1_000, 3_600_000)),
  retentionHours: optional(integer(1, 24 * 31)),
  thresholds: optional(array(thresholdSchema, thresholdsMax)),
  /** `bearerToken` is sent as `Authorization: Bearer …`. */
  webhook: optional(
    nullable(object({ url: string(2_048, 1), bearerToken: optional(nullable(string(4_096, 1))) })),
  ),
})
export type MonitorChanges = Infer<typeof monitorChangesSchema>

export const alertSchema = object({
  id,
  thresholdId: id,
  metric: metricName,
  instanceId: nullable(id),
  /** As it was called then; null for the host. */
  instanceName: nullable(string(256)),
  comparison: oneOf('above', 'below'),
  limit: finite,
  /** The furthest from the limit so far. */
  worst: finite,
  sinceMs: integer(0),
  /** null: it still is. */
  endedAtMs: nullable(integer(0)),
  /** For people. */
  message: string(1_024),
})
export type Alert = Infer<typeof alertSchema>

/** How a metric has behaved over a range; nulls where too little was measured to tell. */
export const stabilitySchema = object({
  sampleCount: integer(0),
  mean: nullable(finite),
  least: nullable(finite),
  greatest: nullable(finite),
  standardDeviation: nullable(finite),
  /** Of the metric's unit, an hour: the median of the slopes between all pairs of points (Theil and Sen). */
  trendPerHour: nullable(finite),
  /** How probable such an order is without any trend (Mann and Kendall), two-sided. */
  trendChance: nullable(finite),
  /** `unsteady`: no trend, but it varies by more than half of its mean. */
  verdict: oneOf('steady', 'rising', 'falling', 'unsteady', 'unknown'),
})
export type Stability = Infer<typeof stabilitySchema>

export const logLevels = ['error', 'warn', 'info', 'debug', 'trace'] as const
export type LogLevel = (typeof logLevels)[number]

export const logSettingsSchema = object({
  /** Of the file. `trace` has what clients of the endpoint send and get, as hex, secrets left out. */
  level: oneOf(...logLevels),
  /** Of what the host writes to its standard error. */
  terminalLevel: oneOf(...logLevels),
})
export type LogSettings = Infer<typeof logSettingsSchema>
