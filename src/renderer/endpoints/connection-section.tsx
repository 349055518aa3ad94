/** How other programs connect to a database, in the forms they want it in. The password is shown when asked for. */

import { ChevronsUpDown, Copy, Database, Eye, EyeOff } from 'lucide-react'
import { useEffect, useState, type ReactElement } from 'react'
import { Button } from 'react-aria-components'
import type { ConnectionFormKind, Endpoint, EndpointConnection } from '../../contract/endpoint.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { copyText } from '../widgets/copy-text.ts'
import { IconButton } from '../widgets/icon-button.tsx'
import { MenuButton } from '../widgets/menu.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { maskedText } from './masked-text.ts'
import styles from './endpoints.module.css'

const formNames: Readonly<Record<ConnectionFormKind, string>> = {
  url: 'URL',
  psql: 'psql',
  jdbc: 'JDBC',
  node: 'Node',
  env: '.env',
  socket: 'Socket',
}

export function ConnectionSection({ endpoint }: { readonly endpoint: Endpoint }): ReactElement {
  const workbench = useWorkbench()
  const { instances } = workbench
  const list = useStore(instances.instances)
  const currentId = useStore(instances.currentId)
  const [chosenId, setChosenId] = useState<string | null>(null)
  const [isShown, setIsShown] = useState(false)
  const instance = instances.find(chosenId) ?? instances.find(currentId) ?? list[0] ?? null
  const connection = useConnection(endpoint, instance?.id ?? null)
  const copy = (kind: ConnectionFormKind): void =>
    workbench.attempt(async () => {
      if (!instance) return
      await copyText(await workbench.endpoint.form(instance.id, kind))
      workbench.toasts.info(`Copied for ${instance.name}: ${formNames[kind]}`)
    })
  if (!instance) return <NoDatabase />
  const choices = list.map(({ id, name }) => {
    return { id, label: name, icon: Database, isChecked: id === instance.id, onChoose: () => setChosenId(id) }
  })
  return (
    <section className={styles['section']} aria-label="Connect">
      <header className={styles['sectionHead']}>
        <h2>Connect to</h2>
        <MenuButton label="Database to connect to" groups={[choices]}>
          <Button className={styles['choose'] ?? ''} aria-label={`Database to connect to: ${instance.name}`}>
            <span className={styles['chosen']}>{instance.name}</span>
            <ChevronsUpDown size={14} aria-hidden />
          </Button>
        </MenuButton>
        <span className={styles['space']} />
        <IconButton
          icon={isShown ? EyeOff : Eye}
          label={isShown ? 'Hide the password' : 'Show the password'}
          isPressed={isShown}
          onPress={() => setIsShown(!isShown)}
        />
        <TextButton kind="primary" onPress={() => copy('url')}>
          Copy connection string
        </TextButton>
      </header>
      <ul className={styles['forms']}>
        {connection?.forms.map(({ kind, text }) => (
          <li key={kind} className={styles['form']}>
            <span className={styles['formName']}>{formNames[kind]}</span>
            <code className={styles['formText']}>
              {isShown ? text : maskedText(text, connection.password)}
            </code>
            <IconButton icon={Copy} label={`Copy ${formNames[kind]}`} onPress={() => copy(kind)} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function NoDatabase(): ReactElement {
  const { commands } = useWorkbench()
  return (
    <section className={styles['section']} aria-label="Connect">
      <p className={styles['note']}>There is no database to connect to yet.</p>
      <div>
        <TextButton kind="primary" onPress={() => commands.run('database.new')}>
          New database
        </TextButton>
      </div>
    </section>
  )
}

/** How one connects now; null until the host has told. What is copied is asked for anew. */
function useConnection(endpoint: Endpoint, instanceId: string | null): EndpointConnection | null {
  const workbench = useWorkbench()
  const passwordChanges = useStore(workbench.endpoint.passwordChanges)
  const [connection, setConnection] = useState<EndpointConnection | null>(null)
  const { port, socketPath } = endpoint
  const { tls } = endpoint.options
  useEffect(() => {
    if (instanceId === null) return
    let isWanted = true
    workbench.attempt(async () => {
      const found = await workbench.endpoint.connection(instanceId)
      if (isWanted) setConnection(found)
    })
    return () => {
      isWanted = false
    }
  }, [workbench, instanceId, port, socketPath, tls, passwordChanges])
  return connection
}
