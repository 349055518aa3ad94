/** The tabs and the console in front. Puts panes together that do not know each other. */

import { SquareTerminal } from 'lucide-react'
import type { ReactElement } from 'react'
import { ConsolePane } from '../console/console-pane.tsx'
import { GridPane } from '../grid/grid-pane.tsx'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { EmptyState } from '../widgets/empty-state.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { TabStrip } from './tab-strip.tsx'
import styles from './app.module.css'

interface ConsoleAreaProps {
  readonly renamingId: string | null
  readonly onRename: (tabId: string | null) => void
}

export function ConsoleArea({ renamingId, onRename }: ConsoleAreaProps): ReactElement {
  const { consoles, commands, settings } = useWorkbench()
  const tab = useStore(consoles.activeTab)
  const { rowHeight } = useStore(settings.settings)
  return (
    <main className={styles['consoles']} aria-label="Consoles">
      <TabStrip renamingId={renamingId} onRename={onRename} />
      <div className={styles['console']}>
        {tab ? (
          <ConsolePane
            tab={tab}
            renderRows={(result, label) => <GridPane source={result} rowHeight={rowHeight} label={label} />}
          />
        ) : (
          <EmptyState icon={SquareTerminal} title="No console is open">
            <TextButton kind="primary" onPress={() => commands.run('tab.new')}>
              New console
            </TextButton>
          </EmptyState>
        )}
      </div>
    </main>
  )
}
