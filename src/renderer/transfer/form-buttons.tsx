/** The end of each form about a transfer: not now, or begin. */

import type { ReactElement } from 'react'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { TextButton } from '../widgets/text-button.tsx'
import styles from './transfer.module.css'

interface FormButtonsProps {
  readonly label: string
  readonly isDisabled?: boolean
}

export function FormButtons({ label, isDisabled = false }: FormButtonsProps): ReactElement {
  const { transfers } = useWorkbench()
  const isRunning = useStore(transfers.running) !== null
  return (
    <div className={styles['buttons']}>
      <TextButton onPress={() => transfers.ask(null, null)}>Cancel</TextButton>
      <TextButton kind="primary" type="submit" isDisabled={isDisabled || isRunning}>
        {label}
      </TextButton>
    </div>
  )
}
