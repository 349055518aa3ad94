/**
 * What the host and its running instances use, read at one moment for the monitor. Owns what has to be measured
 * between two moments. Knows no series.
 */

import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import type { ConnectedClient } from '../endpoints/postgres/client-registry.ts'
import type { Look, InstanceLook } from '../monitor/resource-monitor.ts'
import type { ReadingGroup } from '../monitor/rate-keeper.ts'
import type { ParserClient } from '../parser/parser-client.ts'
import type { SessionRegistry } from '../session/session-registry.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import type { HostedEndpoint } from './hosted-endpoint.ts'
import type { HostedWebEndpoint } from './hosted-web-endpoint.ts'
import { freeDiskBytes, InstanceReadings, type InstanceTraffic } from './instance-readings.ts'
import type { InstanceRegistry } from './instance-registry.ts'
import type { ResultCaches } from './result-caches.ts'
import type { WireServers } from './wire-servers.ts'

/** Bytes that a way in has moved. */
export interface Traffic {
  readonly receivedBytes: number
  readonly sentBytes: number
}

export interface HostReadingsOptions {
  readonly clock: Clock
  readonly dataDirectory: string
  readonly instances: InstanceRegistry
  readonly sessions: SessionRegistry
  readonly endpoint: HostedEndpoint
  readonly web: HostedWebEndpoint
  readonly wireServers: WireServers
  readonly storage: StorageClient
  readonly parser: ParserClient
  readonly caches: ResultCaches
  onFailure(error: unknown): void
}

/** As of HostSampler: coarser misses what is felt, finer costs wake-ups. */
const resolutionMs = 20
const nanosecondsPerMs = 1_000_000
const microsecondsPerSecond = 1_000_000
const noTraffic: Traffic = { receivedBytes: 0, sentBytes: 0 }

export class HostReadings implements Disposable {
  /** Windows and commands that are attached. */
  windowCount = 0
  /** Of the shell, if it has a socket for them. */
  windowTraffic: () => Traffic = () => noTraffic
  readonly #options: HostReadingsOptions
  readonly #instances = new Map<string, InstanceReadings>()
  #delays: ReturnType<typeof monitorEventLoopDelay> | null = null
  #utilization = performance.eventLoopUtilization()

  constructor(options: HostReadingsOptions) {
    this.#options = options
  }

  async look(databaseIntervalMs: number): Promise<Look> {
    const { endpoint, web } = this.#options
    const clients = [endpoint, web].flatMap((each) => each.clients?.list() ?? [])
    const instances = await this.#lookAtInstances(clients, databaseIntervalMs)
    return { host: [await this.#host(clients, instances)], instances }
  }

  dispose(): void {
    this.#delays?.disable()
    this.#delays = null
  }

  async #lookAtInstances(
    clients: readonly ConnectedClient[],
    databaseIntervalMs: number,
  ): Promise<InstanceLook[]> {
    const { instances, sessions, endpoint, web } = this.#options
    const looks: InstanceLook[] = []
    const listed = instances.list()
    for (const { id, name } of listed) {
      // One that was deleted while others were looked at is not there any more.
      const instance = instances.has(id) ? instances.get(id) : null
      const engine = instance?.runningEngine
      if (!instance || !engine) continue
      const own = clients.filter(({ database, isFork }) => database === name && !isFork)
      const traffic = {
        sessionCount: sessions.countOf(id),
        clientCount: own.length,
        waitingClientCount: own.filter(({ waitingFor }) => waitingFor !== null).length,
        ...sumOf(endpoint.traffic.of(name), web.traffic.of(name)),
        ...(await this.#cacheOf(id)),
      }
      const readings = this.#instances.get(id) ?? this.#readingsOf(id)
      looks.push({ id, name, groups: await readings.read(engine, traffic, databaseIntervalMs) })
    }
    const ids = new Set(listed.map(({ id }) => id))
    for (const id of [...this.#instances.keys()]) if (!ids.has(id)) this.#instances.delete(id)
    return looks
  }

  async #cacheOf(id: string): Promise<Pick<InstanceTraffic, 'cacheHits' | 'cacheMisses' | 'cacheBytes'>> {
    const cache = await this.#options.caches.of(id)
    const { hits, misses } = cache.ledger.counts
    return { cacheHits: hits, cacheMisses: misses, cacheBytes: cache.bytes }
  }

  #readingsOf(id: string): InstanceReadings {
    const { instances, clock, onFailure } = this.#options
    const readings = new InstanceReadings(instances.get(id), clock, onFailure)
    this.#instances.set(id, readings)
    return readings
  }

  async #host(clients: readonly ConnectedClient[], running: readonly InstanceLook[]): Promise<ReadingGroup> {
    const { clock, dataDirectory, endpoint, parser, sessions, storage, web, wireServers } = this.#options
    const storageCpu = await storage.cpuSeconds()
    const parserCpu = await parser.cpuSeconds()
    const diskFree = await freeDiskBytes(dataDirectory)
    const { rss, heapUsed, external } = process.memoryUsage()
    const { user, system } = process.cpuUsage()
    const [wire, pages] = [endpoint.traffic.total, web.traffic.total]
    const windows = this.windowTraffic()
    const wasm = running.flatMap(({ groups }) => groups.map(({ readings }) => readings.wasmMemory ?? 0))
    return {
      name: 'host',
      readMs: clock.monotonicMs(),
      readings: {
        ...{ rss, heapUsed, external },
        cpu: (user + system) / microsecondsPerSecond,
        ...this.#loop(),
        ...(storageCpu === null ? {} : { storageCpu }),
        ...(parserCpu === null ? {} : { parserCpu }),
        ...(diskFree === null ? {} : { diskFree }),
        wasmTotal: wasm.reduce((sum, bytes) => sum + bytes, 0),
        instancesRunning: running.length,
        ...{ windows: this.windowCount, sessions: sessions.count, endpointClients: clients.length },
        ...{ endpointBytesIn: wire.receivedBytes, endpointBytesOut: wire.sentBytes },
        ...{ webBytesIn: pages.receivedBytes, webBytesOut: pages.sentBytes },
        ...{ windowBytesIn: windows.receivedBytes, windowBytesOut: windows.sentBytes },
        ...{ forks: wireServers.forkMemory.count, forkBytes: wireServers.forkMemory.takenBytes },
      },
    }
  }

  #loop(): { loopUtilization: number; loopDelayMax?: number; loopDelayP99?: number } {
    const before = this.#utilization
    this.#utilization = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(this.#utilization, before)
    const delays = this.#delays
    if (!delays) {
      this.#delays = monitorEventLoopDelay({ resolution: resolutionMs })
      this.#delays.enable()
      return { loopUtilization: utilization }
    }
    // What it measures is the time between two of its own wake-ups.
    const delayMs = (nanoseconds: number): number =>
      Math.max(0, nanoseconds / nanosecondsPerMs - resolutionMs)
    const [loopDelayMax, loopDelayP99] = [delayMs(delays.max), delayMs(delays.percentile(99))]
    delays.reset()
    return { loopUtilization: utilization, loopDelayMax, loopDelayP99 }
  }
}

function sumOf(one: Traffic, other: Traffic): Traffic {
  return {
    receivedBytes: one.receivedBytes + other.receivedBytes,
    sentBytes: one.sentBytes + other.sentBytes,
  }
}
