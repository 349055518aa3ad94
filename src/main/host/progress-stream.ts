/**
 * Work that tells how far it is, as a stream of the contract: whoever reads slowly misses what is outdated by then, and
 * who turns away ends the work. Knows not what is done.
 */

import { WorkbenchError } from '../../contract/error.ts'
import type { SnapshotProgress } from '../../contract/snapshot.ts'
import type { StreamChunk } from '../../rpc/handlers.ts'
import type { FileProgress } from '../snapshots/copy-files.ts'
import type { CopyWatcher } from './instance-copies.ts'

/** Runs `work` to its end. */
export async function* progressStream<R>(
  signal: AbortSignal,
  work: (watcher: CopyWatcher) => Promise<R>,
): AsyncGenerator<StreamChunk<SnapshotProgress>, R, void> {
  const abort = new AbortController()
  const onAbort = (): void => abort.abort()
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) abort.abort()
  const news = new LatestNews()
  const working = work({
    signal: abort.signal,
    onWait: (holder) => news.tell({ step: 'waiting', holder, doneBytes: 0, totalBytes: 0 }),
    onProgress: (progress) => news.tell({ ...progress, step: stepOf(progress), holder: null }),
  }).finally(() => news.end())
  working.catch(() => undefined)
  try {
    for await (const value of news) yield { value }
    return await working
  } finally {
    signal.removeEventListener('abort', onAbort)
    // Whoever has turned away wants nothing of it any more.
    if (!news.isEnded) abort.abort()
    if (abort.signal.aborted) await working.catch(noteCancelled)
  }
}

function stepOf({ doneBytes, totalBytes }: FileProgress): SnapshotProgress['step'] {
  return doneBytes >= totalBytes ? 'finishing' : 'copying'
}

/** What was asked to end says so; anything else is news. */
function noteCancelled(error: unknown): void {
  if (!(error instanceof WorkbenchError)) throw error
}

/** One value, the latest; the reader waits for the next. */
class LatestNews {
  isEnded = false
  #value: SnapshotProgress | null = null
  #wake = Promise.withResolvers<void>()

  tell(value: SnapshotProgress): void {
    this.#value = value
    this.#wake.resolve()
  }

  end(): void {
    this.isEnded = true
    this.#wake.resolve()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SnapshotProgress, void, void> {
    while (!this.isEnded || this.#value) {
      const value = this.#value
      this.#value = null
      if (value) yield value
      else {
        await this.#wake.promise
        this.#wake = Promise.withResolvers<void>()
      }
    }
  }
}
