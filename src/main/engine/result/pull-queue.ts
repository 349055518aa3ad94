/**
 * Values that arrive by themselves and are pulled by one consumer. Unbounded as a data structure: whoever
 * pushes is held back by credit that is granted when a value is pulled.
 */

export interface PullQueueOptions<T> {
  /** Called when a value reaches the consumer. */
  onPulled(value: T): void
  /** Called once when the consumer leaves before the end; the return waits for it. */
  onLeft(): Promise<void>
}

interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void
  reject(error: unknown): void
}

export class PullQueue<T> implements AsyncIterableIterator<T, undefined> {
  readonly #options: PullQueueOptions<T>
  readonly #values: T[] = []
  readonly #waiters: Waiter<T>[] = []
  #first = 0
  #isEnded = false
  #failure: { readonly error: unknown } | null = null

  constructor(options: PullQueueOptions<T>) {
    this.#options = options
  }

  push(value: T): void {
    if (this.#isEnded) return
    const waiter = this.#waiters.shift()
    if (waiter) this.#deliver(waiter, value)
    else this.#values.push(value)
  }

  /** Ends the values; those that wait are still pulled. */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    for (const waiter of this.#waiters.splice(0)) waiter.resolve({ done: true, value: undefined })
  }

  /** Ends the values with an error, after those that wait. */
  fail(error: unknown): void {
    if (this.#isEnded) return
    this.#isEnded = true
    const [first, ...rest] = this.#waiters.splice(0)
    if (first) first.reject(error)
    else this.#failure = { error }
    for (const waiter of rest) waiter.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject }
      if (this.#first < this.#values.length) {
        const value = this.#values[this.#first] as T
        this.#first += 1
        if (this.#first === this.#values.length) {
          this.#values.length = 0
          this.#first = 0
        }
        this.#deliver(waiter, value)
      } else if (this.#failure) {
        const { error } = this.#failure
        this.#failure = null
        reject(error)
      } else if (this.#isEnded) {
        resolve({ done: true, value: undefined })
      } else {
        this.#waiters.push(waiter)
      }
    })
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    const wasEnded = this.#isEnded
    this.end()
    this.#values.length = 0
    this.#first = 0
    this.#failure = null
    if (!wasEnded) await this.#options.onLeft()
    return { done: true, value: undefined }
  }

  #deliver(waiter: Waiter<T>, value: T): void {
    this.#options.onPulled(value)
    waiter.resolve({ done: false, value })
  }
}
