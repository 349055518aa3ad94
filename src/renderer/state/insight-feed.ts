/**
 * One kind of answer about the inside of an instance: read while somebody looks, again once in a while, and told with
 * what went wrong. Knows no answer.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { toWireError, type WireError } from '../../contract/error.ts'
import { Store } from './store.ts'

/** Sizes and counters of a database change slowly, and asking takes a turn of it. */
const refreshMs = 10_000

export interface FeedState<T> {
  readonly instanceId: string | null
  /** The last that could be had; null before. */
  readonly answer: T | null
  /** Why there is no newer one. */
  readonly error: WireError | null
  readonly isReading: boolean
}

export class InsightFeed<T> implements Disposable {
  readonly state = new Store<FeedState<T>>({ instanceId: null, answer: null, error: null, isReading: false })
  readonly #read: (instanceId: string, signal: AbortSignal) => Promise<T>
  readonly #clock: Clock
  #reading: AbortController | null = null
  #timer: Disposable | null = null

  constructor(read: (instanceId: string, signal: AbortSignal) => Promise<T>, clock: Clock) {
    this.#read = read
    this.#clock = clock
  }

  /** Somebody looks at that instance, until disposed; one at a time. */
  look(instanceId: string): Disposable {
    if (this.state.value.instanceId !== instanceId) {
      this.state.set({ instanceId, answer: null, error: null, isReading: false })
    }
    this.refresh()
    return { dispose: () => this.#stop() }
  }

  /** Reads now. */
  refresh(): void {
    this.#stop()
    const { instanceId } = this.state.value
    if (instanceId === null) return
    const reading = new AbortController()
    this.#reading = reading
    void this.#take(instanceId, reading)
  }

  dispose(): void {
    this.#stop()
    this.state.dispose()
  }

  async #take(instanceId: string, reading: AbortController): Promise<void> {
    this.state.patch({ isReading: true })
    try {
      const answer = await this.#read(instanceId, reading.signal)
      if (this.#reading === reading) this.state.patch({ answer, error: null, isReading: false })
    } catch (error) {
      if (this.#reading === reading) this.state.patch({ error: toWireError(error), isReading: false })
    }
    if (this.#reading !== reading) return
    this.#timer = this.#clock.after(refreshMs, () => this.refresh())
  }

  #stop(): void {
    this.#timer?.dispose()
    this.#timer = null
    this.#reading?.abort()
    this.#reading = null
  }
}
