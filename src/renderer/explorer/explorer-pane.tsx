/** The database tree of the current instance: filter above, tree below, and words when there is no tree. */

import { Database } from 'lucide-react'
import { useRef, useState, type KeyboardEvent, type MouseEvent, type ReactElement } from 'react'
import type { Instance } from '../../contract/instance.ts'
import { findItem } from '../state/explorer-state.ts'
import { useStore, useTick } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { EmptyState } from '../widgets/empty-state.tsx'
import { ContextMenu, type MenuPoint } from '../widgets/menu.tsx'
import { ProgressBar } from '../widgets/progress-bar.tsx'
import { SearchBox } from '../widgets/search-box.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { actOnItem, itemMenu } from './explorer-actions.ts'
import { ExplorerTree } from './explorer-tree.tsx'
import { FailureNotice } from './failure-notice.tsx'
import styles from './explorer.module.css'

/** Heights of a line, as the tokens have them. */
const rowHeightsPx = { compact: 24, comfortable: 28 } as const

interface ExplorerPaneProps {
  readonly onNewInstance: () => void
}

export function ExplorerPane({ onNewInstance }: ExplorerPaneProps): ReactElement {
  const { explorer, instances, consoles } = useWorkbench()
  const filter = useStore(explorer.filter)
  useStore(instances.instances)
  useStore(instances.currentId)
  const { current } = instances
  const pane = useRef<HTMLDivElement>(null)
  const focusTree = (): void => pane.current?.querySelector<HTMLElement>('[role=treegrid]')?.focus()
  return (
    <div ref={pane} className={styles['pane']}>
      <div className={styles['filter']}>
        <SearchBox
          label="Filter tables, views and functions"
          placeholder="Filter"
          value={filter}
          onChange={(value) => explorer.filter.set(value)}
          onLeave={() => consoles.editor.focus()}
          onDown={focusTree}
        />
      </div>
      <div className={styles['body']}>
        {current ? <InstanceTree instance={current} /> : <NoInstance onNewInstance={onNewInstance} />}
      </div>
    </div>
  )
}

function NoInstance({ onNewInstance }: ExplorerPaneProps): ReactElement {
  return (
    <EmptyState icon={Database} title="No database yet">
      <p>A database here is a whole Postgres in one process. It takes less than a second to make one.</p>
      <TextButton kind="primary" onPress={onNewInstance}>
        New database
      </TextButton>
    </EmptyState>
  )
}

function InstanceTree({ instance }: { readonly instance: Instance }): ReactElement {
  const workbench = useWorkbench()
  const { explorer, instances } = workbench
  const tree = useStore(explorer.tree)
  if (instance.state === 'failed') {
    return (
      <FailureNotice title={`${instance.name} could not be opened`} reason={instance.failure ?? ''}>
        <TextButton onPress={() => workbench.attempt(() => instances.start(instance.id))}>
          Try again
        </TextButton>
      </FailureNotice>
    )
  }
  if (tree.failure !== null) {
    return (
      <FailureNotice title="The tree could not be read" reason={tree.failure}>
        <TextButton onPress={() => workbench.attempt(() => explorer.refresh())}>Try again</TextButton>
      </FailureNotice>
    )
  }
  if (tree.isLoading) return <Loading instance={instance} />
  if (tree.items.length === 0 && explorer.filter.value !== '') {
    return <EmptyState title="Nothing matches the filter" />
  }
  return <LoadedTree />
}

function LoadedTree(): ReactElement {
  const workbench = useWorkbench()
  const { explorer } = workbench
  const { items, expandedIds } = useStore(explorer.tree)
  const { rowHeight } = useStore(workbench.settings.settings)
  const [menu, setMenu] = useState<{ at: MenuPoint; itemId: string } | null>(null)
  const onAction = (id: string): void => {
    const item = findItem(items, id)
    if (!item) return
    if (item.node && item.kind !== 'schema') return actOnItem(workbench, item)
    const toggled = new Set(expandedIds)
    if (!toggled.delete(id)) toggled.add(id)
    explorer.setExpanded(toggled)
  }
  const onContextMenu = (event: MouseEvent): void => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-key]') : null
    const itemId = row?.dataset['key']
    if (itemId === undefined) return
    event.preventDefault()
    setMenu({ at: { x: event.clientX, y: event.clientY }, itemId })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || menu) return
    if (explorer.filter.value === '') workbench.consoles.editor.focus()
    else explorer.filter.set('')
  }
  const item = menu ? findItem(items, menu.itemId) : null
  return (
    <div className={styles['tree']} onContextMenu={onContextMenu} onKeyDown={onKeyDown}>
      <ExplorerTree
        items={items}
        expandedIds={expandedIds}
        rowHeightPx={rowHeightsPx[rowHeight]}
        onExpand={(ids) => explorer.setExpanded(ids)}
        onAction={onAction}
      />
      <ContextMenu
        label={item?.label ?? 'Database object'}
        groups={item ? itemMenu(workbench, item) : []}
        at={menu?.at ?? null}
        onClose={() => setMenu(null)}
      />
    </div>
  )
}

/** Says what is being waited for, and for whom. */
function Loading({ instance }: { readonly instance: Instance }): ReactElement {
  const { instances } = useWorkbench()
  useStore(instances.sessions)
  useTick(true, 500)
  const isStarting = instance.state === 'starting' || instance.state === 'restarting'
  const holder = isStarting ? null : instances.holderOf(instance.id)
  const label = isStarting ? `Starting ${instance.name}` : 'Reading tables'
  return (
    <div className={styles['waiting']}>
      <ProgressBar label={label} />
      {isStarting ? <p className={styles['hint']}>{startingWords(instance)}</p> : null}
      {holder ? (
        <p className={styles['hint']}>
          {holder.transaction === 'idle'
            ? `Waiting for ${holder.title}, which is running a statement.`
            : `Waiting for ${holder.title}, which has an open transaction. Commit or roll it back there.`}
        </p>
      ) : null}
    </div>
  )
}

function startingWords({ state }: Instance): string {
  if (state === 'restarting') return 'Its engine ended unexpectedly. What was committed is safe.'
  return 'The first start fills in the sample, which takes some seconds. You can write statements meanwhile.'
}
