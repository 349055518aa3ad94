/** All databases as a table; the chosen row is the one that is told about below. */

import { Database } from 'lucide-react'
import { useState, type ReactElement } from 'react'
import { Cell, Column, Row, Table, TableBody, TableHeader, type SortDescriptor } from 'react-aria-components'
import type { Instance } from '../../contract/instance.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { classes } from '../widgets/class-names.ts'
import { EmptyState } from '../widgets/empty-state.tsx'
import { dotOfState, stateWords } from '../widgets/instance-words.ts'
import { formatMoment } from '../widgets/number-format.ts'
import { SortedTitle } from '../widgets/sorted-title.tsx'
import { StateDot } from '../widgets/state-dot.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { durabilityWords, engineWords, sizeWords, sortInstances, storageWords } from './instance-columns.ts'
import { instanceColumns, type InstanceColumn } from './instance-columns.ts'
import styles from './instances.module.css'

export function InstanceTable(): ReactElement {
  const { commands, instancePage, instances } = useWorkbench()
  const list = useStore(instances.instances)
  useStore(instancePage.selectedId)
  useStore(instances.currentId)
  const [order, setOrder] = useState<SortDescriptor>({ column: 'name', direction: 'ascending' })
  if (list.length === 0) {
    return (
      <EmptyState icon={Database} title="There is no database yet">
        <p>A database lives here, in a directory of its own or in memory. Making one takes half a second.</p>
        <TextButton kind="primary" onPress={() => commands.run('database.new')}>
          New database
        </TextButton>
      </EmptyState>
    )
  }
  const selectedId = instancePage.selected?.id
  return (
    <div className={styles['tablePlace']}>
      <Table
        className={styles['table'] ?? ''}
        aria-label="Databases"
        selectionMode="single"
        selectionBehavior="replace"
        disallowEmptySelection
        selectedKeys={selectedId === undefined ? [] : [selectedId]}
        onSelectionChange={(keys) => {
          const [id] = keys === 'all' ? [] : keys
          if (typeof id === 'string') instancePage.select(id)
        }}
        sortDescriptor={order}
        onSortChange={setOrder}
      >
        <TableHeader>
          {instanceColumns.map(([column, title]) => (
            <Column
              key={column}
              id={column}
              allowsSorting
              isRowHeader={column === 'name'}
              className={classes(styles['column'], styles[column])}
            >
              {({ sortDirection }) => <SortedTitle title={title} direction={sortDirection} />}
            </Column>
          ))}
        </TableHeader>
        <TableBody items={sortInstances(list, order.column as InstanceColumn, order.direction)}>
          {(instance) => (
            <Row id={instance.id} className={styles['row'] ?? ''} textValue={instance.name}>
              <InstanceCells instance={instance} />
            </Row>
          )}
        </TableBody>
      </Table>
    </div>
  )
}

function InstanceCells({ instance }: { readonly instance: Instance }): ReactElement {
  const { clock } = useWorkbench()
  const { name, state, createdAtMs } = instance
  return (
    <>
      <Cell className={classes(styles['cell'], styles['name'])}>
        <StateDot kind={dotOfState(state)} label={stateWords[state]} />
        <span title={name}>{name}</span>
      </Cell>
      <Cell className={classes(styles['cell'], styles['state'], state === 'failed' && styles['failed'])}>
        {stateWords[state]}
      </Cell>
      <Cell className={classes(styles['cell'], styles['engine'])}>{engineWords(instance)}</Cell>
      <Cell className={classes(styles['cell'], styles['size'])}>{sizeWords(instance)}</Cell>
      <Cell className={classes(styles['cell'], styles['storage'])}>{storageWords(instance)}</Cell>
      <Cell className={classes(styles['cell'], styles['durability'])}>{durabilityWords(instance)}</Cell>
      <Cell className={classes(styles['cell'], styles['created'])}>
        {formatMoment(createdAtMs, clock.nowMs())}
      </Cell>
    </>
  )
}
