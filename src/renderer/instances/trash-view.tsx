/** What was deleted and can be had back, until it is removed for good. */

import { Trash2 } from 'lucide-react'
import { useEffect, useState, type ReactElement } from 'react'
import type { TrashEntry } from '../../contract/lifecycle-calls.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { Dialog, DialogActions } from '../widgets/dialog.tsx'
import { EmptyState } from '../widgets/empty-state.tsx'
import { relativeWords } from '../widgets/moment-words.ts'
import { formatBytes } from '../widgets/number-format.ts'
import { ProgressBar } from '../widgets/progress-bar.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import styles from './instances.module.css'

export function TrashView(): ReactElement {
  const workbench = useWorkbench()
  const { instancePage } = workbench
  const entries = useStore(instancePage.trash)
  const [doomed, setDoomed] = useState<TrashEntry | null>(null)
  useEffect(() => {
    workbench.attempt(() => instancePage.refreshTrash())
  }, [workbench, instancePage])
  if (entries === null) return <ProgressBar label="Looking into the trash" />
  if (entries.length === 0) {
    return (
      <EmptyState icon={Trash2} title="The trash is empty">
        <p>A deleted database stays here for 30 days, with everything in it, and can be had back.</p>
      </EmptyState>
    )
  }
  return (
    <>
      <ul className={styles['trash']} aria-label="Deleted databases">
        {entries.map((entry) => (
          <TrashItem
            key={`${entry.instanceId} ${entry.deletedAtMs}`}
            entry={entry}
            onRemove={() => setDoomed(entry)}
          />
        ))}
      </ul>
      <RemoveDialog entry={doomed} onClose={() => setDoomed(null)} />
    </>
  )
}

interface TrashItemProps {
  readonly entry: TrashEntry
  readonly onRemove: () => void
}

function TrashItem({ entry, onRemove }: TrashItemProps): ReactElement {
  const workbench = useWorkbench()
  const nowMs = workbench.clock.nowMs()
  const words = [
    `deleted ${relativeWords(entry.deletedAtMs, nowMs)}`,
    entry.isServer ? 'a server elsewhere, which goes on' : formatBytes(entry.sizeBytes),
    `removed for good ${relativeWords(entry.keptUntilMs, nowMs)}`,
  ]
  return (
    <li className={styles['trashItem']}>
      <div className={styles['trashWords']}>
        <strong>{trashName(entry)}</strong>
        <span className={styles['quiet']}>{words.join(' · ')}</span>
      </div>
      <TextButton
        isDisabled={entry.name === null}
        onPress={() => workbench.attempt(() => workbench.restoreFromTrash(entry))}
      >
        Restore
      </TextButton>
      <TextButton onPress={onRemove}>Delete for good…</TextButton>
    </li>
  )
}

interface RemoveDialogProps {
  /** Null while it is closed. */
  readonly entry: TrashEntry | null
  readonly onClose: () => void
}

function RemoveDialog({ entry, onClose }: RemoveDialogProps): ReactElement {
  const workbench = useWorkbench()
  const [isWorking, setIsWorking] = useState(false)
  const name = entry ? trashName(entry) : 'it'
  const remove = async (): Promise<void> => {
    if (!entry) return
    setIsWorking(true)
    try {
      await workbench.instancePage.removeForGood(entry)
      onClose()
    } finally {
      setIsWorking(false)
    }
  }
  return (
    <Dialog title={`Delete ${name} for good?`} isOpen={entry !== null} onClose={onClose}>
      <div>
        {entry?.isServer === true
          ? 'How it is reached, and its password, are removed from the disk. Nothing happens to the server.'
          : 'Its files and its snapshots are removed from the disk. There is no way back from this.'}
      </div>
      <DialogActions>
        <TextButton onPress={onClose} autoFocus>
          Keep it
        </TextButton>
        <TextButton kind="danger" isDisabled={isWorking} onPress={() => workbench.attempt(remove)}>
          Delete {name}
        </TextButton>
      </DialogActions>
    </Dialog>
  )
}

function trashName({ name, instanceId }: TrashEntry): string {
  return name ?? instanceId
}
