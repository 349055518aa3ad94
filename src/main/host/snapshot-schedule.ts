/**
 * Takes snapshots at intervals, of instances that run and have been written to since the last one. Looks once a minute;
 * what was missed while the host did not run is made up for. Knows no client.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { Engine } from '../engine/engine.ts'
import type { HostLog } from './host-options.ts'
import type { HostedInstance } from './hosted-instance.ts'
import type { InstanceRegistry } from './instance-registry.ts'
import type { InstanceSnapshots } from './instance-snapshots.ts'

/** The shortest interval. */
const lookEveryMs = 60_000

export interface SnapshotScheduleOptions {
  readonly instances: InstanceRegistry
  readonly snapshots: InstanceSnapshots
  readonly clock: Clock
  readonly log: HostLog
}

/** How an instance stood when it was looked at last. */
interface Seen {
  readonly engine: Engine
  readonly endCount: number
}

export class SnapshotSchedule {
  readonly #options: SnapshotScheduleOptions
  readonly #seen = new Map<string, Seen>()
  #next: Disposable | null = null

  constructor(options: SnapshotScheduleOptions) {
    this.#options = options
  }

  start(): void {
    this.#next ??= this.#options.clock.after(lookEveryMs, () => void this.#look())
  }

  dispose(): void {
    this.#next?.dispose()
    this.#next = null
  }

  /** Takes what is due now. */
  async takeDue(): Promise<void> {
    const { instances, log } = this.#options
    for (const { id, storage } of instances.list()) {
      if (storage !== 'directory') continue
      try {
        await this.#takeIfDue(instances.get(id))
      } catch (error) {
        // Somebody has it for long, or its disk is full; there is another minute.
        if (!(error instanceof WorkbenchError)) throw error
        log.warn(`The snapshot of ${instances.nameOf(id)} that is due was not taken: ${error.message}`)
      }
    }
  }

  async #look(): Promise<void> {
    try {
      await this.takeDue()
    } finally {
      if (this.#next) {
        this.#next = null
        this.start()
      }
    }
  }

  async #takeIfDue(instance: HostedInstance): Promise<void> {
    const { clock, snapshots } = this.#options
    const { everyMs, automaticBytesMax } = await snapshots.policyOf(instance.id)
    if (everyMs === null || !instance.isRunning) return
    const engine = await instance.engine()
    const { endCount } = instance.turns
    const seen = this.#seen.get(instance.id)
    if (seen?.engine === engine && seen.endCount === endCount) return
    const [newest] = (await snapshots.list(instance.id)).snapshots
    if (newest && clock.nowMs() - newest.takenAtMs < everyMs) return
    await snapshots.take(instance.id, { reason: { kind: 'schedule' }, bytesMax: automaticBytesMax })
    // Its own turn is none in which anything was written.
    this.#seen.set(instance.id, { engine, endCount: instance.turns.endCount })
  }
}
