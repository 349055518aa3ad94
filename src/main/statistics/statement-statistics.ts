/**
 * The statistics of all statements of a host: takes what recorders have counted, finds out what the statements are
 * called, stores it once in a while, and answers what is asked. Knows no engine and no session.
 */

import type { Clock } from '../../base/clock.ts'
import { onDispose, type Disposable } from '../../base/disposable.ts'
import { Emitter, type Event } from '../../base/event.ts'
import type { ParamsOf, ResultOf } from '../../contract/contract-table.ts'
import type { statisticsCalls } from '../../contract/statistics-calls.ts'
import type { SlowStatement, StatementExample, StatisticsSettings } from '../../contract/statistics.ts'
import type { ParserClient } from '../parser/parser-client.ts'
import { statementPartsMax } from '../storage/statistics-rows.ts'
import type { StorageAnswer, StorageClient } from '../storage/storage-client.ts'
import { CallExamples } from './call-examples.ts'
import { PendingParts } from './pending-parts.ts'
import { ShapeNames } from './shape-names.ts'
import { SlowStatements } from './slow-statements.ts'
import type { StatementDeltas } from './statement-deltas.ts'
import type { RecordingOptions } from './statement-recorder.ts'

type Calls = typeof statisticsCalls
type Wish<N extends keyof Calls> = ParamsOf<Calls[N]>
type Answer<N extends keyof Calls> = ResultOf<Calls[N]>

/** Whoever counts: an engine's thread, or the host itself. */
export interface StatementSource {
  readonly instanceId: string
  readonly onDidCount: Event<StatementDeltas>
  configure(options: RecordingOptions): void
  /** Resolves when it has told what it has counted, or cannot now. */
  collect(): Promise<void>
}

export interface StatementStatisticsOptions {
  readonly storage: StorageClient
  readonly parser: ParserClient
  readonly clock: Clock
  readonly log: { error(message: string, cause?: unknown): void; warn(message: string): void }
  readonly settings: StatisticsSettings
  /** Where the log of slow statements is written; null for nowhere. */
  readonly slowLogFile: string | null
}

/** What a crash of the host loses at most. */
const storeEveryMs = 10_000
/** How often the store forgets what is old, and puts it together. */
const tidyEveryMs = 60_000

export class StatementStatistics implements Disposable {
  readonly #options: StatementStatisticsOptions
  readonly #names: ShapeNames
  readonly #pending = new PendingParts()
  readonly #examples = new CallExamples()
  readonly #slow: SlowStatements
  readonly #sources = new Map<StatementSource, Disposable>()
  readonly #didChange = new Emitter<{ readonly settings: StatisticsSettings }>()
  readonly onDidChange = this.#didChange.event
  readonly #tracking = onDispose('statement-statistics', () => this.#timer?.dispose())
  #settings: StatisticsSettings
  #timer: Disposable | null = null
  #working: Promise<void> = Promise.resolve()
  #tidiedAtMs = 0

  constructor(options: StatementStatisticsOptions) {
    this.#options = options
    this.#settings = options.settings
    this.#names = new ShapeNames(options.parser)
    this.#slow = new SlowStatements(options.slowLogFile, (error) =>
      options.log.error('The log of slow statements could not be written', error),
    )
  }

  get settings(): StatisticsSettings {
    return this.#settings
  }

  get recording(): RecordingOptions {
    const { isOn, examples, slowMs } = this.#settings
    return { isOn, slowMs, keepsExamples: examples !== 'off' }
  }

  /** Takes what `source` counts until that is disposed. */
  attach(source: StatementSource): Disposable {
    source.configure(this.recording)
    const counting = source.onDidCount((deltas) => this.#take(source.instanceId, deltas))
    this.#sources.set(source, counting)
    return {
      dispose: () => {
        counting.dispose()
        this.#sources.delete(source)
      },
    }
  }

  /** Resolves when everything that was counted is stored. What cannot be stored is logged. */
  async flush(): Promise<void> {
    await Promise.all([...this.#sources.keys()].map((source) => source.collect()))
    this.#then(() => this.#store())
    await this.#working
  }

  async top(wish: Wish<'statistics.top'>): Promise<Answer<'statistics.top'>> {
    await this.flush()
    return this.#options.storage.call('statistics.top', wish)
  }

  async statement(wish: Wish<'statistics.statement'>): Promise<Answer<'statistics.statement'>> {
    await this.flush()
    const details = await this.#options.storage.call('statistics.statement', wish)
    return { ...details, example: this.#examples.of(wish) ?? details.example }
  }

  async overTime(wish: Wish<'statistics.overTime'>): Promise<StorageAnswer<'statistics.overTime'>> {
    await this.flush()
    return this.#options.storage.callWithBuffers('statistics.overTime', wish)
  }

  async compare(wish: Wish<'statistics.compare'>): Promise<Answer<'statistics.compare'>> {
    await this.flush()
    return this.#options.storage.call('statistics.compare', wish)
  }

  /** The slowest call of late; null where none is kept. */
  async example(instanceId: string, fingerprint: string): Promise<StatementExample | null> {
    const key = { instanceId, fingerprint }
    await this.flush()
    return this.#examples.of(key) ?? this.#options.storage.call('statistics.example', key)
  }

  /** The last slow ones, latest first. */
  async slow({ instanceId, limit }: Wish<'statistics.slow'>): Promise<readonly SlowStatement[]> {
    await this.flush()
    return this.#slow.latest(instanceId, limit)
  }

  async reset(wish: Wish<'statistics.reset'>): Promise<void> {
    await this.flush()
    const { instanceId, fingerprint } = wish
    this.#pending.forget(instanceId, fingerprint)
    this.#examples.forget(instanceId, fingerprint)
    this.#slow.forget(instanceId, fingerprint)
    await this.#options.storage.call('statistics.reset', wish)
    this.#didChange.fire({ settings: this.#settings })
  }

  async setSettings(settings: StatisticsSettings): Promise<StatisticsSettings> {
    await this.#options.storage.call('statistics.setSettings', settings)
    this.#settings = settings
    if (settings.examples === 'off') this.#examples.forget(null, null)
    for (const source of this.#sources.keys()) source.configure(this.recording)
    this.#didChange.fire({ settings })
    return settings
  }

  dispose(): void {
    this.#timer?.dispose()
    this.#tracking.dispose()
    for (const counting of this.#sources.values()) counting.dispose()
    this.#sources.clear()
    this.#didChange.dispose()
  }

  #take(instanceId: string, deltas: StatementDeltas): void {
    const atMs = this.#options.clock.nowMs()
    this.#then(() => this.#add(instanceId, { deltas, atMs }))
    this.#timer ??= this.#options.clock.after(storeEveryMs, () => {
      this.#timer = null
      void this.flush()
    })
  }

  /** One after the other; what fails is logged. */
  #then(work: () => Promise<void>): void {
    this.#working = this.#working.then(work).catch((error: unknown) => {
      this.#options.log.error('Statistics of statements were lost', error)
    })
  }

  async #add(instanceId: string, { deltas, atMs }: { deltas: StatementDeltas; atMs: number }): Promise<void> {
    await this.#names.learn(deltas.shapes)
    const { bucketMs: lengthMs, examples } = this.#settings
    const place = { instanceId, startMs: atMs - (atMs % lengthMs), lengthMs, atMs }
    for (const delta of deltas.deltas) {
      const statement = this.#names.of(delta.key)
      const key = { instanceId, fingerprint: statement.fingerprint }
      const example = this.#examples.keep(key, { example: delta.example, atMs, mode: examples })
      this.#pending.add(statement, { place, delta, example: examples === 'disk' ? example : null })
    }
    for (const call of deltas.slow) {
      const { redactsSlow } = this.#settings
      await this.#slow.note(call, { instanceId, atMs, statement: this.#names.of(call.key), redactsSlow })
    }
  }

  async #store(): Promise<void> {
    const { storage, log, clock } = this.#options
    const hasNews = !this.#pending.isEmpty
    while (!this.#pending.isEmpty) {
      const { parts, steps } = this.#pending.take(statementPartsMax)
      await storage.callWithBuffers('statistics.add', { parts }, [steps.buffer])
    }
    const dropped = this.#pending.takeDropped()
    if (dropped > 0) log.warn(`Statistics of ${dropped} statements were not kept: the disk is too slow`)
    const nowMs = clock.nowMs()
    if (hasNews && nowMs - this.#tidiedAtMs >= tidyEveryMs) {
      this.#tidiedAtMs = nowMs
      await storage.call('statistics.tidy', { nowMs, retentionMs: this.#settings.retentionMs })
    }
    if (hasNews) this.#didChange.fire({ settings: this.#settings })
  }
}
