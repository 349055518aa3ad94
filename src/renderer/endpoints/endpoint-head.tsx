/** Whether the endpoint listens, and where; what hinders it, and what can be done about that. */

import { Copy, TriangleAlert } from 'lucide-react'
import { useState, type ReactElement } from 'react'
import type { Endpoint } from '../../contract/endpoint.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { copyText } from '../widgets/copy-text.ts'
import { StateDot, type DotKind } from '../widgets/state-dot.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { StopDialog } from './stop-dialog.tsx'
import styles from './endpoints.module.css'

const dots: Readonly<Record<Endpoint['state'], DotKind>> = {
  off: 'idle',
  starting: 'waiting',
  listening: 'ok',
  stopping: 'waiting',
  failed: 'failed',
}

export function EndpointHead({ endpoint }: { readonly endpoint: Endpoint }): ReactElement {
  return (
    <section className={styles['head']} aria-label="Postgres">
      <div className={styles['headline']}>
        <div className={styles['headState']} role="status">
          <StateDot kind={dots[endpoint.state]} label={endpoint.state} />
          <strong>{stateWords(endpoint)}</strong>
        </div>
        <HeadButtons endpoint={endpoint} />
      </div>
      {endpoint.failure ? (
        <Failure endpoint={endpoint} failure={endpoint.failure} />
      ) : (
        <p className={styles['note']}>{noteOf(endpoint)}</p>
      )}
      <StopDialog endpoint={endpoint} />
    </section>
  )
}

function stateWords(endpoint: Endpoint): string {
  const { state, address, port } = endpoint
  switch (state) {
    case 'off':
      return 'Off: no other program can connect'
    case 'starting':
      return 'Starting…'
    case 'listening':
      return `Listening on ${address}:${port}`
    case 'stopping':
      return 'Stopping: clients are being disconnected…'
    case 'failed':
      return takenPort(endpoint) === null
        ? 'Could not start'
        : `Could not listen on port ${takenPort(endpoint)}`
  }
}

/** The port that another program has, if that is what hinders it; a command may have asked for another one. */
function takenPort({ failure, options: { port } }: Endpoint): number | null {
  const isTaken = failure?.code === 'in-use' && failure.message.includes(`port ${port} `)
  return isTaken ? port : null
}

function noteOf({ mode, state, socketPath }: Endpoint): string {
  if (state !== 'listening') {
    return (
      'Start it, and psql, your application, an ORM or a pool use the databases of this workbench as those of a ' +
      'Postgres server: several at once, on this machine, with a password.'
    )
  }
  const socket = socketPath === null ? '' : ` Its Unix-domain socket is ${socketPath}.`
  const copies =
    mode === 'fork'
      ? ' Each connection gets a copy of it, which nobody else sees and which is gone when it leaves.'
      : ''
  return (
    'Programs on this machine connect with the password; the name of the database chooses which one.' +
    `${copies}${socket}`
  )
}

function HeadButtons({ endpoint }: { readonly endpoint: Endpoint }): ReactElement | null {
  const workbench = useWorkbench()
  const { state, clientCount } = endpoint
  const [isWorking, setIsWorking] = useState(false)
  const run = (action: () => Promise<void>) => (): void => {
    setIsWorking(true)
    workbench.attempt(() => action().finally(() => setIsWorking(false)))
  }
  const parts = workbench.endpoint
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

interface FailureProps {
  readonly endpoint: Endpoint
  readonly failure: NonNullable<Endpoint['failure']>
}

function Failure({ endpoint, failure }: FailureProps): ReactElement {
  const workbench = useWorkbench()
  const port = takenPort(endpoint)
  return (
    <div className={styles['failure']} role="alert">
      <TriangleAlert size={14} className={styles['failureIcon']} aria-hidden />
      <div className={styles['failureText']}>
        <p>{failure.message}.</p>
        {port !== null ? (
          <p>
            End that program and try again (<code>lsof -i :{port}</code> names it), or let the endpoint take
            another port: connection strings that you copied before have the old one.
          </p>
        ) : null}
      </div>
      <TextButton onPress={() => workbench.attempt(() => copyText(failure.message))}>
        <Copy size={14} aria-hidden /> Copy
      </TextButton>
    </div>
  )
}
