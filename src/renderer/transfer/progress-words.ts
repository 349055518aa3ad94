/** How far a transfer is, in words and as a part of the whole. */

import type { TransferProgress } from '../../contract/transfer.ts'
import { bytesWords, type RunningTransfer, type TransferKind } from '../state/transfer-state.ts'

const beginnings: Readonly<Record<TransferKind, string>> = {
  dump: 'Dumping',
  restore: 'Restoring',
  copy: 'Copying',
  migrate: 'Migrating',
}

const phases: Readonly<Record<TransferProgress['phase'], string>> = {
  checking: 'checking both sides',
  'copying-files': 'copying the old directory',
  schema: 'definitions',
  data: 'rows',
  finishing: 'finishing',
  verifying: 'comparing both sides',
  committing: 'committing',
}

export function progressWords({ kind, progress, isCancelling }: RunningTransfer): string {
  if (isCancelling) return 'Cancelling'
  if (!progress) return beginnings[kind]
  const { phase, table, bytes, bytesTotal } = progress
  const of = table === null ? '' : ` of ${table}`
  const total = bytesTotal === null ? '' : ` of ${bytesWords(bytesTotal)}`
  return `${beginnings[kind]}: ${phases[phase]}${of}${bytes === 0 ? '' : ` · ${bytesWords(bytes)}${total}`}`
}

/** Null where nobody knows how much there is, or that all has been read. */
export function fractionOf(progress: TransferProgress | null): number | null {
  if (!progress?.bytesTotal || progress.phase === 'committing') return null
  return Math.min(progress.bytes / progress.bytesTotal, 1)
}
