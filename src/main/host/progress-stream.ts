/** Work on the files of instances that tells how far it is, as a stream of the contract. Knows not what is done. */

import { followLatest, type WorkStream } from '../worker/work-stream.ts'
import type { SnapshotProgress } from '../../contract/snapshot.ts'
import type { FileProgress } from '../snapshots/copy-files.ts'
import type { CopyWatcher } from './instance-copies.ts'

/** As `followLatest`. */
export function progressStream<R>(
  signal: AbortSignal,
  work: (watcher: CopyWatcher) => Promise<R>,
): WorkStream<SnapshotProgress, R> {
  return followLatest<SnapshotProgress, R>(signal, (tell, ending) =>
    work({
      signal: ending,
      onWait: (holder) => tell({ step: 'waiting', holder, doneBytes: 0, totalBytes: 0 }),
      onProgress: (progress) => tell({ ...progress, step: stepOf(progress), holder: null }),
    }),
  )
}

function stepOf({ doneBytes, totalBytes }: FileProgress): SnapshotProgress['step'] {
  return doneBytes >= totalBytes ? 'finishing' : 'copying'
}
