/** The snapshots of one database, newest first: what each is, and what can be done with it. */

import { Camera, GitFork, Settings2 } from 'lucide-react'
import { useEffect, useState, type ReactElement } from 'react'
import type { Instance } from '../../contract/instance.ts'
import type { SnapshotWork, Timeline } from '../state/snapshot-state.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { IconButton } from '../widgets/icon-button.tsx'
import { NoticeCard } from '../widgets/notice-card.tsx'
import { formatBytes } from '../widgets/number-format.ts'
import { ProgressBar } from '../widgets/progress-bar.tsx'
import { Section } from '../widgets/section.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { PolicyForm } from './policy-form.tsx'
import { SnapshotRow } from './snapshot-row.tsx'
import { progressFraction, progressWords } from './snapshot-words.ts'
import styles from './timeline.module.css'

/** More would be slow to draw; older ones are shown when asked for. */
const shownAtFirst = 50

export function TimelineSection({ instance }: { readonly instance: Instance }): ReactElement | null {
  if (instance.storage === 'directory') return <DirectoryTimeline instance={instance} />
  return instance.storage === 'memory' ? <NoTimeline /> : null
}

function NoTimeline(): ReactElement {
  return (
    <Section title="Timeline" isWide>
      <p className={styles['quiet']}>
        A database in memory has no files, and so no snapshots. Duplicate it to disk to keep what it has.
      </p>
    </Section>
  )
}

function DirectoryTimeline({ instance }: { readonly instance: Instance }): ReactElement {
  const { snapshots } = useWorkbench()
  const known = useStore(snapshots.timeline)
  const failure = useStore(snapshots.failure)
  const work = useStore(snapshots.work)
  const [isDeciding, setIsDeciding] = useState(false)
  const { id } = instance
  useEffect(() => {
    const look = snapshots.look(id)
    return () => look.dispose()
  }, [snapshots, id])
  const timeline = known?.instanceId === id ? known : null
  const isBusy = work?.instanceId === id
  return (
    <Section
      title="Timeline"
      isWide
      detail={timeline ? detailWords(timeline) : undefined}
      actions={
        <>
          <IconButton
            icon={Settings2}
            label="When snapshots are taken, and how much room they get"
            placement="top"
            isPressed={isDeciding}
            onPress={() => setIsDeciding(!isDeciding)}
          />
          <TextButton isDisabled={isBusy} onPress={() => snapshots.ask('fork', instance)}>
            <GitFork size={14} aria-hidden /> Fork…
          </TextButton>
          <TextButton isDisabled={isBusy} onPress={() => snapshots.ask('take', instance)}>
            <Camera size={14} aria-hidden /> Take snapshot…
          </TextButton>
        </>
      }
    >
      {isBusy ? <Working work={work} /> : null}
      {isDeciding && timeline ? <PolicyForm timeline={timeline} onDone={() => setIsDeciding(false)} /> : null}
      {failure === null ? null : (
        <NoticeCard
          kind="failure"
          actions={<TextButton onPress={() => void snapshots.refresh()}>Try again</TextButton>}
        >
          <p>{failure}</p>
        </NoticeCard>
      )}
      {timeline ? <Rows instance={instance} timeline={timeline} /> : null}
    </Section>
  )
}

function Working({ work }: { readonly work: SnapshotWork }): ReactElement {
  return (
    <div className={styles['working']}>
      <ProgressBar
        label={progressWords(work.title, work.progress)}
        fraction={progressFraction(work.progress)}
      />
      <TextButton onPress={() => work.cancel()}>Cancel</TextButton>
    </div>
  )
}

interface RowsProps {
  readonly instance: Instance
  readonly timeline: Timeline
}

function Rows({ instance, timeline }: RowsProps): ReactElement {
  const [isAllShown, setIsAllShown] = useState(false)
  const { snapshots, problems } = timeline.list
  const shown = isAllShown ? snapshots : snapshots.slice(0, shownAtFirst)
  return (
    <>
      {problems.map((problem) => (
        <NoticeCard key={problem} kind="warning">
          <p>{problem}</p>
        </NoticeCard>
      ))}
      {snapshots.length === 0 ? (
        <p className={styles['empty']}>
          There is no snapshot yet. One is taken by itself before a statement that removes or changes much,
          and whenever you like: you can go back to it, or fork it into a database of its own.
        </p>
      ) : (
        <ol className={styles['rows']} aria-label={`Snapshots of ${instance.name}`}>
          {shown.map((snapshot) => (
            <SnapshotRow key={snapshot.id} instance={instance} snapshot={snapshot} />
          ))}
        </ol>
      )}
      {shown.length < snapshots.length ? (
        <TextButton onPress={() => setIsAllShown(true)}>
          Show {snapshots.length - shown.length} older ones
        </TextButton>
      ) : null}
    </>
  )
}

function detailWords({ list: { snapshots, storedBytes }, policy }: Timeline): string {
  if (snapshots.length === 0) return 'no snapshot'
  const count = snapshots.length === 1 ? '1 snapshot' : `${snapshots.length} snapshots`
  return `${count} · ${formatBytes(storedBytes)} of ${formatBytes(policy.budgetBytes)}`
}
