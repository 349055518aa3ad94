/** The page that shows what the databases do: whose numbers and of which time at its top, its parts as tabs below. */

import { X } from 'lucide-react'
import { useEffect, useState, type ComponentType, type KeyboardEvent, type ReactElement } from 'react'
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { IconButton } from '../widgets/icon-button.tsx'
import { ChartPictures } from './chart-pictures.ts'
import { dashboardCommands } from './dashboard-commands.ts'
import { DashboardBar } from './dashboard-bar.tsx'
import { DashboardQuestions } from './dashboard-questions.tsx'
import { DatabaseChoice } from './database-choice.tsx'
import { PicturesContext } from './use-pictures.ts'
import tabStyles from '../widgets/tabs.module.css'
import styles from './dashboard.module.css'

/** A part of the page. Parts of the window add theirs where the page is put together. */
export interface DashboardPart {
  readonly id: string
  readonly title: string
  /** Whether there is nothing to show of the host as a whole. */
  readonly needsInstance: boolean
  readonly Content: ComponentType<{ readonly instanceId: string | null }>
}

export function DashboardPage({ parts }: { readonly parts: readonly DashboardPart[] }): ReactElement {
  const workbench = useWorkbench()
  const { dashboard, consoles } = workbench
  const { view } = dashboard
  const scopeId = useStore(view.scopeId)
  const tab = useStore(view.tab)
  const [pictures] = useState(() => new ChartPictures())
  useEffect(() => {
    const registration = workbench.commands.register(dashboardCommands(workbench, pictures))
    return () => registration.dispose()
  }, [workbench, pictures])
  useEffect(() => {
    const looking = view.look()
    return () => looking.dispose()
  }, [view])
  const onKeyDown = (event: KeyboardEvent): void => {
    // What opens over the page takes it first; in a field it would throw away what is being typed.
    const isTyping = event.target instanceof HTMLInputElement
    if (event.key === 'Escape' && !event.defaultPrevented && !isTyping) {
      if (view.canZoomBack.value) view.zoomBack()
      else consoles.editor.focus()
    }
  }
  const shown = parts.find(({ id }) => id === tab) ?? parts[0]
  return (
    <main className={styles['page']} data-area="page" aria-label="Dashboard" onKeyDown={onKeyDown}>
      <header className={styles['bar']}>
        <h1 className={styles['title']}>Dashboard</h1>
        <DashboardBar />
        <IconButton
          icon={X}
          label="Back to the consoles"
          keys="Escape"
          onPress={() => consoles.editor.focus()}
        />
      </header>
      <Tabs
        className={styles['tabs'] ?? ''}
        selectedKey={shown?.id ?? ''}
        onSelectionChange={(key) => view.tab.set(String(key))}
      >
        <TabList className={tabStyles['list'] ?? ''} aria-label="Parts of the dashboard">
          {parts.map(({ id, title }) => (
            <Tab key={id} id={id} className={tabStyles['tab'] ?? ''}>
              {title}
            </Tab>
          ))}
        </TabList>
        {parts.map(({ id, title, needsInstance, Content }) => (
          <TabPanel key={id} id={id} className={styles['body'] ?? ''}>
            {needsInstance && scopeId === null ? (
              <DatabaseChoice title={title} />
            ) : (
              <PicturesContext value={pictures}>
                <Content instanceId={scopeId} />
              </PicturesContext>
            )}
          </TabPanel>
        ))}
      </Tabs>
      <DashboardQuestions />
    </main>
  )
}
