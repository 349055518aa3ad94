/** A host of the product for benchmarks, used as a window uses it: over the contract, in this process. */

import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { systemClock } from '../src/base/clock.ts'
import type { Instance } from '../src/contract/instance.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import { connect, Console, type WorkbenchClient } from '../test/support/client-fixture.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

export class BenchHost {
  readonly client: WorkbenchClient
  readonly #host: WorkbenchHost
  readonly #workers: Worker[] = []
  readonly #remember = (worker: Worker): void => void this.#workers.push(worker)

  static async start(home: string): Promise<BenchHost> {
    const dataDirectory = join(home, 'host')
    return new BenchHost(await startHost({ dataDirectory, shell: 'serve', clock: systemClock, log }))
  }

  private constructor(host: WorkbenchHost) {
    this.#host = host
    this.client = connect(host)
    process.on('worker', this.#remember)
  }

  /** On disk, durable, with its first query answered. */
  async create(name: string): Promise<Instance> {
    const instance = await this.client.call('instance.create', {
      ...{ name, storage: 'directory', withSample: false },
    })
    await this.query(instance, 'select 1')
    return instance
  }

  /** In a session of its own. */
  async query(instance: Instance, sql: string): Promise<(string | null)[][]> {
    const session = await Console.open(this.client, instance.id, 'bench')
    const rows = await session.rows(sql)
    await session.close()
    return rows
  }

  async fork(instance: Instance, name: string): Promise<Instance> {
    const params = { instanceId: instance.id, snapshotId: null, name }
    const stream = this.client.stream('snapshot.fork', params)
    for await (const chunk of stream) void chunk
    return stream.result
  }

  async delete(instance: Instance): Promise<void> {
    await this.client.call('instance.delete', { instanceId: instance.id })
  }

  /** Ends the threads of all engines that run, and the one that waits for the next, as nothing else may. */
  async killEngines(): Promise<void> {
    const engines = this.#workers.filter(
      (worker) => worker.threadId > 0 && worker.threadName?.startsWith('wardian-engine'),
    )
    await Promise.all(engines.map((worker) => worker.terminate()))
  }

  async stop(): Promise<void> {
    process.off('worker', this.#remember)
    this.client.dispose()
    await this.#host.stop()
  }
}
