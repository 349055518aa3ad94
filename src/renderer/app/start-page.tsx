/** What is shown until the window has its state: what is being done, or why it cannot go on. */

import { Unplug } from 'lucide-react'
import type { ReactElement } from 'react'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { EmptyState } from '../widgets/empty-state.tsx'
import { ProgressBar } from '../widgets/progress-bar.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import styles from './app.module.css'

export function StartPage(): ReactElement {
  const workbench = useWorkbench()
  const phase = useStore(workbench.phase)
  const connection = useStore(workbench.connection)
  if (connection.kind === 'refused') {
    return <Trouble title="This window may not use Wardian" reason={connection.reason} />
  }
  if (connection.kind === 'waiting') {
    return <Trouble title="Wardian cannot be reached" reason={`${connection.reason} It is tried again.`} />
  }
  if (phase.kind === 'failed') return <Trouble title="Wardian could not start" reason={phase.error.message} />
  return (
    <main className={styles['start']}>
      <ProgressBar label={phase.kind === 'starting' ? phase.doing : 'Starting'} />
    </main>
  )
}

function Trouble({ title, reason }: { readonly title: string; readonly reason: string }): ReactElement {
  const workbench = useWorkbench()
  return (
    <main className={styles['start']}>
      <EmptyState icon={Unplug} title={title}>
        <p>{reason}</p>
        <TextButton kind="primary" onPress={() => workbench.reconnect()}>
          Try again now
        </TextButton>
      </EmptyState>
    </main>
  )
}
