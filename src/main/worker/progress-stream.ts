/** Work that calls back with how many bytes are done, as a stream of a contract. Knows no work. */

import { followLatest, type WorkStream } from './work-stream.ts'

export interface ProgressWatcher {
  readonly signal: AbortSignal
  onProgress(doneBytes: number, totalBytes: number): void
}

interface Progress {
  readonly doneBytes: number
  readonly totalBytes: number
}

/** As `followLatest`. */
export function progressStream<R>(
  signal: AbortSignal,
  work: (ending: AbortSignal, onProgress: ProgressWatcher['onProgress']) => Promise<R>,
): WorkStream<Progress, R> {
  return followLatest(signal, (tell, ending) =>
    work(ending, (doneBytes, totalBytes) => tell({ doneBytes, totalBytes })),
  )
}
