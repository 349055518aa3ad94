/** Whose numbers are looked at, of which time, moving or held; and what can be done with them. */

import { CalendarClock, ChevronDown, Database, Download, Pause, Play, Server, Settings2 } from 'lucide-react'
import { ZoomOut, type LucideIcon } from 'lucide-react'
import type { ReactElement } from 'react'
import { Button } from 'react-aria-components'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { rangePresets } from '../state/time-range.ts'
import { classes } from '../widgets/class-names.ts'
import { describeInstance } from '../widgets/instance-words.ts'
import { IconButton } from '../widgets/icon-button.tsx'
import { MenuButton, type MenuGroups } from '../widgets/menu.tsx'
import { StateDot } from '../widgets/state-dot.tsx'
import { rangeWords } from './range-words.ts'
import styles from './dashboard.module.css'

export function DashboardBar(): ReactElement {
  const { dashboard, commands } = useWorkbench()
  const canZoomBack = useStore(dashboard.view.canZoomBack)
  return (
    <>
      <ScopeMenu />
      <span className={styles['space']} />
      <RangeMenu />
      <IconButton
        icon={ZoomOut}
        label="Back to the time before zooming"
        keys="Escape"
        isDisabled={!canZoomBack}
        onPress={() => dashboard.view.zoomBack()}
      />
      <LiveButton />
      <ExportMenu />
      <IconButton
        icon={Settings2}
        label="What is measured and kept"
        onPress={() => commands.run('dashboard.settings')}
      />
    </>
  )
}

interface ChooseProps {
  readonly icon: LucideIcon
  /** What is chosen here, for those who do not see the icon. */
  readonly label: string
  readonly chosen: string
}

/** The button of a menu: what is chosen, and that there is more. */
function Choose({ icon: Icon, label, chosen }: ChooseProps): ReactElement {
  return (
    <Button className={styles['choose'] ?? ''} aria-label={`${label}: ${chosen}`}>
      <Icon size={14} aria-hidden />
      <span className={styles['chosen']}>{chosen}</span>
      <ChevronDown size={14} aria-hidden />
    </Button>
  )
}

function ScopeMenu(): ReactElement {
  const { dashboard, instances } = useWorkbench()
  const list = useStore(instances.instances)
  const scopeId = useStore(dashboard.view.scopeId)
  const groups: MenuGroups = [
    [
      {
        ...{ id: 'host', label: 'All databases', detail: 'and the host', icon: Server },
        ...{ isChecked: scopeId === null, onChoose: () => dashboard.view.setScope(null) },
      },
    ],
    list.map((instance) => ({
      ...{ id: instance.id, label: instance.name, detail: describeInstance(instance) },
      isChecked: scopeId === instance.id,
      onChoose: () => dashboard.view.setScope(instance.id),
    })),
  ]
  const chosen = scopeId === null ? 'All databases' : (instances.find(scopeId)?.name ?? 'A deleted database')
  return (
    <MenuButton label="Whose numbers" groups={groups}>
      <Choose icon={scopeId === null ? Server : Database} label="Whose numbers" chosen={chosen} />
    </MenuButton>
  )
}

function RangeMenu(): ReactElement {
  const { dashboard, clock } = useWorkbench()
  const { view } = dashboard
  const range = useStore(view.range)
  useStore(view.pausedAtMs)
  const groups: MenuGroups = [
    rangePresets.map(([lengthMs, label]) => ({
      ...{ id: String(lengthMs), label },
      isChecked: range.kind === 'last' && range.lengthMs === lengthMs,
      onChoose: () => view.setRange({ kind: 'last', lengthMs }),
    })),
    [
      {
        ...{ id: 'since', label: 'From now on', detail: 'as it comes', isChecked: range.kind === 'since' },
        onChoose: () => view.setRange({ kind: 'since', fromMs: clock.nowMs() }),
      },
      {
        ...{ id: 'custom', label: 'From … to …', isChecked: range.kind === 'fixed' },
        onChoose: () => dashboard.question.set('range'),
      },
    ],
  ]
  return (
    <MenuButton label="Time" groups={groups} placement="bottom end">
      <Choose icon={CalendarClock} label="Time" chosen={rangeWords(range, clock.nowMs())} />
    </MenuButton>
  )
}

/** Says whether numbers move, and changes that. */
function LiveButton(): ReactElement {
  const { dashboard } = useWorkbench()
  const { view } = dashboard
  useStore(view.range)
  useStore(view.pausedAtMs)
  const { isLive } = view
  const Icon = isLive ? Pause : Play
  return (
    <Button
      className={classes(styles['live'])}
      aria-pressed={isLive}
      aria-label={isLive ? 'Live: hold it' : 'Held: let it move'}
      onPress={() => view.setLive(!isLive)}
    >
      <span aria-hidden className={styles['liveDot']}>
        <StateDot kind={isLive ? 'ok' : 'idle'} label={isLive ? 'live' : 'held'} />
      </span>
      <span className={styles['liveWord']}>{isLive ? 'Live' : 'Held'}</span>
      <Icon size={14} aria-hidden />
    </Button>
  )
}

function ExportMenu(): ReactElement {
  const { commands, dashboard } = useWorkbench()
  const isHost = useStore(dashboard.view.scopeId) === null
  const detail = isHost ? 'of one database' : undefined
  const choice = (id: string, label: string): MenuGroups[number][number] => {
    return { id, label, onChoose: () => void commands.run(`dashboard.export-${id}`) }
  }
  const groups: MenuGroups = [
    [choice('png', 'Charts as a picture (PNG)')],
    [choice('csv', 'Numbers over time (CSV)'), choice('json', 'Numbers over time (JSON)')],
    [
      { ...choice('report', 'Report that opens anywhere (HTML)'), detail, isDisabled: isHost },
      { ...choice('report-json', 'Report (JSON)'), detail, isDisabled: isHost },
    ],
  ]
  return (
    <MenuButton label="Export" groups={groups} placement="bottom end">
      <Button className={styles['iconMenu'] ?? ''} aria-label="Export">
        <Download size={16} aria-hidden />
      </Button>
    </MenuButton>
  )
}
