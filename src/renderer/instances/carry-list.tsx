/** Databases on their way: what is done, how far it is, and a way to end it. */

import type { ReactElement } from 'react'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { ProgressBar } from '../widgets/progress-bar.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import styles from './instances.module.css'

export function CarryList(): ReactElement | null {
  const { carry } = useWorkbench()
  const running = useStore(carry.running)
  if (running.length === 0) return null
  return (
    <ul className={styles['carrying']} aria-label="Under way">
      {running.map(({ id, words, fraction }) => (
        <li key={id} className={styles['carried']}>
          <ProgressBar label={words} fraction={fraction} />
          <TextButton onPress={() => carry.cancel(id)}>Cancel</TextButton>
        </li>
      ))}
    </ul>
  )
}
