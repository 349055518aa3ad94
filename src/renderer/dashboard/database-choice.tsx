/** What only a database has is asked for: which one? */

import { Database } from 'lucide-react'
import type { ReactElement } from 'react'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { EmptyState } from '../widgets/empty-state.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import styles from './dashboard.module.css'

/** More are in the menu. */
const buttonsMax = 8

export function DatabaseChoice({ title }: { readonly title: string }): ReactElement {
  const { dashboard, instances, commands } = useWorkbench()
  const list = useStore(instances.instances)
  if (list.length === 0) {
    return (
      <EmptyState icon={Database} title="There is no database yet">
        <TextButton kind="primary" onPress={() => commands.run('database.new')}>
          New database
        </TextButton>
      </EmptyState>
    )
  }
  return (
    <EmptyState icon={Database} title={`${title}: of which database?`}>
      <p>This is told of one database at a time.</p>
      <div className={styles['choices']}>
        {list.slice(0, buttonsMax).map(({ id, name }) => (
          <TextButton
            key={id}
            kind={id === instances.currentId.value ? 'primary' : 'plain'}
            onPress={() => dashboard.view.setScope(id)}
          >
            {name}
          </TextButton>
        ))}
      </div>
    </EmptyState>
  )
}
