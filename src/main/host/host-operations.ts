/**
 * What a host tells the programs that look after it: its metrics, and whether it is ready. Many may ask at once, and
 * cost no more than one. Knows no request and no client.
 */

import type { Clock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import {
  expose,
  formatFor,
  type Exposition,
  type ExpositionFormat,
  type TopStatement,
} from '../monitor/exposition.ts'
import type { StatementStatistics } from '../statistics/statement-statistics.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import type { HostMonitor } from './host-monitor.ts'
import type { InstanceRegistry } from './instance-registry.ts'
import { metricsToken, type MetricsToken } from './metrics-token.ts'

export interface HostOperationsOptions {
  readonly clock: Clock
  readonly dataDirectory: string
  readonly version: string
  readonly monitor: HostMonitor
  readonly instances: InstanceRegistry
  readonly statistics: StatementStatistics
  readonly storage: StorageClient
}

/** Each is a series of its own in whoever scrapes; more are on the dashboard. */
const topStatementsMax = 20
const topWindowMs = 300_000
/** What is older is looked at again before it is told. */
const lookAgeMaxMs = 5_000
/** A store that does not answer for so long is not ready. */
const readyBoundMs = 2_000

export class HostOperations {
  /** Where clients reach the host over HTTP; null: nowhere. */
  port: number | null = null
  readonly #options: HostOperationsOptions
  readonly #startedAtMs: number
  readonly #asked = new Map<ExpositionFormat, Promise<Exposition>>()
  #token: Promise<MetricsToken> | null = null
  #checking: Promise<string | null> | null = null
  #isEnding = false

  constructor(options: HostOperationsOptions) {
    this.#options = options
    this.#startedAtMs = options.clock.nowMs()
  }

  /** Whose holder may ask for metrics. Throws what the disk throws. */
  token(): Promise<MetricsToken> {
    this.#token ??= metricsToken(this.#options.dataDirectory).catch((error: unknown) => {
      this.#token = null
      throw error
    })
    return this.#token
  }

  /** The metrics of now, in a text for other tools. */
  exposition(format: ExpositionFormat): Promise<Exposition> {
    const asked = this.#asked.get(format) ?? this.#expose(format).finally(() => this.#asked.delete(format))
    this.#asked.set(format, asked)
    return asked
  }

  /** As `exposition`, in the format that an Accept header asks for. */
  metrics(accept: string): Promise<Exposition> {
    return this.exposition(formatFor(accept))
  }

  /** As `token`, without the place. */
  async metricsToken(): Promise<string> {
    return (await this.token()).token
  }

  /** Why the host is not ready; null: it is. */
  unreadiness(): Promise<string | null> {
    this.#checking ??= this.#check().finally(() => (this.#checking = null))
    return this.#checking
  }

  /** It is not ready any more. */
  end(): void {
    this.#isEnding = true
  }

  async #expose(format: ExpositionFormat): Promise<Exposition> {
    const { clock, monitor: hostMonitor, instances, version } = this.#options
    const { monitor } = hostMonitor
    const [{ readMs } = { readMs: Number.NEGATIVE_INFINITY }] = monitor.last.host
    if (clock.monotonicMs() - readMs > lookAgeMaxMs) await monitor.lookNow()
    const listed = instances.list()
    return expose(
      {
        ...{ look: monitor.last, version, startedAtMs: this.#startedAtMs },
        instances: listed.map(({ name, state }) => ({ name, isRunning: state === 'ready' })),
        firingCount: monitor.alerts.alerts.filter(({ endedAtMs }) => endedAtMs === null).length,
        topStatements: await this.#top(new Map(listed.map(({ id, name }) => [id, name]))),
      },
      format,
    )
  }

  async #top(names: ReadonlyMap<string, string>): Promise<TopStatement[]> {
    const toMs = Math.round(this.#options.clock.nowMs())
    const range = { fromMs: Math.max(0, toMs - topWindowMs), toMs }
    const wish = { instanceId: null, orderBy: 'totalTime', search: '', limit: topStatementsMax } as const
    const { rows } = await this.#options.statistics.top({ ...wish, ...range })
    return rows.flatMap(({ instanceId, fingerprint, calls, errors, rows: rowCount, totalMs }) => {
      const database = names.get(instanceId)
      return database === undefined ? [] : [{ database, fingerprint, calls, errors, rows: rowCount, totalMs }]
    })
  }

  async #check(): Promise<string | null> {
    if (this.#isEnding) return 'Wardian is being stopped'
    const { clock, storage } = this.#options
    const late = Promise.withResolvers<string>()
    const bound = clock.after(readyBoundMs, () => late.resolve('The store does not answer'))
    const answered = storage.call('settings.get', null).then(
      () => null,
      (error: unknown) => `The store fails (${error instanceof WorkbenchError ? error.code : 'internal'})`,
    )
    try {
      return await Promise.race([answered, late.promise])
    } finally {
      bound.dispose()
    }
  }
}
