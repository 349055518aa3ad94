/** The rows of the workbench contract about resources, alerts and the host's log. No behaviour. */

import { call, event, stream } from './contract-table.ts'
import {
  alertSchema,
  alertsMax,
  liveSampleSchema,
  logLinesMax,
  logSettingsSchema,
  metricSchema,
  monitorChangesSchema,
  monitorSettingsSchema,
  seriesMetricsMax,
  seriesQuerySchema,
  seriesSchema,
  stabilitySchema,
} from './monitor.ts'
import { array, boolean, integer, nothing, nullable, object, oneOf, string } from './schema.ts'

const id = string(64, 1)

export const monitorCalls = {
  /** All that there are, whether measured or not. */
  'monitor.metrics': call({ params: nothing, result: array(metricSchema, 256) }),
  /** The points are the answer's one buffer. Throws `not-found` for a metric that there is not. */
  'monitor.series': call({ params: seriesQuerySchema, result: seriesSchema, buffersMax: 1 }),
  /** Each look of the monitor from now on; a client that is slow misses some. Ends with the instance. */
  'monitor.live': stream({
    params: object({ instanceId: nullable(id), metrics: array(string(64, 1), seriesMetricsMax) }),
    chunk: liveSampleSchema,
    result: nothing,
  }),
  'monitor.stability': call({
    params: object({
      instanceId: nullable(id),
      metric: string(64, 1),
      fromMs: integer(0),
      toMs: integer(0),
    }),
    result: stabilitySchema,
  }),
  'monitor.settings': call({ params: nothing, result: monitorSettingsSchema }),
  /** Throws `invalid-argument` for an address that is none, or a metric that there is not. */
  'monitor.setSettings': call({ params: monitorChangesSchema, result: monitorSettingsSchema }),
  'monitor.didChangeSettings': event(monitorSettingsSchema),
  /** Those that have not ended, then the last ones that have; newest first. */
  'monitor.alerts': call({ params: nothing, result: array(alertSchema, alertsMax) }),
  /** It has begun, or ended. */
  'monitor.didAlert': event(alertSchema),
  /** Sends a message that says it is a test; `conflict` where there is no webhook. */
  'monitor.testWebhook': call({
    params: nothing,
    result: object({ isDelivered: boolean, message: string(1_024) }),
  }),
  /** What /metrics answers. */
  'monitor.exposition': call({
    params: object({ format: oneOf('prometheus', 'openmetrics') }),
    result: object({ contentType: string(256), text: string(4 << 20) }),
  }),
  /** The file that has the token for /metrics, readable by its owner alone; and the port, where there is one. */
  'monitor.tokenFile': call({
    params: nothing,
    result: object({ path: string(4_096), port: nullable(integer(1)) }),
  }),

  'log.settings': call({ params: nothing, result: logSettingsSchema }),
  'log.setSettings': call({ params: logSettingsSchema, result: logSettingsSchema }),
  /** The last lines of the file, oldest first, each one JSON object; and where the file is. */
  'log.tail': call({
    params: object({ linesMax: integer(1, logLinesMax) }),
    result: object({ path: nullable(string(4_096)), lines: array(string(65_536), logLinesMax) }),
  }),
}
