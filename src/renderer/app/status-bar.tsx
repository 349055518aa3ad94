/** The line at the bottom that always answers: which database, which transaction, how the last run went. */

import { ArrowLeftRight, BellRing, Cable, Database, Globe, MemoryStick, TriangleAlert } from 'lucide-react'
import type { ReactElement } from 'react'
import { Button } from 'react-aria-components'
import type { Endpoint } from '../../contract/endpoint.ts'
import { progressWords } from '../console/run-words.ts'
import type { ConsoleTab } from '../state/console-tab.ts'
import { useFailedInstance, useStartingInstance } from '../state/use-tab-instance.ts'
import { useStore, useTick } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { classes } from '../widgets/class-names.ts'
import { formatBytes } from '../widgets/number-format.ts'
import { ServerMark } from '../widgets/server-mark.tsx'
import { StateDot } from '../widgets/state-dot.tsx'
import { Tooltip } from '../widgets/tooltip.tsx'
import { describeInstance, stateWords } from '../widgets/instance-words.ts'
import { describeSummary, endpointWords, webEndpointWords } from './status-words.ts'
import styles from './status-bar.module.css'

/** A clock that runs on screen: tenths of seconds. */
const tickMs = 100

export function StatusBar(): ReactElement {
  const { consoles } = useWorkbench()
  const tab = useStore(consoles.activeTab)
  return (
    <footer className={styles['bar']} data-area="status" aria-label="Status">
      <InstancePart />
      {tab ? <TabParts key={tab.id} tab={tab} /> : null}
      <span className={styles['space']} />
      <AlertPart />
      <EndpointParts />
      <HostPart />
    </footer>
  )
}

function InstancePart(): ReactElement {
  const { instances, layout } = useWorkbench()
  useStore(instances.instances)
  useStore(instances.currentId)
  const { current } = instances
  if (!current) return <span className={styles['part']}>No database</span>
  const label = `${current.name}: ${describeInstance(current)}`
  const Icon = current.storage === 'remote' ? Cable : Database
  return (
    <Tooltip label={label} placement="top">
      <Button className={styles['part'] ?? ''} onPress={() => layout.openSidebar('databases')}>
        <Icon size={13} aria-hidden />
        {current.name}
        <ServerMark server={current.remote} />
        {current.state === 'ready' ? null : (
          <span className={classes(current.state === 'failed' && styles['failed'])}>
            {stateWords[current.state]}
          </span>
        )}
      </Button>
    </Tooltip>
  )
}

function TabParts({ tab }: { readonly tab: ConsoleTab }): ReactElement {
  return (
    <>
      <TransactionPart tab={tab} />
      <RunPart tab={tab} />
      <SavePart tab={tab} />
    </>
  )
}

function TransactionPart({ tab }: { readonly tab: ConsoleTab }): ReactElement | null {
  const session = useStore(tab.session)
  const { instanceId } = useStore(tab.label)
  const failedName = useFailedInstance(tab)
  const transaction = session?.transaction ?? 'idle'
  if (transaction === 'open') {
    return (
      <span className={classes(styles['part'], styles['waiting'])}>
        <StateDot kind="waiting" label="Open transaction" /> transaction open
      </span>
    )
  }
  if (transaction === 'failed') {
    return (
      <span className={classes(styles['part'], styles['failed'])}>
        <StateDot kind="failed" label="Failed transaction" /> transaction failed: roll it back
      </span>
    )
  }
  if (instanceId === null) {
    return <span className={classes(styles['part'], styles['waiting'])}>this console has no database</span>
  }
  // The database's own part says so; there is no transaction to tell of.
  if (failedName !== null) return null
  return <span className={styles['part']}>auto-commit</span>
}

function RunPart({ tab }: { readonly tab: ConsoleTab }): ReactElement | null {
  const { clock } = useWorkbench()
  const progress = useStore(tab.progress)
  const startingName = useStartingInstance(tab)
  const summary = useStore(tab.summary)
  const isRunning = progress.phase !== 'idle'
  useTick(isRunning, tickMs)
  if (isRunning) {
    const elapsedMs = clock.monotonicMs() - (progress.startedAtMs ?? 0)
    const isWaiting = progress.phase === 'waiting'
    return (
      <span className={classes(styles['part'], isWaiting ? styles['waiting'] : styles['running'])}>
        <StateDot kind={isWaiting ? 'waiting' : 'ok'} label={isWaiting ? 'Waiting' : 'Running'} />
        {startingName === null ? progressWords(progress, elapsedMs) : `Waiting for ${startingName} to start`}
      </span>
    )
  }
  if (!summary) return null
  const hasFailed = summary.failure !== null || summary.outcome?.status === 'failed'
  const isCut = summary.outcome?.status === 'cut'
  return (
    <span
      className={classes(styles['part'], hasFailed && styles['failed'], isCut && styles['waiting'])}
      role="status"
    >
      {describeSummary(summary)}
    </span>
  )
}

/** Silent while everything typed is stored, which is nearly always. */
function SavePart({ tab }: { readonly tab: ConsoleTab }): ReactElement | null {
  const saving = useStore(tab.text.saveState)
  if (saving.kind !== 'failed') return null
  return (
    <span className={classes(styles['part'], styles['failed'])} title={saving.reason}>
      <TriangleAlert size={13} aria-hidden /> text is not stored yet
    </span>
  )
}

/** Silent while nothing is over its threshold. */
function AlertPart(): ReactElement | null {
  const { dashboard, layout } = useWorkbench()
  useStore(dashboard.monitor.alerts)
  const { active } = dashboard.monitor
  const show = (): void => {
    dashboard.view.tab.set('alerts')
    layout.showPage('dashboard')
  }
  if (active.length === 0) return null
  return (
    <Tooltip label={active.map(({ message }) => message).join('; ')} placement="top">
      <Button className={classes(styles['part'], styles['failed'])} onPress={show}>
        <BellRing size={13} aria-hidden />
        {active.length === 1 ? '1 alert' : `${active.length} alerts`}
      </Button>
    </Tooltip>
  )
}

/** Silent about what is off: nobody can connect, and nobody wants to. */
function EndpointParts(): ReactElement {
  const { endpoint, web } = useWorkbench()
  const postgres = useStore(endpoint.endpoint)
  const forPages = useStore(web.endpoint)
  return (
    <>
      {postgres && postgres.state !== 'off' ? (
        <EndpointPart tab="postgres" endpoint={postgres} words={endpointWords(postgres)} />
      ) : null}
      {forPages && forPages.state !== 'off' ? (
        <EndpointPart tab="web" endpoint={forPages} words={webEndpointWords(forPages)} />
      ) : null}
    </>
  )
}

interface EndpointPartProps {
  readonly tab: 'postgres' | 'web'
  readonly endpoint: Pick<Endpoint, 'state' | 'failure'>
  readonly words: string
}

function EndpointPart({ tab, endpoint: { state, failure }, words }: EndpointPartProps): ReactElement {
  const { layout, web } = useWorkbench()
  const isOn = tab === 'web' ? 'Pages can connect' : 'Other programs can connect'
  const Icon = tab === 'web' ? Globe : ArrowLeftRight
  const show = (): void => {
    web.shownTab.set(tab)
    layout.showPage('endpoints')
  }
  return (
    <Tooltip label={state === 'failed' ? (failure?.message ?? '') : isOn} placement="top">
      <Button className={classes(styles['part'], state === 'failed' && styles['failed'])} onPress={show}>
        <Icon size={13} aria-hidden />
        {words}
      </Button>
    </Tooltip>
  )
}

function HostPart(): ReactElement {
  const { host, instances } = useWorkbench()
  const sample = useStore(host.sample)
  const description = useStore(host.description)
  useStore(instances.instances)
  const serverVersion = instances.current?.serverVersion
  return (
    <>
      {sample ? (
        <span className={styles['part']} title="Memory of the host and its databases">
          <MemoryStick size={13} aria-hidden />
          {formatBytes(sample.rssBytes)}
        </span>
      ) : null}
      <span
        className={styles['part']}
        title={`Wardian ${description?.version ?? ''}, ${instances.current?.engineVersion ?? ''}`}
      >
        {serverVersion === null || serverVersion === undefined ? 'Wardian' : `Postgres ${serverVersion}`}
      </span>
    </>
  )
}
