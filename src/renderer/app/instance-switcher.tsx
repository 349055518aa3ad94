/** The name of the current database, and under it the others and what can be done with them. */

import { Boxes, Cable, ChevronsUpDown, Database, Plus, Power, Trash2 } from 'lucide-react'
import type { ReactElement } from 'react'
import { Button } from 'react-aria-components'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { MenuButton, type MenuGroups } from '../widgets/menu.tsx'
import { ServerMark } from '../widgets/server-mark.tsx'
import { StateDot } from '../widgets/state-dot.tsx'
import { describeInstance, dotOfState, removalWords, stateWords } from '../widgets/instance-words.ts'
import styles from './sidebar.module.css'

export function InstanceSwitcher(): ReactElement {
  const workbench = useWorkbench()
  const { instances } = workbench
  const list = useStore(instances.instances)
  const currentId = useStore(instances.currentId)
  const { current } = instances
  return (
    <MenuButton label="Databases" groups={useGroups()}>
      <Button className={styles['switcher'] ?? ''} aria-label={`Database: ${current?.name ?? 'none'}`}>
        {current ? <StateDot kind={dotOfState(current.state)} label={stateWords[current.state]} /> : null}
        <span className={styles['name']}>
          {current?.name ?? (list.length === 0 && currentId === null ? 'No database' : 'Choose a database')}
        </span>
        <ServerMark server={current?.remote ?? null} />
        <ChevronsUpDown size={14} aria-hidden className={styles['arrow']} />
      </Button>
    </MenuButton>
  )
}

function useGroups(): MenuGroups {
  const workbench = useWorkbench()
  const { instances, commands } = workbench
  const list = useStore(instances.instances)
  const currentId = useStore(instances.currentId)
  const { current } = instances
  const run = (id: string) => () => void commands.run(id)
  const others = list.map((instance) => ({
    id: instance.id,
    label: instance.name,
    detail: describeInstance(instance),
    icon: instance.storage === 'remote' ? Cable : Database,
    isChecked: instance.id === currentId,
    onChoose: () => workbench.attempt(() => workbench.switchInstance(instance.id)),
  }))
  const create = { id: 'new', label: 'New database…', icon: Plus, onChoose: run('database.new') }
  const connect = {
    id: 'connect',
    label: 'Connect to a server…',
    icon: Cable,
    onChoose: run('server.connect'),
  }
  const manage = {
    id: 'manage',
    label: 'Manage databases',
    keys: commands.find('view.instances')?.keys?.[0],
    icon: Boxes,
    onChoose: run('view.instances'),
  }
  if (!current) return [others, [create, connect, manage]]
  const isStopped = current.state === 'stopped' || current.state === 'failed'
  const power = {
    id: 'power',
    label: `${isStopped ? 'Start' : 'Stop'} ${current.name}`,
    icon: Power,
    onChoose: () =>
      workbench.attempt(() => (isStopped ? instances.start(current.id) : workbench.stopInstance(current))),
  }
  const remove = {
    id: 'delete',
    label: removalWords(current),
    icon: Trash2,
    isDanger: true,
    onChoose: () => workbench.attempt(() => workbench.removeInstance(current)),
  }
  return [others, [create, connect, manage], [power, remove]]
}
