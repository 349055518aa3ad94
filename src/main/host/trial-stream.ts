/**
 * Work that tells how far it is, as a stream of a contract: of what it tells faster than it is asked for, the newest is
 * passed on. Whoever turns away ends the work.
 */

/** Runs `work` and yields what it reports; `signal` is the stream's. */
export async function* trialStream<P, R>(
  signal: AbortSignal,
  work: (report: (progress: P) => void, signal: AbortSignal) => Promise<R>,
): AsyncGenerator<{ readonly value: P }, R, void> {
  const leaving = new AbortController()
  const news = new News<P>()
  const done = work((progress) => news.tell(progress), AbortSignal.any([signal, leaving.signal]))
  const finished = done.finally(() => news.end())
  // Whoever leaves early hears nothing of it.
  finished.catch(() => undefined)
  try {
    for (let progress = await news.next(); progress; progress = await news.next()) yield progress
    return await done
  } finally {
    leaving.abort()
    await finished.catch(() => undefined)
  }
}

class News<P> {
  #newest: { readonly value: P } | null = null
  #isEnded = false
  #wake = Promise.withResolvers<void>()

  tell(value: P): void {
    this.#newest = { value }
    this.#wake.resolve()
  }

  end(): void {
    this.#isEnded = true
    this.#wake.resolve()
  }

  /** What has not been told yet; null at the end. */
  async next(): Promise<{ readonly value: P } | null> {
    while (!this.#newest && !this.#isEnded) await this.#wake.promise
    const newest = this.#newest
    this.#newest = null
    if (!this.#isEnded) this.#wake = Promise.withResolvers<void>()
    return newest
  }
}
