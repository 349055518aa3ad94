/** The clients as a table that sorts. Rows of clients that have not changed are not drawn again. */

import { OctagonX, Unplug } from 'lucide-react'
import { useState, type ReactElement } from 'react'
import { Cell, Column, Row, Table, TableBody, TableHeader } from 'react-aria-components'
import type { EndpointClient } from '../../contract/endpoint.ts'
import { useTick } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { classes } from '../widgets/class-names.ts'
import { IconButton } from '../widgets/icon-button.tsx'
import { SortedTitle } from '../widgets/sorted-title.tsx'
import { StateDot } from '../widgets/state-dot.tsx'
import {
  addressWords,
  ageWords,
  clientName,
  databaseWords,
  dotOf,
  isBusy,
  sortClients,
  type ClientColumn,
  type ClientOrder,
} from './client-words.ts'
import styles from './endpoints.module.css'

/** More rows than anybody reads; a pool of hundreds stays quick to draw. */
const rowsMax = 200

const ageTickMs = 1_000

const columns: readonly (readonly [column: ClientColumn, title: string])[] = [
  ['client', 'Client'],
  ['state', 'State'],
  ['since', 'Since'],
  ['statement', 'Statement'],
  ['waitingFor', 'Waiting for'],
  ['database', 'Database'],
  ['role', 'Role'],
  ['address', 'Address'],
]

interface ClientTableProps {
  readonly clients: readonly EndpointClient[]
  readonly onCancel: (client: EndpointClient) => void
  readonly onDisconnect: (client: EndpointClient) => void
}

export function ClientTable({ clients, onCancel, onDisconnect }: ClientTableProps): ReactElement {
  const [order, setOrder] = useState<ClientOrder>({ column: 'state', direction: 'ascending' })
  const shown = sortClients(clients, order).slice(0, rowsMax)
  const left = clients.length - shown.length
  return (
    <div className={styles['tablePlace']}>
      <Table
        className={styles['table'] ?? ''}
        aria-label="Clients"
        sortDescriptor={order}
        onSortChange={({ column, direction }) => setOrder({ column: column as ClientColumn, direction })}
      >
        <TableHeader>
          {columns.map(([column, title]) => (
            <Column
              key={column}
              id={column}
              allowsSorting
              isRowHeader={column === 'client'}
              className={classes(styles['column'], styles[column])}
            >
              {({ sortDirection }) => <SortedTitle title={title} direction={sortDirection} />}
            </Column>
          ))}
          <Column id="actions" className={classes(styles['column'], styles['actions'])}>
            <span className={styles['hidden']}>Actions</span>
          </Column>
        </TableHeader>
        <TableBody items={shown}>
          {(client) => (
            <Row id={client.id} className={styles['row'] ?? ''} textValue={clientName(client)}>
              <ClientCells client={client} />
              <Cell className={classes(styles['cell'], styles['actions'])}>
                <Actions client={client} onCancel={onCancel} onDisconnect={onDisconnect} />
              </Cell>
            </Row>
          )}
        </TableBody>
      </Table>
      {left > 0 ? <p className={styles['note']}>and {left} more; sort to see others first</p> : null}
    </div>
  )
}

function ClientCells({ client }: { readonly client: EndpointClient }): ReactElement {
  const { state, stateSinceMs, statement, waitingFor, role } = client
  const isOver = !isBusy(client)
  return (
    <>
      <Cell className={classes(styles['cell'], styles['client'])}>{clientName(client)}</Cell>
      <Cell className={classes(styles['cell'], styles['state'])}>
        <span aria-hidden>
          <StateDot kind={dotOf(state)} label={state} />
        </span>
        {state}
      </Cell>
      <Cell className={classes(styles['cell'], styles['since'])}>
        <Age sinceMs={stateSinceMs} />
      </Cell>
      <Cell className={classes(styles['cell'], styles['statement'], isOver && styles['over'])}>
        <span title={statement ?? undefined}>{statement ?? ''}</span>
      </Cell>
      <Cell className={classes(styles['cell'], styles['waitingFor'])}>
        <span title={waitingFor ?? undefined}>{waitingFor ?? ''}</span>
      </Cell>
      <Cell className={classes(styles['cell'], styles['database'])}>{databaseWords(client)}</Cell>
      <Cell className={classes(styles['cell'], styles['role'])}>{role}</Cell>
      <Cell className={classes(styles['cell'], styles['address'])}>{addressWords(client)}</Cell>
    </>
  )
}

/** Grows while one looks. */
function Age({ sinceMs }: { readonly sinceMs: number }): ReactElement {
  const { clock } = useWorkbench()
  useTick(true, ageTickMs)
  return <time>{ageWords(clock.nowMs() - sinceMs)}</time>
}

interface ActionsProps {
  readonly client: EndpointClient
  readonly onCancel: (client: EndpointClient) => void
  readonly onDisconnect: (client: EndpointClient) => void
}

function Actions({ client, onCancel, onDisconnect }: ActionsProps): ReactElement {
  const name = clientName(client)
  return (
    <span className={styles['actionButtons']}>
      <IconButton
        icon={OctagonX}
        label={`Cancel the statement of ${name}`}
        isDisabled={!isBusy(client)}
        placement="top"
        onPress={() => onCancel(client)}
      />
      <IconButton
        icon={Unplug}
        label={`Disconnect ${name}`}
        placement="top"
        onPress={() => onDisconnect(client)}
      />
    </span>
  )
}
