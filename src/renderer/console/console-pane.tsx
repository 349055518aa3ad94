/** One console: the editor above, its results below, the line between them draggable and remembered. */

import type { ReactElement } from 'react'
import type { ConsoleTab } from '../state/console-tab.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { SplitPane, type PanelShape } from '../widgets/split-pane.tsx'
import { EditorPane } from './editor-pane.tsx'
import { ResultsArea, type RenderRows } from './results-area.tsx'

const panels: readonly PanelShape[] = [
  { id: 'editor', defaultSize: '45%', minSize: '64px' },
  { id: 'results', minSize: '96px' },
]

interface ConsolePaneProps {
  /** The tab in front. One pane serves all tabs, so that texts, views and grids are kept. */
  readonly tab: ConsoleTab
  readonly renderRows: RenderRows
}

export function ConsolePane({ tab, renderRows }: ConsolePaneProps): ReactElement {
  const { layout } = useWorkbench()
  return (
    <SplitPane
      id="console"
      orientation="vertical"
      panels={panels}
      sizes={layout.sizesOf('console')}
      onResized={(sizes) => layout.setSizes('console', sizes)}
    >
      <EditorPane tab={tab} />
      <ResultsArea tab={tab} renderRows={renderRows} />
    </SplitPane>
  )
}
