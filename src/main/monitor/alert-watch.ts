/**
 * Compares samples with thresholds, and tells when one has been passed for long enough and when it is over. Keeps
 * the last alerts. Knows no way to tell anybody.
 */

import { randomUUID } from 'node:crypto'
import { Emitter } from '../../base/event.ts'
import { alertsMax, type Alert, type Threshold } from '../../contract/monitor.ts'
import { metricByName } from './metric-catalog.ts'
import { valueText } from './value-text.ts'

/** Whose sample it is; null: the host's. */
export interface Watched {
  readonly instanceId: string | null
  readonly instanceName: string | null
}

interface Passing {
  readonly threshold: Threshold
  readonly sinceMs: number
  /** null while it has not lasted long enough. */
  alert: Alert | null
  worst: number
}

export class AlertWatch {
  readonly #didAlert = new Emitter<Alert>()
  /** One has begun, or ended. */
  readonly onDidAlert = this.#didAlert.event
  readonly #passing = new Map<string, Passing>()
  #thresholds: readonly Threshold[] = []
  #ended: readonly Alert[] = []

  /** Newest first; those that have not ended before those that have. */
  get alerts(): Alert[] {
    const open = [...this.#passing.values()].flatMap(({ alert, worst }) =>
      alert ? [{ ...alert, worst }] : [],
    )
    return [...open.sort((a, b) => b.sinceMs - a.sinceMs), ...this.#ended].slice(0, alertsMax)
  }

  /** Alerts of thresholds that are no more, or are others now, end. */
  setThresholds(thresholds: readonly Threshold[], nowMs: number): void {
    this.#thresholds = thresholds.filter(({ isOn }) => isOn)
    for (const [key, { threshold }] of this.#passing) {
      if (!this.#thresholds.some((each) => isSame(each, threshold))) this.#end(key, nowMs)
    }
  }

  /** `values` by the numbers of metrics. What is not measured now leaves everything as it is. */
  check(watched: Watched, atMs: number, values: ReadonlyMap<number, number>): void {
    for (const threshold of this.#thresholds) {
      const metric = metricByName.get(threshold.metric)
      const isHosts = metric?.scope === 'host'
      if (!metric || isHosts !== (watched.instanceId === null)) continue
      if (!isHosts && threshold.instanceId !== null && threshold.instanceId !== watched.instanceId) continue
      const value = values.get(metric.number)
      if (value === undefined || Number.isNaN(value)) continue
      const key = `${threshold.id} ${watched.instanceId ?? ''}`
      if (isPast(threshold, value)) this.#pass(key, { threshold, watched, atMs, value })
      else this.#end(key, atMs)
    }
  }

  /** An instance does not run any more: what was wrong with it is over. */
  forget(instanceId: string, nowMs: number): void {
    for (const [key, { alert }] of this.#passing) {
      if (alert?.instanceId === instanceId || key.endsWith(` ${instanceId}`)) this.#end(key, nowMs)
    }
  }

  dispose(): void {
    this.#didAlert.dispose()
  }

  #pass(
    key: string,
    look: { readonly threshold: Threshold; readonly watched: Watched; atMs: number; value: number },
  ): void {
    const { threshold, watched, atMs, value } = look
    const passing = this.#passing.get(key) ?? { threshold, sinceMs: atMs, alert: null, worst: value }
    this.#passing.set(key, passing)
    const extreme = threshold.comparison === 'above' ? Math.max : Math.min
    passing.worst = extreme(passing.worst, value)
    if (passing.alert || atMs - passing.sinceMs < threshold.forMs) return
    const { metric, comparison, limit } = threshold
    const { sinceMs, worst } = passing
    passing.alert = {
      ...{ id: randomUUID(), thresholdId: threshold.id, metric, ...watched, comparison, limit },
      ...{ worst, sinceMs, endedAtMs: null, message: messageOf(threshold, watched, value) },
    }
    this.#didAlert.fire(passing.alert)
  }

  #end(key: string, atMs: number): void {
    const passing = this.#passing.get(key)
    this.#passing.delete(key)
    if (!passing?.alert) return
    const ended = { ...passing.alert, worst: passing.worst, endedAtMs: atMs }
    this.#ended = [ended, ...this.#ended].slice(0, alertsMax)
    this.#didAlert.fire(ended)
  }
}

function isPast({ comparison, limit }: Threshold, value: number): boolean {
  return comparison === 'above' ? value > limit : value < limit
}

function isSame(one: Threshold, other: Threshold): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function messageOf(threshold: Threshold, { instanceName }: Watched, value: number): string {
  const metric = metricByName.get(threshold.metric)
  const unit = metric?.unit ?? 'count'
  const whose = instanceName === null ? 'the host' : instanceName
  const { comparison, limit, forMs } = threshold
  const since = forMs > 0 ? ` for ${Math.round(forMs / 1_000)} s` : ''
  const now = valueText(value, unit)
  return `${metric?.title ?? threshold.metric} of ${whose} is ${now}, ${comparison} ${valueText(limit, unit)}${since}`
}
