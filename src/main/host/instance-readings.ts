/**
 * What one instance uses, as the monitor reads it: each kind as often as it is worth. Holds nobody up, and starts
 * nothing. Knows no series.
 */

import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { Engine } from '../engine/engine.ts'
import type { ReadingGroup } from '../monitor/rate-keeper.ts'
import { DatabaseProbe } from './database-probe.ts'
import { directorySize } from './directory-size.ts'
import type { HostedInstance } from './hosted-instance.ts'

/** A thousand files are looked at, which takes some 20 ms of this process. */
const diskIntervalMs = 30_000

/** What others know of an instance. */
export interface InstanceTraffic {
  readonly sessionCount: number
  readonly clientCount: number
  /** Of its clients, those that wait for the backend. */
  readonly waitingClientCount: number
  readonly receivedBytes: number
  readonly sentBytes: number
  readonly cacheHits: number
  readonly cacheMisses: number
  readonly cacheBytes: number
}

export class InstanceReadings {
  readonly #instance: HostedInstance
  readonly #clock: Clock
  readonly #probe: DatabaseProbe
  readonly #onFailure: (error: unknown) => void
  #disk: ReadingGroup | null = null
  #diskEndCount = -1
  #measuring: Promise<void> | null = null

  constructor(instance: HostedInstance, clock: Clock, onFailure: (error: unknown) => void) {
    this.#instance = instance
    this.#clock = clock
    this.#probe = new DatabaseProbe(instance.turns, clock)
    this.#onFailure = onFailure
  }

  async read(engine: Engine, traffic: InstanceTraffic, databaseIntervalMs: number): Promise<ReadingGroup[]> {
    const { turns } = this.#instance
    const waitingCount = turns.waitingCount + traffic.waitingClientCount
    const queueOldest = turns.oldestWaitMs
    const usage = (await engine.usage?.()) ?? null
    const asked = { intervalMs: databaseIntervalMs, onFailure: this.#onFailure }
    const database = await this.#probe.read(engine, asked)
    this.#measureDisk()
    const now: ReadingGroup = {
      name: 'instance',
      readMs: this.#clock.monotonicMs(),
      readings: {
        wasmMemory: engine.memory().wasmBytes,
        ...(usage
          ? {
              engineHeap: usage.heapBytes,
              engineExternal: usage.externalBytes,
              engineCpu: usage.cpuSeconds,
            }
          : {}),
        ...{ instanceSessions: traffic.sessionCount, clients: traffic.clientCount },
        ...{ queueDepth: waitingCount, queueOldest, queueWait: turns.waitedMs / 1_000 },
        ...{ bytesIn: traffic.receivedBytes, bytesOut: traffic.sentBytes },
        crashes: this.#instance.crashCount,
        ...{ cacheHits: traffic.cacheHits, cacheMisses: traffic.cacheMisses, cacheBytes: traffic.cacheBytes },
      },
    }
    return [now, this.#disk, database].filter((group) => group !== null)
  }

  /** Answers nothing: what is measured is there at a later look. */
  #measureDisk(): void {
    const { dataDirectory, turns } = this.#instance
    const nowMs = this.#clock.monotonicMs()
    const isDue = !this.#disk || nowMs - this.#disk.readMs >= diskIntervalMs
    if (dataDirectory === null || this.#measuring || !isDue) return
    if (this.#disk && turns.endCount === this.#diskEndCount) return
    this.#diskEndCount = turns.endCount
    this.#measuring = this.#measure(dataDirectory, nowMs)
      .catch(this.#onFailure)
      .finally(() => (this.#measuring = null))
  }

  async #measure(dataDirectory: string, readMs: number): Promise<void> {
    const disk = await directorySize(dataDirectory)
    const walDisk = await directorySize(join(dataDirectory, 'pg_wal'))
    this.#disk = { name: 'disk', readMs, readings: { disk, walDisk } }
  }
}

/** Bytes that its user may still write to the disk that `directory` is on; null where the system does not tell. */
export async function freeDiskBytes(directory: string): Promise<number | null> {
  // A directory that is gone is told of elsewhere.
  const disk = await statfs(directory).catch(() => null)
  return disk ? disk.bavail * disk.bsize : null
}
