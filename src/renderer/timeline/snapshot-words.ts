/** What a snapshot is called and why there is one, in words. Pure. */

import type { Snapshot, SnapshotProgress, SnapshotReason } from '../../contract/snapshot.ts'
import { formatBytes } from '../widgets/number-format.ts'

/** `Before DROP TABLE orders`. */
export function reasonWords(reason: SnapshotReason): string {
  switch (reason.kind) {
    case 'request':
      return 'Taken by hand'
    case 'schedule':
      return 'By the schedule'
    case 'statement':
      return `Before ${reason.what}`
    case 'script':
      return 'Before a script'
    case 'rewind':
      return 'Before going back'
    case 'work':
      return `Before ${reason.what}`
  }
}

/** Who made it necessary; null where nobody else did. */
export function whoWords(reason: SnapshotReason): string | null {
  return reason.kind === 'statement' || reason.kind === 'script' ? reason.who : null
}

/** The statement or script; null where there is none. */
export function statementWords(reason: SnapshotReason): string | null {
  return reason.kind === 'statement' || reason.kind === 'script' ? reason.text : null
}

/** Its label, else why there is one. */
export function nameOfSnapshot({ label, reason }: Pick<Snapshot, 'label' | 'reason'>): string {
  return label ?? reasonWords(reason)
}

/** `Copying: 12 MB of 148 MB`. */
export function progressWords(title: string, progress: SnapshotProgress | null): string {
  if (progress === null) return `${title}…`
  const { step, holder, doneBytes, totalBytes } = progress
  if (step === 'waiting') return `${title}: waiting for ${holder ?? 'another session'}`
  if (step === 'finishing' || totalBytes === 0) return `${title}: writing to disk`
  return `${title}: ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`
}

/** From 0 to 1; null where nobody knows. */
export function progressFraction(progress: SnapshotProgress | null): number | null {
  if (progress?.step !== 'copying' || progress.totalBytes === 0) return null
  return progress.doneBytes / progress.totalBytes
}
