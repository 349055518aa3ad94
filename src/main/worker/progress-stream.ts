/**
 * Turns work that calls back with how far it is into a stream of a contract: whoever takes the stream is told the
 * newest state when he has room for it, and none that is out of date. Knows no work.
 */

export interface ProgressWatcher {
  readonly signal: AbortSignal
  onProgress(doneBytes: number, totalBytes: number): void
}

interface Progress {
  readonly doneBytes: number
  readonly totalBytes: number
}

/**
 * Runs `work`. Its signal aborts when `signal` does, or when whoever takes the stream turns away; then the stream ends
 * when the work has.
 */
export async function* progressStream<R>(
  signal: AbortSignal,
  work: (ended: AbortSignal, onProgress: ProgressWatcher['onProgress']) => Promise<R>,
): AsyncGenerator<{ readonly value: Progress }, R, void> {
  const left = new AbortController()
  let newest: Progress | null = null
  let wake = (): void => undefined
  let isOver = false
  const result = work(AbortSignal.any([signal, left.signal]), (doneBytes, totalBytes) => {
    newest = { doneBytes, totalBytes }
    wake()
  }).finally(() => {
    isOver = true
    wake()
  })
  // Its failure is told where it is awaited.
  result.catch(() => undefined)
  try {
    for (;;) {
      if (newest) {
        const value: Progress = newest
        newest = null
        yield { value }
      } else if (isOver) {
        break
      } else {
        await new Promise<void>((resolve) => (wake = resolve))
      }
    }
    return await result
  } finally {
    left.abort()
    await result.catch(() => undefined)
  }
}
