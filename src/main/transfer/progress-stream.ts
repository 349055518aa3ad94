/**
 * Work that tells how far it is, as a stream that a client reads when it can: only the last state of progress waits
 * for it, notices all do, up to a bound. Knows no work.
 */

import type { TransferEvent, TransferProgress } from '../../contract/transfer.ts'

/** Of notices that nobody has read yet; later ones are left out. */
const noticesMax = 1_000

export interface ProgressTeller {
  progress(progress: TransferProgress): void
  notice(text: string): void
}

/** Runs `work`; when the loop is left, its signal is aborted, and its end waited for. */
export async function* progressStream<R>(
  signal: AbortSignal,
  work: (tell: ProgressTeller, signal: AbortSignal) => Promise<R>,
): AsyncGenerator<{ readonly value: TransferEvent }, R, void> {
  const left = new AbortController()
  const events = new WaitingEvents()
  const result = work(events, AbortSignal.any([signal, left.signal])).finally(() => events.end())
  // Whoever reads gets it as the result.
  result.catch(() => undefined)
  try {
    for (;;) {
      const value = await events.next()
      if (!value) break
      yield { value }
    }
    return await result
  } finally {
    left.abort()
    await result.catch(() => undefined)
  }
}

class WaitingEvents implements ProgressTeller {
  #progress: TransferProgress | null = null
  readonly #notices: string[] = []
  #isEnded = false
  #changed = Promise.withResolvers<void>()

  progress(progress: TransferProgress): void {
    this.#progress = progress
    this.#changed.resolve()
  }

  notice(text: string): void {
    if (this.#notices.length >= noticesMax) return
    this.#notices.push(text)
    this.#changed.resolve()
  }

  end(): void {
    this.#isEnded = true
    this.#changed.resolve()
  }

  async next(): Promise<TransferEvent | null> {
    for (;;) {
      const text = this.#notices.shift()
      if (text !== undefined) return { kind: 'notice', text }
      const progress = this.#progress
      this.#progress = null
      if (progress) return { kind: 'progress', ...progress }
      if (this.#isEnded) return null
      await this.#changed.promise
      this.#changed = Promise.withResolvers()
    }
  }
}
