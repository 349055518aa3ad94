/** What can be done about an endpoint in the state that it is in: started, stopped, tried again. */

import { useState, type ReactElement } from 'react'
import type { Endpoint } from '../../contract/endpoint.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import type { Store } from '../state/store.ts'
import { TextButton } from '../widgets/text-button.tsx'
import styles from './endpoints.module.css'

interface HeadButtonsProps {
  readonly endpoint: Pick<Endpoint, 'state' | 'clientCount' | 'failure'>
  readonly parts: {
    readonly isAskingToStop: Store<boolean>
    start(): Promise<void>
    startOnFreePort(): Promise<void>
    stop(): Promise<void>
  }
}

export function HeadButtons({ endpoint, parts }: HeadButtonsProps): ReactElement | null {
  const workbench = useWorkbench()
  const { state, clientCount } = endpoint
  const [isWorking, setIsWorking] = useState(false)
  const run = (action: () => Promise<void>) => (): void => {
    setIsWorking(true)
    workbench.attempt(() => action().finally(() => setIsWorking(false)))
  }
  switch (state) {
    case 'listening':
      return (
        <TextButton
          isDisabled={isWorking}
          onPress={() => (clientCount > 0 ? parts.isAskingToStop.set(true) : run(() => parts.stop())())}
        >
          Stop
        </TextButton>
      )
    case 'failed':
      return endpoint.failure?.code === 'in-use' ? (
        <div className={styles['buttons']}>
          <TextButton kind="primary" isDisabled={isWorking} onPress={run(() => parts.startOnFreePort())}>
            Use a free port
          </TextButton>
          <TextButton isDisabled={isWorking} onPress={run(() => parts.start())}>
            Try again
          </TextButton>
        </div>
      ) : (
        <TextButton kind="primary" isDisabled={isWorking} onPress={run(() => parts.start())}>
          Try again
        </TextButton>
      )
    case 'off':
    case 'starting':
      return (
        <TextButton
          kind="primary"
          isDisabled={isWorking || state === 'starting'}
          onPress={run(() => parts.start())}
        >
          Start
        </TextButton>
      )
    case 'stopping':
      return null
  }
}
