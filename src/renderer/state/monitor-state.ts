/**
 * Alerts, thresholds and the settings of what is measured and counted. Alerts are listened to all the time, because
 * they are told wherever one is; the rest is read when somebody looks.
 */

import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import { Emitter } from '../../base/event.ts'
import { toWireError, type WireError } from '../../contract/error.ts'
import type { Alert, Metric, MonitorChanges, MonitorSettings, Stability } from '../../contract/monitor.ts'
import type { StatisticsSettings } from '../../contract/statistics.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import { Store } from './store.ts'
import type { TimeWindow } from './time-range.ts'

/** As many as the page lists. */
const alertsShownMax = 200

export class MonitorState implements Disposable {
  /** Newest first; null until they are known. */
  readonly alerts = new Store<readonly Alert[] | null>(null)
  readonly metrics = new Store<readonly Metric[]>([])
  readonly settings = new Store<MonitorSettings | null>(null)
  readonly statistics = new Store<StatisticsSettings | null>(null)
  /** Why none of this is known; null where it is. */
  readonly error = new Store<WireError | null>(null)
  readonly #didAlert = new Emitter<Alert>()
  /** One has begun, or ended. */
  readonly onDidAlert = this.#didAlert.event
  readonly #client: WorkbenchClient
  readonly #subscriptions = new DisposableStore()

  constructor(client: WorkbenchClient) {
    this.#client = client
    this.#subscriptions.add(client.on('monitor.didAlert', (alert) => this.#take(alert)))
    this.#subscriptions.add(client.on('monitor.didChangeSettings', (settings) => this.settings.set(settings)))
    this.#subscriptions.add(
      client.on('statistics.didChange', ({ settings }) => {
        // Told often, for what has been counted; the same settings draw nothing again.
        if (JSON.stringify(settings) !== JSON.stringify(this.statistics.value)) this.statistics.set(settings)
      }),
    )
  }

  /** Those that have not ended. */
  get active(): readonly Alert[] {
    return (this.alerts.value ?? []).filter(({ endedAtMs }) => endedAtMs === null)
  }

  /** Asks again, after connecting; what goes wrong is told in `error`. */
  async refresh(): Promise<void> {
    try {
      await this.#load()
      this.error.set(null)
    } catch (error) {
      this.error.set(toWireError(error))
    }
  }

  async change(changes: MonitorChanges): Promise<void> {
    this.settings.set(await this.#client.call('monitor.setSettings', changes))
  }

  async changeStatistics(fields: Partial<StatisticsSettings>): Promise<void> {
    const before = this.statistics.value
    if (!before) return
    this.statistics.set(await this.#client.call('statistics.setSettings', { ...before, ...fields }))
  }

  /** Whether a metric is steady, and where it is going. */
  stability(instanceId: string | null, metric: string, { fromMs, toMs }: TimeWindow): Promise<Stability> {
    const range = { fromMs: Math.floor(fromMs), toMs: Math.ceil(toMs) }
    return this.#client.call('monitor.stability', { instanceId, metric, ...range })
  }

  /** Sends a message that says it is a test; answers what came of it. */
  async testWebhook(): Promise<string> {
    return (await this.#client.call('monitor.testWebhook', null)).message
  }

  dispose(): void {
    this.#subscriptions.dispose()
    this.#didAlert.dispose()
    this.error.dispose()
    for (const store of [this.alerts, this.metrics, this.settings, this.statistics]) store.dispose()
  }

  async #load(): Promise<void> {
    const client = this.#client
    const [alerts, metrics, settings, statistics] = await Promise.all([
      client.call('monitor.alerts', null),
      client.call('monitor.metrics', null),
      client.call('monitor.settings', null),
      client.call('statistics.settings', null),
    ])
    this.alerts.set(alerts)
    this.metrics.set(metrics)
    this.settings.set(settings)
    this.statistics.set(statistics)
  }

  #take(alert: Alert): void {
    const others = (this.alerts.value ?? []).filter(({ id }) => id !== alert.id)
    this.alerts.set([alert, ...others].slice(0, alertsShownMax))
    this.#didAlert.fire(alert)
  }
}
