/** Why a database does not run, with what its engine logged last, and every way out that there is. */

import { useEffect, useState, type ReactElement } from 'react'
import type { Instance } from '../../contract/instance.ts'
import type { Crash } from '../../contract/supervision.ts'
import { crashDetail } from '../state/crash-words.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { copyText } from '../widgets/copy-text.ts'
import { NoticeCard } from '../widgets/notice-card.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import styles from './instances.module.css'

export function FailureCard({ instance }: { readonly instance: Instance }): ReactElement | null {
  const { attempt, commands, instances, snapshots } = useWorkbench()
  const { failure, state, storage } = instance
  const crash = useLastCrash(instance)
  const timeline = useStore(snapshots.timeline)
  if (failure === null || state === 'ready') return null
  const detail = crash ? crashDetail(crash) : null
  const hasFiles = storage === 'directory'
  const newest = timeline?.instanceId === instance.id ? timeline.list.snapshots[0] : undefined
  return (
    <NoticeCard
      kind="failure"
      actions={
        <>
          <TextButton onPress={() => attempt(() => instances.start(instance.id))}>Start again</TextButton>
          {hasFiles ? (
            <>
              <TextButton onPress={() => commands.run('database.export')}>Save a copy…</TextButton>
              <TextButton onPress={() => commands.run('database.dump')}>Dump…</TextButton>
              {newest ? (
                <TextButton onPress={() => snapshots.ask('rewind', instance, newest)}>
                  Rewind to the last snapshot…
                </TextButton>
              ) : null}
            </>
          ) : null}
          <TextButton onPress={() => attempt(() => copyText([failure, detail ?? ''].join('\n').trim()))}>
            Copy text
          </TextButton>
        </>
      }
    >
      <p>{failure}.</p>
      {hasFiles && crash && newest ? <p>All its snapshots, to go back to another one, are below.</p> : null}
      {detail === null ? null : (
        <details>
          <summary>What it logged last</summary>
          <pre className={styles['log']}>{detail}</pre>
        </details>
      )}
    </NoticeCard>
  )
}

/** Asked for when it has failed; without an answer there is nothing to show. */
function useLastCrash({ id, state }: Instance): Crash | null {
  const { instances } = useWorkbench()
  const [found, setFound] = useState<{ readonly id: string; readonly crash: Crash | null } | null>(null)
  useEffect(() => {
    let isCurrent = true
    if (state === 'failed') {
      instances.crashes(id).then(
        (crashes) => isCurrent && setFound({ id, crash: crashes.at(-1) ?? null }),
        () => undefined,
      )
    }
    return () => {
      isCurrent = false
    }
  }, [id, instances, state])
  return found?.id === id ? found.crash : null
}
