/** The page of all databases: which there are, what is known of one, and the trash. */

import { FileUp, FolderOpen, Plus, Trash2, X } from 'lucide-react'
import type { KeyboardEvent, ReactElement } from 'react'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { IconButton } from '../widgets/icon-button.tsx'
import { CarryList } from './carry-list.tsx'
import { InstanceDetail, type InstanceSection } from './instance-detail.tsx'
import { InstanceTable } from './instance-table.tsx'
import { TrashView } from './trash-view.tsx'
import styles from './instances.module.css'

interface InstancesPageProps {
  /** What is shown of an instance, from top to bottom. */
  readonly sections: readonly InstanceSection[]
}

export function InstancesPage({ sections }: InstancesPageProps): ReactElement {
  const { consoles, commands, instancePage } = useWorkbench()
  const view = useStore(instancePage.view)
  const leave = (): void => {
    if (view === 'trash') instancePage.view.set('instances')
    else consoles.editor.focus()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    // What opens over the page takes it first; in a field it would throw away what is being typed.
    const isTyping = event.target instanceof HTMLInputElement
    if (event.key === 'Escape' && !event.defaultPrevented && !isTyping) leave()
  }
  return (
    <main className={styles['page']} data-area="page" aria-label="Databases" onKeyDown={onKeyDown}>
      <header className={styles['bar']}>
        <h1 className={styles['title']}>{view === 'trash' ? 'Trash' : 'Databases'}</h1>
        <span className={styles['space']} />
        <IconButton icon={Plus} label="New database" onPress={() => commands.run('database.new')} />
        <IconButton icon={FileUp} label="Import a database" onPress={() => commands.run('database.import')} />
        <IconButton
          icon={FolderOpen}
          label="Open a directory"
          onPress={() => commands.run('database.open-directory')}
        />
        <IconButton
          icon={Trash2}
          label="Trash"
          isPressed={view === 'trash'}
          onPress={() => instancePage.view.set(view === 'trash' ? 'instances' : 'trash')}
        />
        <IconButton
          icon={X}
          label="Back to the consoles"
          keys="Escape"
          onPress={() => consoles.editor.focus()}
        />
      </header>
      <div className={styles['body']}>
        <CarryList />
        {view === 'trash' ? (
          <TrashView />
        ) : (
          <>
            <InstanceTable />
            <InstanceDetail sections={sections} />
          </>
        )}
      </div>
    </main>
  )
}
