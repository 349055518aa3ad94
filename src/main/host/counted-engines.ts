/** Engines whose statements are counted for the instance that they are opened for. Opens none itself. */

import type { Engine, EngineFactory, EngineOptions } from '../engine/engine.ts'
import type { StatementStatistics } from '../statistics/statement-statistics.ts'

export class CountedEngines implements EngineFactory {
  readonly #factory: EngineFactory
  readonly #statistics: StatementStatistics

  constructor(factory: EngineFactory, statistics: StatementStatistics) {
    this.#factory = factory
    this.#statistics = statistics
  }

  get engine(): EngineFactory['engine'] {
    return this.#factory.engine
  }

  async open(options: EngineOptions): Promise<Engine> {
    const engine = await this.#factory.open(options)
    const { countedFor: instanceId } = options
    const { statistics } = engine
    if (instanceId === undefined || !statistics) return engine
    const attached = this.#statistics.attach({
      instanceId,
      onDidCount: statistics.onDidCount,
      configure: (recording) => statistics.configure(recording),
      collect: () => statistics.collect(),
    })
    void statistics.ended.then(() => attached.dispose())
    return engine
  }

  prepare(): void {
    this.#factory.prepare()
  }

  dispose(): Promise<void> {
    return this.#factory.dispose()
  }
}
