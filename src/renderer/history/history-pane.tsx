/** The history of statements: search above, newest first below, more as one scrolls. */

import { CircleX, History } from 'lucide-react'
import { useEffect, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactElement } from 'react'
import {
  Collection,
  ListBox,
  ListBoxItem,
  ListBoxLoadMoreItem,
  ListLayout,
  ToggleButton,
  Virtualizer,
} from 'react-aria-components'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { EmptyState } from '../widgets/empty-state.tsx'
import { ContextMenu, type MenuPoint } from '../widgets/menu.tsx'
import { ProgressBar } from '../widgets/progress-bar.tsx'
import { SearchBox } from '../widgets/search-box.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { Tooltip } from '../widgets/tooltip.tsx'
import { entryMenu, openEntry } from './history-actions.ts'
import { HistoryRow } from './history-row.tsx'
import styles from './history.module.css'

/** Two lines and their margins; history.module.css draws them so. */
const entryHeightPx = 46

export function HistoryPane(): ReactElement {
  const { history, consoles } = useWorkbench()
  const query = useStore(history.query)
  const pane = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const watching = history.watch()
    return () => watching.dispose()
  }, [history])
  return (
    <div ref={pane} className={styles['pane']}>
      <div className={styles['filter']}>
        <SearchBox
          className={styles['search']}
          label="Search history"
          placeholder="Search statements"
          value={query.search}
          onChange={(search) => history.query.patch({ search })}
          onLeave={() => consoles.editor.focus()}
          onDown={() => pane.current?.querySelector<HTMLElement>('[role=listbox]')?.focus()}
        />
        <Tooltip label="Failed statements only">
          <ToggleButton
            className={styles['toggle'] ?? ''}
            aria-label="Failed statements only"
            isSelected={query.failedOnly}
            onChange={(failedOnly) => history.query.patch({ failedOnly })}
          >
            <CircleX size={14} aria-hidden />
          </ToggleButton>
        </Tooltip>
      </div>
      <HistoryBody />
    </div>
  )
}

function HistoryBody(): ReactElement {
  const workbench = useWorkbench()
  const { history } = workbench
  const { entries, isLoading, error } = useStore(history.list)
  const { search, failedOnly } = useStore(history.query)
  if (error) {
    return (
      <EmptyState title="The history could not be read">
        <p>{error.message}</p>
        <TextButton onPress={() => workbench.attempt(() => history.refresh())}>Try again</TextButton>
      </EmptyState>
    )
  }
  if (entries.length > 0) return <HistoryList />
  if (isLoading) {
    return (
      <div className={styles['waiting']}>
        <ProgressBar label="Reading the history" />
      </div>
    )
  }
  if (search !== '' || failedOnly) return <EmptyState title="No statement matches" />
  return (
    <EmptyState icon={History} title="Nothing has been run yet">
      <p>Every statement you run is kept here, with its time and outcome, also after a restart.</p>
    </EmptyState>
  )
}

function HistoryList(): ReactElement {
  const workbench = useWorkbench()
  const { history, clock, instances } = workbench
  useStore(instances.currentId)
  useStore(instances.instances)
  const currentName = instances.current?.name ?? null
  const { entries, hasMore, isLoading } = useStore(history.list)
  const [menu, setMenu] = useState<{ at: MenuPoint; entryId: number } | null>(null)
  const find = (id: number): (typeof entries)[number] | undefined => entries.find((entry) => entry.id === id)
  const onAction = (id: number): void => {
    const entry = find(id)
    if (entry) openEntry(workbench, entry)
  }
  const onContextMenu = (event: MouseEvent): void => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-key]') : null
    if (!row) return
    event.preventDefault()
    setMenu({ at: { x: event.clientX, y: event.clientY }, entryId: Number(row.dataset['key']) })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || menu) return
    if (history.query.value.search === '') workbench.consoles.editor.focus()
    else history.query.patch({ search: '' })
  }
  const entry = menu ? find(menu.entryId) : undefined
  const nowMs = clock.nowMs()
  return (
    <div className={styles['list']} onContextMenu={onContextMenu} onKeyDown={onKeyDown}>
      <Virtualizer layout={ListLayout} layoutOptions={{ rowHeight: entryHeightPx }}>
        <ListBox
          className={styles['list'] ?? ''}
          aria-label="History"
          selectionMode="single"
          selectionBehavior="replace"
          escapeKeyBehavior="none"
          onAction={(key) => onAction(Number(key))}
        >
          <Collection items={entries} dependencies={[nowMs, currentName]}>
            {(each) => (
              <ListBoxItem id={each.id} textValue={each.text} className={styles['row'] ?? ''}>
                <HistoryRow entry={each} nowMs={nowMs} currentName={currentName} />
              </ListBoxItem>
            )}
          </Collection>
          {hasMore ? (
            <ListBoxLoadMoreItem
              isLoading={isLoading}
              onLoadMore={() => workbench.attempt(() => history.loadMore())}
            >
              Loading older statements…
            </ListBoxLoadMoreItem>
          ) : null}
        </ListBox>
      </Virtualizer>
      <ContextMenu
        label="Statement"
        groups={entry ? entryMenu(workbench, entry) : []}
        at={menu?.at ?? null}
        onClose={() => setMenu(null)}
      />
    </div>
  )
}
