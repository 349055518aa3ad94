/** The name of the current database, and under it the others and what can be done with them. */

import { ChevronsUpDown, Database, Plus, Power, Trash2 } from 'lucide-react'
import type { ReactElement } from 'react'
import { Button } from 'react-aria-components'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { MenuButton, type MenuGroups } from '../widgets/menu.tsx'
import { StateDot } from '../widgets/state-dot.tsx'
import { describeInstance, stateWords } from './instance-words.ts'
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
        {current ? <StateDot kind={dotKind(current.state)} label={stateWords[current.state]} /> : null}
        <span className={styles['name']}>
          {current?.name ?? (list.length === 0 && currentId === null ? 'No database' : 'Choose a database')}
        </span>
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
    icon: Database,
    isChecked: instance.id === currentId,
    onChoose: () => workbench.attempt(() => workbench.switchInstance(instance.id)),
  }))
  const create = { id: 'new', label: 'New database…', icon: Plus, onChoose: run('database.new') }
  if (!current) return [others, [create]]
  const isStopped = current.state === 'stopped' || current.state === 'failed'
  const power = {
    id: 'power',
    label: `${isStopped ? 'Start' : 'Stop'} ${current.name}`,
    icon: Power,
    onChoose: run(isStopped ? 'database.start' : 'database.stop'),
  }
  const remove = {
    id: 'delete',
    label: `Delete ${current.name}…`,
    icon: Trash2,
    isDanger: true,
    onChoose: run('database.delete'),
  }
  return [others, [create], [power, remove]]
}

function dotKind(state: string): 'ok' | 'waiting' | 'failed' | 'idle' {
  if (state === 'ready') return 'ok'
  if (state === 'failed') return 'failed'
  return state === 'stopped' ? 'idle' : 'waiting'
}
