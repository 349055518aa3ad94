/** The page of the endpoint: whether other programs can connect, how they do, and who is connected. */

import { X } from 'lucide-react'
import type { KeyboardEvent, ReactElement } from 'react'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { IconButton } from '../widgets/icon-button.tsx'
import { ClientsSection } from './clients-section.tsx'
import { ConnectionSection } from './connection-section.tsx'
import { EndpointHead } from './endpoint-head.tsx'
import { OptionsForm } from './options-form.tsx'
import styles from './endpoints.module.css'

export function EndpointsPage(): ReactElement {
  const { endpoint, consoles } = useWorkbench()
  const shown = useStore(endpoint.endpoint)
  const leave = (): void => consoles.editor.focus()
  const onKeyDown = (event: KeyboardEvent): void => {
    // What opens over the page takes it first; in a field it would throw away what is being typed.
    const isTyping = event.target instanceof HTMLInputElement
    if (event.key === 'Escape' && !event.defaultPrevented && !isTyping) leave()
  }
  return (
    <main className={styles['page']} data-area="page" aria-label="Endpoints" onKeyDown={onKeyDown}>
      <header className={styles['bar']}>
        <h1 className={styles['title']}>Endpoints</h1>
        <IconButton icon={X} label="Back to the consoles" keys="Escape" onPress={leave} />
      </header>
      {shown ? (
        <div className={styles['body']}>
          <EndpointHead endpoint={shown} />
          <div className={styles['columns']}>
            {shown.state === 'listening' ? <ConnectionSection endpoint={shown} /> : null}
            <OptionsForm endpoint={shown} />
          </div>
          {shown.state === 'listening' || shown.state === 'stopping' ? <ClientsSection /> : null}
        </div>
      ) : null}
    </main>
  )
}
