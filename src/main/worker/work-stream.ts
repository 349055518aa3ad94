/**
 * Work that tells how far it is, as a stream that somebody reads when there is time: of what is told faster than it is
 * read, the reader decides what is kept; whoever turns away ends the work. Knows no work.
 */

/** What is told until the work has ended. */
export interface News<V> {
  /** What has not been read yet; waits for it. null at the end. */
  next(): Promise<{ readonly value: V } | null>
  end(): void
}

export type WorkStream<V, R> = AsyncGenerator<{ readonly value: V }, R, void>

/**
 * Runs `work`. Its signal aborts when `signal` does, or when whoever takes the stream turns away; then the stream ends
 * when the work has.
 */
export async function* followWork<V, R>(
  signal: AbortSignal,
  news: News<V>,
  work: (ending: AbortSignal) => Promise<R>,
): WorkStream<V, R> {
  const leaving = new AbortController()
  const result = work(AbortSignal.any([signal, leaving.signal])).finally(() => news.end())
  // Its failure is told where it is awaited.
  result.catch(() => undefined)
  try {
    for (let item = await news.next(); item; item = await news.next()) yield item
    return await result
  } finally {
    leaving.abort()
    await result.catch(() => undefined)
  }
}

/** The same where only the newest counts. */
export function followLatest<V, R>(
  signal: AbortSignal,
  work: (tell: (value: V) => void, ending: AbortSignal) => Promise<R>,
): WorkStream<V, R> {
  const news = new LatestNews<V>()
  return followWork(signal, news, (ending) => work((value) => news.tell(value), ending))
}

class LatestNews<V> implements News<V> {
  #newest: { readonly value: V } | null = null
  #isEnded = false
  #wake = Promise.withResolvers<void>()

  tell(value: V): void {
    this.#newest = { value }
    this.#wake.resolve()
  }

  end(): void {
    this.#isEnded = true
    this.#wake.resolve()
  }

  async next(): Promise<{ readonly value: V } | null> {
    while (!this.#newest && !this.#isEnded) await this.#wake.promise
    const newest = this.#newest
    this.#newest = null
    if (!this.#isEnded) this.#wake = Promise.withResolvers<void>()
    return newest
  }
}
