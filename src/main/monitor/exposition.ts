/**
 * What was read last in the formats of other tools: Prometheus's text format and OpenMetrics. Names, units and labels
 * are the catalog's; docs/metrics.md has them all. Measures nothing.
 */

import {
  Counter,
  Gauge,
  openMetricsContentType,
  prometheusContentType,
  Registry,
  type OpenMetricsContentType,
  type PrometheusContentType,
} from 'prom-client'
import { metricCatalog, type NamedMetric } from './metric-catalog.ts'
import type { ReadingGroup } from './rate-keeper.ts'
import type { Look } from './resource-monitor.ts'

export type ExpositionFormat = 'prometheus' | 'openmetrics'

export interface Exposition {
  readonly contentType: string
  readonly text: string
}

/** One statement of those that took most time of late. */
export interface TopStatement {
  readonly database: string
  readonly fingerprint: string
  readonly calls: number
  readonly errors: number
  readonly rows: number
  readonly totalMs: number
}

export interface Exposed {
  readonly look: Look
  readonly version: string
  readonly startedAtMs: number
  /** All instances by name, whether they run or not. */
  readonly instances: readonly { readonly name: string; readonly isRunning: boolean }[]
  readonly firingCount: number
  /** Of the last five minutes; no more than are worth a series of their own. */
  readonly topStatements: readonly TopStatement[]
}

type Labels = Readonly<Record<string, string>>
type AnyContentType = PrometheusContentType | OpenMetricsContentType
type AnyRegistry = Registry<AnyContentType>

/** What /metrics is asked for by its Accept header (Prometheus and OpenMetrics 1.0, section "Protocol Negotiation"). */
export function formatFor(accept: string): ExpositionFormat {
  return /\bapplication\/openmetrics-text\b/i.test(accept) ? 'openmetrics' : 'prometheus'
}

/** Families that are no metrics of the catalog: how they are called, and what they tell. */
export const extraFamilies = {
  buildInfo: { name: 'wardian_build_info', help: 'Always 1; its label is the version of Wardian.' },
  startTime: {
    name: 'wardian_start_time_seconds',
    help: 'When the host was started, in seconds since 1970-01-01 UTC.',
  },
  up: { name: 'wardian_instance_up', help: 'Whether the engine of an instance runs: 1 or 0.' },
  alerts: { name: 'wardian_alerts_firing', help: 'Alerts of the monitor that have not ended.' },
  topSeconds: {
    name: 'wardian_top_statement_seconds',
    help: 'Time of the statements that took most of it within the last five minutes, by fingerprint.',
  },
  topCalls: {
    name: 'wardian_top_statement_calls',
    help: 'Calls of these statements within the last five minutes.',
  },
  topErrors: {
    name: 'wardian_top_statement_errors',
    help: 'Errors of these statements within the last five minutes.',
  },
  topRows: {
    name: 'wardian_top_statement_rows',
    help: 'Rows of these statements within the last five minutes.',
  },
} as const

export async function expose(exposed: Exposed, format: ExpositionFormat): Promise<Exposition> {
  const registry = new Registry<AnyContentType>()
  registry.setContentType(format === 'openmetrics' ? openMetricsContentType : prometheusContentType)
  const families = new Families(registry)
  const { look, version, startedAtMs, instances, firingCount, topStatements } = exposed
  families.set(extraFamilies.buildInfo, { version }, 1)
  families.set(extraFamilies.startTime, {}, startedAtMs / 1_000)
  families.set(extraFamilies.alerts, {}, firingCount)
  families.addReadings(look.host, {})
  for (const { name, isRunning } of instances) {
    families.set(extraFamilies.up, { database: name }, isRunning ? 1 : 0)
  }
  for (const { name, groups } of look.instances) families.addReadings(groups, { database: name })
  for (const { database, fingerprint, totalMs, calls, errors, rows } of topStatements) {
    const labels = { database, fingerprint }
    families.set(extraFamilies.topSeconds, labels, totalMs / 1_000)
    families.set(extraFamilies.topCalls, labels, calls)
    families.set(extraFamilies.topErrors, labels, errors)
    families.set(extraFamilies.topRows, labels, rows)
  }
  return { contentType: registry.contentType, text: await registry.metrics() }
}

/** Families of one exposition, each made when it first has a value. */
class Families {
  readonly #registers: AnyRegistry[]
  readonly #gauges = new Map<string, Gauge>()
  readonly #counters = new Map<string, Counter>()

  constructor(registry: AnyRegistry) {
    this.#registers = [registry]
  }

  addReadings(groups: readonly ReadingGroup[], labels: Labels): void {
    const readings = Object.assign({}, ...groups.map((group) => group.readings)) as ReadingGroup['readings']
    for (const metric of metricCatalog) {
      const value = readings[metric.name]
      if (value === undefined || metric.exposedAs === null || !Number.isFinite(value)) continue
      this.#add(metric, { ...labels, ...metric.labels }, value)
    }
  }

  set({ name, help }: { readonly name: string; readonly help: string }, labels: Labels, value: number): void {
    let gauge = this.#gauges.get(name)
    if (!gauge) {
      gauge = new Gauge({ name, help, labelNames: Object.keys(labels), registers: this.#registers })
      this.#gauges.set(name, gauge)
    }
    gauge.set(labels, value)
  }

  #add(metric: NamedMetric, labels: Labels, value: number): void {
    const { exposedAs: name, help } = metric
    if (name === null) return
    if (metric.kind === 'gauge') {
      this.set({ name, help }, labels, metric.unit === 'ms' ? value / 1_000 : value)
      return
    }
    let counter = this.#counters.get(name)
    if (!counter) {
      counter = new Counter({ name, help, labelNames: Object.keys(labels), registers: this.#registers })
      this.#counters.set(name, counter)
    }
    counter.inc(labels, Math.max(0, value))
  }
}
