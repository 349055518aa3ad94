/** What all parts that look into an instance have in common: reading, failing, and how old what is shown is. */

import { RefreshCw } from 'lucide-react'
import { useEffect, type ReactElement, type ReactNode } from 'react'
import type { WireError } from '../../contract/error.ts'
import type { InsightRead } from '../../contract/insight.ts'
import type { InsightFeed } from '../state/insight-feed.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { NoticeCard } from '../widgets/notice-card.tsx'
import { formatDuration, formatMoment } from '../widgets/number-format.ts'
import { ProgressBar } from '../widgets/progress-bar.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import styles from './dashboard.module.css'

interface InsightPlaceProps<T> {
  readonly feed: InsightFeed<T>
  readonly instanceId: string
  /** What is being read. */
  readonly label: string
  children(answer: T): ReactNode
}

export function InsightPlace<T extends { readonly read: InsightRead }>({
  feed,
  instanceId,
  label,
  children,
}: InsightPlaceProps<T>): ReactElement {
  const state = useStore(feed.state)
  useEffect(() => {
    const looking = feed.look(instanceId)
    return () => looking.dispose()
  }, [feed, instanceId])
  const answer = state.instanceId === instanceId ? state.answer : null
  return (
    <div className={styles['overview']}>
      {state.error ? (
        <InsightFailure {...{ instanceId, error: state.error }} onRetry={() => feed.refresh()} />
      ) : null}
      {answer ? (
        <>
          <ReadLine read={answer.read} onRefresh={() => feed.refresh()} />
          {children(answer)}
        </>
      ) : state.error ? null : (
        <ProgressBar label={label} />
      )}
    </div>
  )
}

interface InsightFailureProps {
  readonly instanceId: string
  readonly error: WireError
  onRetry(): void
}

/** One that does not run can be started; nothing starts it by itself. */
export function InsightFailure({ instanceId, error, onRetry }: InsightFailureProps): ReactElement {
  const workbench = useWorkbench()
  const isStopped = error.code === 'conflict'
  const start = async (): Promise<void> => {
    await workbench.instances.start(instanceId)
    onRetry()
  }
  return (
    <NoticeCard
      kind={isStopped || error.code === 'in-use' ? 'warning' : 'failure'}
      actions={
        isStopped ? (
          <TextButton kind="primary" onPress={() => workbench.attempt(start)}>
            Start it
          </TextButton>
        ) : (
          <TextButton onPress={onRetry}>Try again</TextButton>
        )
      }
    >
      <p>{error.message}</p>
    </NoticeCard>
  )
}

function ReadLine({ read, onRefresh }: { readonly read: InsightRead; onRefresh(): void }): ReactElement {
  const { clock } = useWorkbench()
  const { readAtMs, tookMs, heldBy, countedSinceMs, remarks } = read
  const nowMs = clock.nowMs()
  const counted =
    countedSinceMs === null
      ? 'counted since it was made, copied or has crashed'
      : `counted since ${formatMoment(countedSinceMs, nowMs)}`
  return (
    <>
      <header className={styles['sectionHead']}>
        <span className={styles['quiet']}>
          {`Read at ${formatMoment(readAtMs, nowMs)} in ${formatDuration(tookMs)}, ${counted}`}
        </span>
        <span className={styles['space']} />
        <TextButton onPress={onRefresh}>
          <RefreshCw size={14} aria-hidden /> Read again
        </TextButton>
      </header>
      {heldBy === null ? null : (
        <NoticeCard kind="warning">
          <p>{`${heldBy} has the database: this is what was read before.`}</p>
        </NoticeCard>
      )}
      {remarks.map((remark) => (
        <p key={remark} className={styles['note']}>{`${remark}.`}</p>
      ))}
    </>
  )
}
