/**
 * Work that tells how far it is, as a stream that a client reads when it can: only the last state of progress waits
 * for it, notices all do, up to a bound. Knows no work.
 */

import { followWork, type News, type WorkStream } from '../worker/work-stream.ts'
import type { TransferEvent, TransferProgress } from '../../contract/transfer.ts'

/** Of notices that nobody has read yet; later ones are left out. */
const noticesMax = 1_000

export interface ProgressTeller {
  progress(progress: TransferProgress): void
  notice(text: string): void
}

/** As `followWork`. */
export function progressStream<R>(
  signal: AbortSignal,
  work: (tell: ProgressTeller, ending: AbortSignal) => Promise<R>,
): WorkStream<TransferEvent, R> {
  const events = new WaitingEvents()
  return followWork(signal, events, (ending) => work(events, ending))
}

class WaitingEvents implements ProgressTeller, News<TransferEvent> {
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

  async next(): Promise<{ readonly value: TransferEvent } | null> {
    for (;;) {
      const text = this.#notices.shift()
      if (text !== undefined) return { value: { kind: 'notice', text } }
      const progress = this.#progress
      this.#progress = null
      if (progress) return { value: { kind: 'progress', ...progress } }
      if (this.#isEnded) return null
      await this.#changed.promise
      this.#changed = Promise.withResolvers()
    }
  }
}
