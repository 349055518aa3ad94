/** Who is connected: what each client does, for whom it waits and since when, to be cancelled and disconnected. */

import { Plug } from 'lucide-react'
import { useEffect, useState, type ReactElement } from 'react'
import type { EndpointClient } from '../../contract/endpoint.ts'
import type { ClientFeed } from '../state/client-feed.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { Dialog, DialogActions } from '../widgets/dialog.tsx'
import { EmptyState } from '../widgets/empty-state.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { ClientTable } from './client-table.tsx'
import { clientName, countWords, hasWorkToLose } from './client-words.ts'
import styles from './endpoints.module.css'

export function ClientsSection({ feed }: { readonly feed: ClientFeed }): ReactElement {
  const workbench = useWorkbench()
  const clients = useStore(feed.clients)
  const [doomed, setDoomed] = useState<EndpointClient | null>(null)
  useEffect(() => {
    const looking = feed.look()
    return () => looking.dispose()
  }, [feed])
  const cancel = (client: EndpointClient): void => workbench.attempt(() => feed.cancel(client.id))
  const disconnect = (client: EndpointClient): void => workbench.attempt(() => feed.disconnect(client.id))
  return (
    <section className={styles['clients']} aria-label="Clients">
      <header className={styles['sectionHead']}>
        <h2>Clients</h2>
        <span className={styles['count']}>{clients.length === 0 ? 'none' : countWords(clients.length)}</span>
      </header>
      {clients.length === 0 ? (
        <EmptyState icon={Plug} title="Nobody is connected">
          <p>Whoever connects appears here, with what it runs and whom it waits for.</p>
        </EmptyState>
      ) : (
        <ClientTable
          clients={clients}
          onCancel={cancel}
          onDisconnect={(client) => (hasWorkToLose(client) ? setDoomed(client) : disconnect(client))}
        />
      )}
      <DisconnectDialog client={doomed} onClose={() => setDoomed(null)} onConfirm={disconnect} />
    </section>
  )
}

interface DisconnectDialogProps {
  /** Null while it is closed. */
  readonly client: EndpointClient | null
  readonly onClose: () => void
  readonly onConfirm: (client: EndpointClient) => void
}

function DisconnectDialog({ client, onClose, onConfirm }: DisconnectDialogProps): ReactElement {
  const name = client ? clientName(client) : 'the client'
  const confirm = (): void => {
    onClose()
    if (client) onConfirm(client)
  }
  return (
    <Dialog title={`Disconnect ${name}?`} isOpen={client !== null} onClose={onClose}>
      <div>
        What it runs is cancelled, what it has open in a transaction is rolled back, and its connection is
        closed (57P01).
      </div>
      <DialogActions>
        <TextButton onPress={onClose} autoFocus>
          Keep it
        </TextButton>
        <TextButton kind="danger" onPress={confirm}>
          Disconnect {name}
        </TextButton>
      </DialogActions>
    </Dialog>
  )
}
