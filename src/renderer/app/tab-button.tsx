/** One editor tab: its title, what it is doing, and a way to close it. Also where its title is changed. */

import { X } from 'lucide-react'
import { useState, type DragEvent, type KeyboardEvent, type MouseEvent, type ReactElement } from 'react'
import type { RunPhase } from '../state/console-model.ts'
import type { ConsoleTab } from '../state/console-tab.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { classes } from '../widgets/class-names.ts'
import { StateDot } from '../widgets/state-dot.tsx'
import styles from './tab-strip.module.css'

interface TabButtonProps {
  readonly tab: ConsoleTab
  readonly isActive: boolean
  readonly isRenaming: boolean
  readonly onActivate: () => void
  readonly onClose: () => void
  readonly onRename: (isRenaming: boolean) => void
  readonly onContextMenu: (event: MouseEvent) => void
  /** Another tab was dropped on this one. */
  readonly onDropTab: (tabId: string) => void
}

/** What a dragged tab carries, so that nothing else is taken for one. */
const dragType = 'application/x-wardian-tab'

const middleButton = 1

export function TabButton(props: TabButtonProps): ReactElement {
  const { tab, isActive, isRenaming, onActivate, onClose, onRename, onContextMenu, onDropTab } = props
  const { instances } = useWorkbench()
  const { title, instanceId } = useStore(tab.label)
  const { phase } = useStore(tab.progress)
  const [isDropTarget, setIsDropTarget] = useState(false)
  if (isRenaming) return <TabTitleField tab={tab} onDone={() => onRename(false)} />
  const name = instances.find(instanceId)?.name ?? 'its database is gone'
  return (
    <div
      className={classes(styles['tab'], isActive && styles['active'], isDropTarget && styles['target'])}
      role="tab"
      aria-selected={isActive}
      tabIndex={isActive ? 0 : -1}
      title={`${title} · ${name}`}
      draggable
      onClick={onActivate}
      onAuxClick={(event) => (event.button === middleButton ? onClose() : undefined)}
      onDoubleClick={() => onRename(true)}
      onContextMenu={onContextMenu}
      onDragStart={(event) => event.dataTransfer.setData(dragType, tab.id)}
      onDragOver={(event) => setIsDropTarget(accept(event))}
      onDragLeave={() => setIsDropTarget(false)}
      onDrop={(event) => {
        setIsDropTarget(false)
        onDropTab(event.dataTransfer.getData(dragType))
      }}
    >
      <TabState tab={tab} phase={phase} />
      <span className={styles['title']}>{title}</span>
      <span
        className={styles['close']}
        aria-hidden
        title="Close"
        onClick={(event) => {
          event.stopPropagation()
          onClose()
        }}
      >
        <X size={14} />
      </span>
    </div>
  )
}

/** Running, waiting, in a transaction, or text that could not be stored: the one that matters most. */
function TabState({
  tab,
  phase,
}: {
  readonly tab: ConsoleTab
  readonly phase: RunPhase
}): ReactElement | null {
  const session = useStore(tab.session)
  const saving = useStore(tab.text.saveState)
  if (saving.kind === 'failed') return <StateDot kind="failed" label={`Not stored yet: ${saving.reason}`} />
  if (phase === 'waiting') return <StateDot kind="waiting" label="Waiting for another console" />
  if (phase !== 'idle') return <StateDot kind="ok" label="Running" />
  if (session?.transaction === 'open') return <StateDot kind="waiting" label="Transaction open" />
  if (session?.transaction === 'failed') return <StateDot kind="failed" label="Transaction failed" />
  return null
}

function accept(event: DragEvent): boolean {
  const isTab = event.dataTransfer.types.includes(dragType)
  if (isTab) event.preventDefault()
  return isTab
}

function TabTitleField({
  tab,
  onDone,
}: {
  readonly tab: ConsoleTab
  readonly onDone: () => void
}): ReactElement {
  const workbench = useWorkbench()
  const [title, setTitle] = useState(tab.label.value.title)
  const finish = (): void => {
    onDone()
    workbench.attempt(() => workbench.consoles.rename(tab.id, title.trim()))
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation()
    if (event.key === 'Enter') finish()
    else if (event.key === 'Escape') onDone()
    else return
    workbench.consoles.editor.focus()
  }
  return (
    <input
      className={styles['rename']}
      aria-label="Name of the console"
      value={title}
      maxLength={256}
      autoFocus
      onFocus={(event) => event.target.select()}
      onChange={(event) => setTitle(event.target.value)}
      onBlur={finish}
      onKeyDown={onKeyDown}
    />
  )
}
