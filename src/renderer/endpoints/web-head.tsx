/** Whether the web endpoint listens, where, and how one connects; what hinders it, and what can be done about that. */

import { Copy, TriangleAlert } from 'lucide-react'
import type { ReactElement } from 'react'
import type { WebEndpoint } from '../../contract/web-endpoint.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { copyText } from '../widgets/copy-text.ts'
import { IconButton } from '../widgets/icon-button.tsx'
import { StateDot } from '../widgets/state-dot.tsx'
import { endpointDots } from './endpoint-dots.ts'
import { HeadButtons } from './head-buttons.tsx'
import { StopDialog } from './stop-dialog.tsx'
import { neonSettings } from './neon-settings.ts'
import styles from './endpoints.module.css'

export function WebHead({ endpoint }: { readonly endpoint: WebEndpoint }): ReactElement {
  const { web } = useWorkbench()
  const { clientCount, failure, state } = endpoint
  return (
    <section className={styles['head']} aria-label="Web">
      <div className={styles['headline']}>
        <div className={styles['headState']} role="status">
          <StateDot kind={endpointDots[state]} label={state} />
          <strong>{stateWords(endpoint)}</strong>
        </div>
        <HeadButtons endpoint={endpoint} parts={web} />
      </div>
      {failure ? (
        <div className={styles['failure']} role="alert">
          <TriangleAlert size={14} className={styles['failureIcon']} aria-hidden />
          <div className={styles['failureText']}>
            <p>{failure.message}.</p>
          </div>
        </div>
      ) : (
        <p className={styles['note']}>{noteOf(endpoint)}</p>
      )}
      {state === 'listening' ? <Addresses endpoint={endpoint} /> : null}
      <StopDialog isAsking={web.isAskingToStop} clientCount={clientCount} onStop={() => web.stop()} />
    </section>
  )
}

function stateWords({ state, url }: WebEndpoint): string {
  switch (state) {
    case 'off':
      return 'Off: no page can connect'
    case 'starting':
      return 'Starting…'
    case 'listening':
      return `Listening at ${url}`
    case 'stopping':
      return 'Stopping: clients are being disconnected…'
    case 'failed':
      return 'Could not start'
  }
}

function noteOf({ state, options: { address, allowedOrigins } }: WebEndpoint): string {
  if (state !== 'listening') {
    return (
      'Start it, and pages in a browser, and programs that cannot open a TCP socket, use the databases of this ' +
      'workbench over WebSockets, each with a token.'
    )
  }
  const where = address === null ? 'on this machine' : `that reach ${address}`
  const pages =
    allowedOrigins.length === 0
      ? 'pages do not, until their origin is allowed below'
      : 'so do the pages that are allowed'
  return `Programs ${where} connect with a token, which says what they may see; ${pages}.`
}

function Addresses({ endpoint }: { readonly endpoint: WebEndpoint }): ReactElement {
  const workbench = useWorkbench()
  const copy = (name: string, text: string): void =>
    workbench.attempt(async () => {
      await copyText(text)
      workbench.toasts.info(`Copied: ${name}`)
    })
  return (
    <ul className={styles['forms']}>
      {addressesOf(endpoint).map(([name, text]) => (
        <li key={name} className={styles['form']}>
          <span className={styles['formName']}>{name}</span>
          <code className={styles['formText']}>{text}</code>
          <IconButton icon={Copy} label={`Copy ${name}`} onPress={() => copy(name, text)} />
        </li>
      ))}
    </ul>
  )
}

/** What each kind of client is given. */
function addressesOf({
  url,
  certificatePath,
}: WebEndpoint): readonly (readonly [name: string, text: string])[] {
  if (url === null) return []
  const socket = url.replace(/^http/, 'ws')
  const certificate = certificatePath === null ? [] : [['CA', certificatePath] as const]
  return [['Client', `${socket}/v1`], ['Neon', neonSettings(url)], ['HTTP', `${url}/sql`], ...certificate]
}
