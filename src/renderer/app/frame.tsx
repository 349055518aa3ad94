/** The window once it has its state: views on the left, consoles on the right, status below. */

import { useEffect, type ReactElement } from 'react'
import { DashboardPage } from '../dashboard/dashboard-page.tsx'
import { EndpointsPage } from '../endpoints/endpoints-page.tsx'
import { InstancesPage } from '../instances/instances-page.tsx'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { SplitPane, type PanelShape } from '../widgets/split-pane.tsx'
import { ActivityBar } from './activity-bar.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { ConsoleArea } from './console-area.tsx'
import { dashboardParts } from './dashboard-parts.ts'
import { instanceSections } from './instance-sections.ts'
import { Sidebar } from './sidebar.tsx'
import { StatusBar } from './status-bar.tsx'
import styles from './app.module.css'

const sidebarShape: PanelShape = {
  id: 'sidebar',
  defaultSize: '260px',
  minSize: '180px',
  maxSize: '50%',
  isFixed: true,
}
const consolesShape: PanelShape = { id: 'consoles', minSize: '320px' }

interface FrameProps {
  readonly renamingId: string | null
  readonly onRename: (tabId: string | null) => void
}

export function Frame({ renamingId, onRename }: FrameProps): ReactElement {
  const { layout, consoles } = useWorkbench()
  const { isSidebarOpen, page } = useStore(layout.layout)
  useEffect(() => {
    if (page === 'consoles') consoles.editor.focus()
  }, [consoles, page])
  return (
    <div className={styles['window']}>
      <ConnectionBanner />
      <div className={styles['middle']}>
        <ActivityBar />
        <div className={styles['content']}>
          <SplitPane
            id="window"
            orientation="horizontal"
            panels={isSidebarOpen ? [sidebarShape, consolesShape] : [consolesShape]}
            sizes={layout.sizesOf('window')}
            onResized={(sizes) => layout.setSizes('window', sizes)}
          >
            {isSidebarOpen ? <Sidebar /> : null}
            <div className={styles['main']}>
              <div className={styles['page']} hidden={page !== 'consoles'}>
                <ConsoleArea renamingId={renamingId} onRename={onRename} />
              </div>
              {page === 'endpoints' ? <EndpointsPage /> : null}
              {page === 'dashboard' ? <DashboardPage parts={dashboardParts} /> : null}
              {page === 'instances' ? <InstancesPage sections={instanceSections} /> : null}
            </div>
          </SplitPane>
        </div>
      </div>
      <StatusBar />
    </div>
  )
}
