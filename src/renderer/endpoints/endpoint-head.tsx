/** Whether the endpoint listens, and where; what hinders it, and what can be done about that. */

import { Copy, TriangleAlert } from 'lucide-react'
import type { ReactElement } from 'react'
import type { Endpoint } from '../../contract/endpoint.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { copyText } from '../widgets/copy-text.ts'
import { StateDot } from '../widgets/state-dot.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { HeadButtons } from './head-buttons.tsx'
import { endpointDots } from './endpoint-dots.ts'
import { StopDialog } from './stop-dialog.tsx'
import styles from './endpoints.module.css'

export function EndpointHead({ endpoint }: { readonly endpoint: Endpoint }): ReactElement {
  const { endpoint: parts } = useWorkbench()
  return (
    <section className={styles['head']} aria-label="Postgres">
      <div className={styles['headline']}>
        <div className={styles['headState']} role="status">
          <StateDot kind={endpointDots[endpoint.state]} label={endpoint.state} />
          <strong>{stateWords(endpoint)}</strong>
        </div>
        <HeadButtons endpoint={endpoint} parts={parts} />
      </div>
      {endpoint.failure ? (
        <Failure endpoint={endpoint} failure={endpoint.failure} />
      ) : (
        <p className={styles['note']}>{noteOf(endpoint)}</p>
      )}
      <StopDialog
        isAsking={parts.isAskingToStop}
        clientCount={endpoint.clientCount}
        onStop={() => parts.stop()}
      />
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
