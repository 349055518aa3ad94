/**
 * Databases on their way: being exported, imported, opened or duplicated, each with how far it is and a way to end it.
 * Knows no dialog.
 */

import type { Disposable } from '../../base/disposable.ts'
import type { Instance } from '../../contract/instance.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import { Store } from './store.ts'

export interface Carrying {
  readonly id: number
  /** Such as `Exporting shop`. */
  readonly words: string
  /** From 0 to 1; null while nobody knows. */
  readonly fraction: number | null
}

/** What a stream of the contract looks like here. */
interface ProgressStream<C, R> extends AsyncIterable<{ readonly value: C }>, Disposable {
  readonly result: Promise<R>
}

interface Progress {
  readonly doneBytes?: number
  readonly totalBytes?: number
}

export class CarryState implements Disposable {
  readonly running = new Store<readonly Carrying[]>([])
  readonly #client: WorkbenchClient
  readonly #streams = new Map<number, Disposable>()
  #nextId = 0

  constructor(client: WorkbenchClient) {
    this.#client = client
  }

  /** Where an export would be put when nobody says otherwise. */
  async suggestFile(instanceId: string): Promise<string> {
    return (await this.#client.call('instance.suggestFile', { instanceId })).file
  }

  /** Answers how long the file is. */
  async export({ id, name }: Instance, file: string, mayReplace: boolean): Promise<number> {
    const params = { instanceId: id, file, mayReplace }
    const { byteCount } = await this.#run(`Exporting ${name}`, this.#client.stream('instance.export', params))
    return byteCount
  }

  import(file: string, name: string | null): Promise<Instance> {
    return this.#run('Importing', this.#client.stream('instance.import', { file, name }))
  }

  open(directory: string, name: string | null, isCopied: boolean): Promise<Instance> {
    const params = { directory, name, isCopied }
    return this.#run(isCopied ? 'Copying' : 'Opening', this.#client.stream('instance.open', params))
  }

  duplicate(instance: Instance, name: string): Promise<Instance> {
    const params = { instanceId: instance.id, snapshotId: null, name }
    return this.#run(`Duplicating ${instance.name}`, this.#client.stream('snapshot.fork', params))
  }

  /** What was under way ends with `cancelled`, and leaves nothing. */
  cancel(id: number): void {
    this.#streams.get(id)?.dispose()
  }

  dispose(): void {
    for (const stream of this.#streams.values()) stream.dispose()
    this.running.dispose()
  }

  async #run<R>(words: string, stream: ProgressStream<Progress, R>): Promise<R> {
    const id = this.#nextId++
    this.#streams.set(id, stream)
    this.running.set([...this.running.value, { id, words, fraction: null }])
    try {
      for await (const { value } of stream) this.#tell(id, value)
      return await stream.result
    } finally {
      this.#streams.delete(id)
      this.running.set(this.running.value.filter((each) => each.id !== id))
    }
  }

  #tell(id: number, { doneBytes = 0, totalBytes = 0 }: Progress): void {
    const fraction = totalBytes > 0 ? doneBytes / totalBytes : null
    this.running.set(this.running.value.map((each) => (each.id === id ? { ...each, fraction } : each)))
  }
}
