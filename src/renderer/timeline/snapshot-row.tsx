/** One snapshot on the timeline: its moment, what it is, and the actions on it. */

import { BadgeCheck, GitFork, MoreHorizontal, Tag, Trash2, Undo2 } from 'lucide-react'
import type { ReactElement } from 'react'
import { Button } from 'react-aria-components'
import type { Instance } from '../../contract/instance.ts'
import type { Snapshot } from '../../contract/snapshot.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { classes } from '../widgets/class-names.ts'
import { MenuButton, type MenuGroups } from '../widgets/menu.tsx'
import { momentWords, relativeWords } from '../widgets/moment-words.ts'
import { formatBytes, formatMoment } from '../widgets/number-format.ts'
import { TextButton } from '../widgets/text-button.tsx'
import { nameOfSnapshot, reasonWords, statementWords, whoWords } from './snapshot-words.ts'
import styles from './timeline.module.css'

interface SnapshotRowProps {
  readonly instance: Instance
  readonly snapshot: Snapshot
}

export function SnapshotRow({ instance, snapshot }: SnapshotRowProps): ReactElement {
  const { clock, snapshots } = useWorkbench()
  const { takenAtMs, label, reason, byteCount, addedBytes } = snapshot
  const nowMs = clock.nowMs()
  const name = nameOfSnapshot(snapshot)
  const details = [
    label === null ? null : reasonWords(reason),
    whoWords(reason),
    `${formatBytes(byteCount)}, ${formatBytes(addedBytes)} added`,
  ].filter((part) => part !== null)
  const statement = statementWords(reason)
  return (
    <li className={styles['row']}>
      <span className={classes(styles['mark'], label !== null && styles['labelled'])} aria-hidden />
      <time className={styles['moment']} title={momentWords(takenAtMs, nowMs)}>
        {formatMoment(takenAtMs, nowMs)}
        <span className={styles['ago']}>{relativeWords(takenAtMs, nowMs)}</span>
      </time>
      <div className={styles['words']}>
        <span className={styles['name']} title={name}>
          {name}
        </span>
        <span className={styles['details']} title={statement ?? undefined}>
          {details.join(' · ')}
        </span>
        {statement === null ? null : <code className={styles['statement']}>{oneLine(statement)}</code>}
      </div>
      <TextButton onPress={() => snapshots.ask('rewind', instance, snapshot)}>
        <Undo2 size={14} aria-hidden /> Rewind…
      </TextButton>
      <MoreButton instance={instance} snapshot={snapshot} />
    </li>
  )
}

function MoreButton({ instance, snapshot }: SnapshotRowProps): ReactElement {
  const workbench = useWorkbench()
  const { snapshots } = workbench
  const name = nameOfSnapshot(snapshot)
  const check = async (): Promise<void> => {
    const damaged = await snapshots.verify(instance.id, snapshot.id)
    if (damaged?.length === 0) workbench.toasts.info(`The snapshot “${name}” is whole`)
    else if (damaged) {
      const files = damaged.join('\n')
      workbench.toasts.info(`The snapshot “${name}” is damaged: it cannot be restored`, files)
    }
  }
  const groups: MenuGroups = [
    [
      {
        id: 'fork',
        label: 'Fork from here…',
        icon: GitFork,
        onChoose: () => snapshots.ask('fork', instance, snapshot),
      },
      { id: 'label', label: 'Label…', icon: Tag, onChoose: () => snapshots.ask('label', instance, snapshot) },
      { id: 'check', label: 'Check', icon: BadgeCheck, onChoose: () => workbench.attempt(check) },
    ],
    [
      {
        ...{ id: 'delete', label: 'Delete', icon: Trash2, isDanger: true },
        onChoose: () => workbench.attempt(() => snapshots.remove(instance.id, snapshot.id)),
      },
    ],
  ]
  return (
    <MenuButton label={`Actions of ${name}`} groups={groups} placement="bottom end">
      <Button className={styles['more'] ?? ''} aria-label={`More actions of ${name}`}>
        <MoreHorizontal size={16} aria-hidden />
      </Button>
    </MenuButton>
  )
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}
