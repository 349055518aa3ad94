/**
 * The editor tabs: choose, close, rename, move. One tab stop; arrows move between tabs, as the tabs pattern of the
 * ARIA Authoring Practices has it.
 */

import { Plus } from 'lucide-react'
import {
  useEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type ReactElement,
  type RefObject,
  type WheelEvent,
} from 'react'
import type { ConsoleTab } from '../state/console-tab.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { IconButton } from '../widgets/icon-button.tsx'
import { ContextMenu, type MenuGroups, type MenuPoint } from '../widgets/menu.tsx'
import { TabButton } from './tab-button.tsx'
import styles from './tab-strip.module.css'

interface TabStripProps {
  /** The tab whose title is being changed; null for none. */
  readonly renamingId: string | null
  readonly onRename: (tabId: string | null) => void
}

export function TabStrip({ renamingId, onRename }: TabStripProps): ReactElement {
  const workbench = useWorkbench()
  const { consoles, commands } = workbench
  const tabs = useStore(consoles.tabs)
  const active = useStore(consoles.activeTab)
  const list = useRef<HTMLDivElement>(null)
  const [menu, setMenu] = useState<OpenedMenu | null>(null)
  useFrontInView(list, `${active?.id} ${renamingId}`)
  const close = (tab: ConsoleTab): void => workbench.attempt(() => consoles.close(tab.id))
  const onKeyDown = (event: KeyboardEvent): void => {
    if (renamingId !== null || !active) return
    const index = tabs.indexOf(active)
    const target = targetOf(event.key, index, tabs.length)
    if (event.key === 'Delete') close(active)
    else if (event.key === 'F2') onRename(active.id)
    else if (event.key === 'Escape' || event.key === 'Enter') consoles.editor.focus()
    else if (target === null) return
    else focusTab(tabs[target])
    event.preventDefault()
  }
  const focusTab = (tab: ConsoleTab | undefined): void => {
    if (!tab) return
    consoles.activate(tab.id)
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>('[aria-selected=true]')?.focus())
  }
  const onContextMenu = (event: MouseEvent, tab: ConsoleTab): void => {
    event.preventDefault()
    setMenu({ at: { x: event.clientX, y: event.clientY }, tab })
  }
  return (
    <div className={styles['strip']} data-area="tabs">
      <div
        ref={list}
        className={styles['tabs']}
        role="tablist"
        aria-label="Consoles"
        onKeyDown={onKeyDown}
        onWheel={scrollAlong}
      >
        {tabs.map((tab, index) => (
          <TabButton
            key={tab.id}
            tab={tab}
            isActive={tab === active}
            isRenaming={renamingId === tab.id}
            onActivate={() => {
              consoles.activate(tab.id)
              consoles.editor.focus()
            }}
            onClose={() => close(tab)}
            onRename={(isRenaming) => onRename(isRenaming ? tab.id : null)}
            onContextMenu={(event) => onContextMenu(event, tab)}
            onDropTab={(tabId) => workbench.attempt(() => consoles.move(tabId, index))}
          />
        ))}
      </div>
      <IconButton
        icon={Plus}
        label="New console"
        keys={commands.find('tab.new')?.keys?.[0]}
        className={styles['new']}
        onPress={() => commands.run('tab.new')}
      />
      <TabMenu opened={menu} onRename={onRename} onClose={() => setMenu(null)} />
    </div>
  )
}

/** Keeps the tab in front in view: when it becomes another one, and when the mark of what it does widens it. */
function useFrontInView(list: RefObject<HTMLElement | null>, frontId: string): void {
  useEffect(() => {
    const front = list.current?.querySelector('[aria-selected=true]')
    if (!front) return
    const observer = new ResizeObserver(() => front.scrollIntoView({ block: 'nearest', inline: 'nearest' }))
    observer.observe(front)
    return () => observer.disconnect()
  }, [list, frontId])
}

/** A wheel that only turns up and down goes through the tabs, too. */
function scrollAlong({ deltaX, deltaY, currentTarget }: WheelEvent): void {
  if (deltaX === 0) currentTarget.scrollLeft += deltaY
}

/** Where an arrow key leads; null for other keys. */
function targetOf(key: string, index: number, count: number): number | null {
  if (key === 'ArrowRight') return (index + 1) % count
  if (key === 'ArrowLeft') return (index - 1 + count) % count
  if (key === 'Home') return 0
  return key === 'End' ? count - 1 : null
}

/** The menu of a tab, and where it was asked for. */
interface OpenedMenu {
  readonly at: MenuPoint
  readonly tab: ConsoleTab
}

interface TabMenuProps {
  readonly opened: OpenedMenu | null
  readonly onRename: (tabId: string) => void
  readonly onClose: () => void
}

function TabMenu({ opened, onRename, onClose }: TabMenuProps): ReactElement {
  const workbench = useWorkbench()
  const groups = opened ? tabMenu(opened.tab, { workbench, onRename }) : []
  return <ContextMenu label="Console" groups={groups} at={opened?.at ?? null} onClose={onClose} />
}

interface TabMenuContext {
  readonly workbench: ReturnType<typeof useWorkbench>
  readonly onRename: (tabId: string) => void
}

function tabMenu(tab: ConsoleTab, { workbench, onRename }: TabMenuContext): MenuGroups {
  const { consoles, instances } = workbench
  const others = consoles.tabs.value.filter((other) => other !== tab)
  const { instanceId } = tab.label.value
  const usesCache = tab.usesCache.value
  const closeAll = async (): Promise<void> => {
    for (const other of others) await consoles.close(other.id)
  }
  return [
    [
      { id: 'rename', label: 'Rename', keys: 'F2', onChoose: () => onRename(tab.id) },
      {
        id: 'close',
        label: 'Close',
        keys: 'Delete',
        onChoose: () => workbench.attempt(() => consoles.close(tab.id)),
      },
      {
        id: 'close-others',
        label: 'Close others',
        isDisabled: others.length === 0,
        onChoose: () => workbench.attempt(closeAll),
      },
    ],
    [
      {
        id: 'use-cache',
        label: 'Answer from kept results',
        isOn: usesCache,
        isDisabled: instances.find(instanceId)?.storage === 'remote',
        onChoose: () => workbench.attempt(() => tab.setUsesCache(!usesCache)),
      },
    ],
    instances.instances.value.map(({ id, name }) => ({
      id: `use-${id}`,
      label: `Use ${name}`,
      isChecked: id === instanceId,
      isDisabled: tab.isRunning,
      onChoose: () => workbench.attempt(() => consoles.setInstance(tab.id, id)),
    })),
  ]
}
