/**
 * Answers that several may ask for at once, and again and again: read once, kept for a moment, and given for longer
 * while no newer one can be had. Knows no question.
 */

import type { Clock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { InsightRead } from '../../contract/insight.ts'

/** Several windows look at the same page; none of them reads faster than this. */
const freshMs = 1_500

interface Answer {
  readonly read: InsightRead
}

interface Kept {
  /** The last that could be had; null for none. */
  answer: Answer | null
  pending: Promise<Answer> | null
}

export class KeptAnswers {
  readonly #clock: Clock
  readonly #kept = new Map<string, Kept>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * What is kept under `key`, or what `read` answers, which goes on for others when `signal` aborts. When it throws
   * `in-use`, the last answer is given, with `holder`.
   */
  async get<T extends Answer>(
    key: string,
    signal: AbortSignal,
    { read, holder }: { read: () => Promise<T>; holder: () => string },
  ): Promise<T> {
    const kept = this.#kept.get(key) ?? { answer: null, pending: null }
    this.#kept.set(key, kept)
    // Whoever uses a key always reads the same with it.
    const last = kept.answer as T | null
    if (last && this.#clock.nowMs() - last.read.readAtMs < freshMs) return last
    kept.pending ??= read().then((answer) => {
      kept.answer = answer
      return answer
    })
    const pending = kept.pending
    pending.finally(() => (kept.pending = null)).catch(() => undefined)
    try {
      return (await orAborted(pending, signal)) as T
    } catch (error) {
      const isHeld = error instanceof WorkbenchError && error.code === 'in-use'
      if (!last || !isHeld) throw error
      return { ...last, read: { ...last.read, heldBy: holder() } }
    }
  }

  /** Everything under keys that begin so. */
  forget(prefix: string): void {
    for (const key of [...this.#kept.keys()]) if (key.startsWith(prefix)) this.#kept.delete(key)
  }
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void =>
    aborted.reject(new WorkbenchError('cancelled', 'Nobody waits for the answer any more'))
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort)
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
