/** The open view of the sidebar with its heading. */

import { Plus, RefreshCw } from 'lucide-react'
import type { ReactElement } from 'react'
import { ExplorerPane } from '../explorer/explorer-pane.tsx'
import { HistoryPane } from '../history/history-pane.tsx'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { IconButton } from '../widgets/icon-button.tsx'
import { InstanceSwitcher } from './instance-switcher.tsx'
import styles from './sidebar.module.css'

export function Sidebar(): ReactElement {
  const { layout, commands } = useWorkbench()
  const { sidebar } = useStore(layout.layout)
  if (sidebar === 'history') {
    return (
      <section className={styles['sidebar']} data-area="sidebar" aria-label="History">
        <header className={styles['head']}>
          <h2 className={styles['title']}>History</h2>
        </header>
        <div className={styles['view']}>
          <HistoryPane />
        </div>
      </section>
    )
  }
  return (
    <section className={styles['sidebar']} data-area="sidebar" aria-label="Databases">
      <header className={styles['head']}>
        <InstanceSwitcher />
        <IconButton icon={RefreshCw} label="Refresh tree" onPress={() => commands.run('database.refresh')} />
        <IconButton icon={Plus} label="New database" onPress={() => commands.run('database.new')} />
      </header>
      <div className={styles['view']}>
        <ExplorerPane onNewInstance={() => commands.run('database.new')} />
      </div>
    </section>
  )
}
