/**
 * How a monitor is set, as it is kept: with the whole address of the webhook and its token, which nobody is told. What
 * is asked for is checked here. Knows no store.
 */

import { WorkbenchError } from '../../contract/error.ts'
import {
  logSettingsSchema,
  monitorSettingsSchema,
  type LogSettings,
  type MonitorChanges,
  type MonitorSettings,
  type Threshold,
} from '../../contract/monitor.ts'
import { nullable, object, string, type Infer } from '../../contract/schema.ts'
import { metricByName } from './metric-catalog.ts'

const webhookSchema = object({ url: string(2_048, 1), bearerToken: nullable(string(4_096, 1)) })
export type Webhook = Infer<typeof webhookSchema>

export interface KeptMonitor {
  readonly settings: Omit<MonitorSettings, 'webhook'>
  readonly webhook: Webhook | null
  readonly log: LogSettings
}

/** Limits that a computer of today passes only when something is wrong; all are told of, none acts. */
const defaultThresholds: readonly Threshold[] = [
  {
    ...{ id: 'event-loop', metric: 'loopDelayMax', instanceId: null, comparison: 'above' },
    ...{ limit: 500, forMs: 10_000, isOn: true },
  },
  {
    ...{ id: 'disk-free', metric: 'diskFree', instanceId: null, comparison: 'below' },
    ...{ limit: 1 << 30, forMs: 0, isOn: true },
  },
  {
    ...{ id: 'wasm-memory', metric: 'wasmMemory', instanceId: null, comparison: 'above' },
    // A WebAssembly memory of 32 bits ends at 4 GB, and with it the engine.
    ...{ limit: 3 * 2 ** 30, forMs: 0, isOn: true },
  },
  {
    ...{ id: 'queue-wait', metric: 'queueOldest', instanceId: null, comparison: 'above' },
    ...{ limit: 30_000, forMs: 0, isOn: true },
  },
]

export const defaultMonitor: KeptMonitor = {
  settings: {
    ...{ isOn: true, intervalMs: 1_000, databaseIntervalMs: 15_000, retentionHours: 24 },
    thresholds: defaultThresholds,
  },
  webhook: null,
  log: { level: 'info', terminalLevel: 'info' },
}

/** What was kept; whatever of it this version does not allow gives way to the default. */
export function readKeptMonitor(json: string | null): KeptMonitor {
  let kept = defaultMonitor
  for (const [name, value] of Object.entries(json === null ? {} : parseObject(json))) {
    try {
      if (name === 'log') kept = { ...kept, log: logSettingsSchema.parse(value, name) }
      else if (name === 'webhook') kept = { ...kept, webhook: nullable(webhookSchema).parse(value, name) }
      else kept = { ...kept, settings: checked({ ...kept.settings, [name]: value }) }
    } catch (error) {
      if (!(error instanceof WorkbenchError)) throw error
    }
  }
  return kept
}

export function keptJson({ settings, webhook, log }: KeptMonitor): string {
  return JSON.stringify({ ...settings, webhook, log })
}

/** Throws `invalid-argument` for an address that is none, or a metric that there is not. */
export function changedMonitor(kept: KeptMonitor, { webhook, ...changes }: MonitorChanges): KeptMonitor {
  const settings = checked({ ...kept.settings, ...changes })
  for (const { metric } of settings.thresholds) {
    if (!metricByName.has(metric)) {
      throw new WorkbenchError(
        'invalid-argument',
        `There is no metric ${metric} to watch; choose another one`,
      )
    }
  }
  if (webhook === undefined) return { ...kept, settings }
  if (webhook === null) return { ...kept, settings, webhook: null }
  const { href } = webhookAddress(webhook.url)
  // A token is good for one address: another one must not get it.
  const isSame = kept.webhook?.url === href
  const bearerToken =
    webhook.bearerToken ?? (isSame && webhook.bearerToken === undefined ? kept.webhook?.bearerToken : null)
  return { ...kept, settings, webhook: { url: href, bearerToken: bearerToken ?? null } }
}

/** As the contract has it. */
export function toldSettings({ settings, webhook }: KeptMonitor): MonitorSettings {
  return { ...settings, webhook: webhook ? { origin: webhookAddress(webhook.url).origin } : null }
}

function webhookAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (url && isHttp && url.username === '' && url.password === '') return url
  throw new WorkbenchError(
    'invalid-argument',
    'The webhook must be an address that begins with https:// or http://, without a user name and password in it',
  )
}

function checked(settings: object): KeptMonitor['settings'] {
  const { webhook: _webhook, ...rest } = monitorSettingsSchema.parse(
    { ...settings, webhook: null },
    'monitor',
  )
  return rest
}

function parseObject(json: string): object {
  const value: unknown = JSON.parse(json)
  return typeof value === 'object' && value !== null ? value : {}
}
