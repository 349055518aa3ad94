/**
 * The monitor of a host: what is looked at, where it is kept, how it is set, and who is told of alerts. Runs as long
 * as its host. Knows no client.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { Emitter } from '../../base/event.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { Alert, LogSettings, MonitorChanges, MonitorSettings } from '../../contract/monitor.ts'
import type { HostLogger } from '../log/host-logger.ts'
import type { SampleStore } from '../monitor/metric-series.ts'
import {
  changedMonitor,
  keptJson,
  readKeptMonitor,
  toldSettings,
  type KeptMonitor,
} from '../monitor/monitor-settings.ts'
import { ResourceMonitor } from '../monitor/resource-monitor.ts'
import { WebhookSender, type Delivery } from '../monitor/webhook-sender.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { HostReadings, type HostReadingsOptions } from './host-readings.ts'

export type HostMonitorOptions = Omit<HostReadingsOptions, 'onFailure'> & {
  readonly log: HostLogger
  readonly version: string
}

const msPerHour = 3_600_000

export class HostMonitor implements Disposable {
  readonly monitor: ResourceMonitor
  readonly readings: HostReadings
  readonly #storage: StorageClient
  readonly #clock: Clock
  readonly #log: HostLogger
  readonly #webhook: WebhookSender
  readonly #didChangeSettings = new Emitter<MonitorSettings>()
  readonly onDidChangeSettings = this.#didChangeSettings.event
  #kept: KeptMonitor
  #changing: Promise<unknown> = Promise.resolve()

  /** Throws what the store throws. */
  static async create(options: HostMonitorOptions): Promise<HostMonitor> {
    return new HostMonitor(options, readKeptMonitor(await options.storage.call('samples.getSettings', null)))
  }

  private constructor(options: HostMonitorOptions, kept: KeptMonitor) {
    const { clock, log, storage, version } = options
    this.#kept = kept
    this.#storage = storage
    this.#clock = clock
    this.#log = log
    log.configure(kept.log)
    const onFailure = onceEach((what, error) => log.error(what, error))
    this.readings = new HostReadings({
      ...options,
      onFailure: (error) => onFailure('Something that an instance uses could not be read', error),
    })
    this.monitor = new ResourceMonitor(
      {
        ...{ clock, onFailure, store: this.#store },
        look: () => this.readings.look(this.#kept.settings.databaseIntervalMs),
      },
      this.settings,
    )
    this.#webhook = new WebhookSender({
      ...{ clock, version, webhook: () => this.#kept.webhook },
      onFailure: (message) => log.warn(message),
    })
    this.monitor.alerts.onDidAlert((alert) => this.#tell(alert))
  }

  get settings(): MonitorSettings {
    return toldSettings(this.#kept)
  }

  /** From now on, also on disk. Throws `invalid-argument`, and what the store throws. */
  async configure(changes: MonitorChanges): Promise<MonitorSettings> {
    await this.#change((kept) => changedMonitor(kept, changes))
    this.monitor.configure(this.settings)
    this.#didChangeSettings.fire(this.settings)
    return this.settings
  }

  /** From now on, also on disk. Throws what the store throws. */
  async configureLog(log: LogSettings): Promise<LogSettings> {
    await this.#change((kept) => ({ ...kept, log }))
    this.#log.configure(log)
    return log
  }

  /** Throws `conflict` where there is none. */
  async testWebhook(): Promise<Delivery> {
    const delivery = await this.#webhook.test()
    if (delivery) return delivery
    throw new WorkbenchError('conflict', 'There is no webhook; set its address first')
  }

  /** Stores what is gathered; nothing is measured any more. */
  end(): Promise<void> {
    this.#webhook.dispose()
    return this.monitor.stop()
  }

  dispose(): void {
    this.#webhook.dispose()
    this.monitor.dispose()
    this.readings.dispose()
    this.#didChangeSettings.dispose()
  }

  /** One after the other, so that none undoes another. */
  #change(change: (kept: KeptMonitor) => KeptMonitor): Promise<void> {
    const changed = this.#changing.then(async () => {
      const kept = change(this.#kept)
      await this.#storage.call('samples.setSettings', { json: keptJson(kept) })
      this.#kept = kept
    })
    this.#changing = changed.catch(() => undefined)
    return changed
  }

  get #store(): SampleStore {
    const storage = this.#storage
    return {
      append: async (seriesId, { startMs, endMs, buffer }) => {
        const keepFromMs = Math.max(
          0,
          Math.floor(this.#clock.nowMs() - this.settings.retentionHours * msPerHour),
        )
        const key = { seriesId, startMs, endMs, keepFromMs }
        // The chunk stays in memory, too.
        await storage.callWithBuffers('samples.append', key, [buffer.slice(0)])
      },
      read: async (seriesId, range) => {
        const { value, buffers } = await storage.callWithBuffers('samples.read', { seriesId, ...range })
        return { buffer: buffers[0] ?? new ArrayBuffer(0), nextMs: value.nextMs }
      },
      oldestMs: async (seriesId) => (await storage.call('samples.oldest', { seriesId })).oldestMs,
    }
  }

  #tell(alert: Alert): void {
    if (alert.endedAtMs === null) this.#log.warn(alert.message)
    else this.#log.info(`It is over: ${alert.message}`)
    this.#webhook.send(alert)
  }
}

/** What fails each second is told once, until something else fails. */
function onceEach(tell: (what: string, error: unknown) => void): (what: string, error: unknown) => void {
  let told = ''
  return (what, error) => {
    const text = `${what} ${error instanceof Error ? error.message : ''}`
    if (text === told) return
    told = text
    tell(what, error)
  }
}
