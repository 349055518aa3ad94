/**
 * Measures the host's own process every two seconds while somebody looks: memory, and how long its event loop
 * was held up. Knows no client.
 */

import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { Emitter } from '../../base/event.ts'

export interface HostSample {
  readonly rssBytes: number
  readonly eventLoopDelayMaxMs: number
}

/** As the contract has it. */
const intervalMs = 2_000

/** Fine enough to see a delay of a frame; finer costs wake-ups. */
const resolutionMs = 10

const nanosecondsPerMs = 1_000_000

export class HostSampler implements Disposable {
  readonly #clock: Clock
  readonly #didSample = new Emitter<HostSample>()
  readonly onDidSample = this.#didSample.event
  #delays: ReturnType<typeof monitorEventLoopDelay> | null = null
  #timer: Disposable | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Idempotent. */
  start(): void {
    if (this.#delays) return
    this.#delays = monitorEventLoopDelay({ resolution: resolutionMs })
    this.#delays.enable()
    this.#sampleLater()
  }

  /** Idempotent. */
  stop(): void {
    this.#delays?.disable()
    this.#delays = null
    this.#timer?.dispose()
    this.#timer = null
  }

  dispose(): void {
    this.stop()
    this.#didSample.dispose()
  }

  #sampleLater(): void {
    this.#timer = this.#clock.after(intervalMs, () => {
      if (!this.#delays) return
      // What it measures is the time between two of its own wake-ups.
      const delayMs = Math.max(0, Math.round(this.#delays.max / nanosecondsPerMs) - resolutionMs)
      this.#delays.reset()
      this.#sampleLater()
      this.#didSample.fire({ rssBytes: residentBytes(), eventLoopDelayMaxMs: delayMs })
    })
  }
}

/** 0 where nobody can tell: Linux tells it below /proc, which a jail may not have. */
function residentBytes(): number {
  try {
    return process.memoryUsage.rss()
  } catch {
    return 0
  }
}
