/** How the console stands, at the right of the results: what runs and for how long with its end, or how to run. */

import { ArchiveX, FlaskConical, Play, Square } from 'lucide-react'
import type { ReactElement } from 'react'
import type { ConsoleTab } from '../state/console-tab.ts'
import { useFailedInstance, useStartingInstance } from '../state/use-tab-instance.ts'
import { useStore, useTick } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { StateDot, type DotKind } from '../widgets/state-dot.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { Tooltip } from '../widgets/tooltip.tsx'
import { progressWords } from './run-words.ts'
import styles from './results.module.css'

/** Tenths of a second are shown. */
const tickMs = 100

export function RunStatus({ tab }: { readonly tab: ConsoleTab }): ReactElement {
  const { clock, commands, instances, trials } = useWorkbench()
  useStore(instances.instances)
  const label = useStore(tab.label)
  const progress = useStore(tab.progress)
  const session = useStore(tab.session)
  const startingName = useStartingInstance(tab)
  const failedName = useFailedInstance(tab)
  const isRunning = progress.phase !== 'idle'
  const trialKind = useStore(trials.of(tab).phase).kind
  const isTrying = trialKind === 'trying' || trialKind === 'applying'
  const isElsewhere = instances.find(label.instanceId)?.storage === 'remote'
  useTick(isRunning, tickMs)
  if (!isRunning) {
    return (
      <div className={styles['status']}>
        <Transaction state={session?.transaction ?? 'idle'} />
        {isElsewhere ? null : <UncachedMark tab={tab} />}
        {isElsewhere ? null : <TryButton isDisabled={isTrying} />}
        <Tooltip label={runLabel(failedName)} keys="Mod+Enter" placement="top">
          <TextButton onPress={() => void commands.run('console.run-statement')}>
            <Play size={14} aria-hidden /> {failedName === null ? 'Run' : 'Try to open and run'}
          </TextButton>
        </Tooltip>
      </div>
    )
  }
  const elapsedMs = clock.monotonicMs() - (progress.startedAtMs ?? clock.monotonicMs())
  const words =
    startingName === null ? progressWords(progress, elapsedMs) : `Waiting for ${startingName} to start`
  const isWaiting = progress.phase === 'waiting'
  return (
    <div className={styles['status']} data-tone={isWaiting ? 'waiting' : 'running'}>
      <StateDot kind={isWaiting ? 'waiting' : 'ok'} label={isWaiting ? 'Waiting' : 'Running'} />
      <span className={styles['words']} role="timer" title={words}>
        {words}
      </span>
      <Tooltip label="End what runs" keys="Escape" placement="top">
        <TextButton isDisabled={progress.phase === 'cancelling'} onPress={() => void tab.cancel()}>
          <Square size={12} aria-hidden /> Cancel
        </TextButton>
      </Tooltip>
    </div>
  )
}

/** Told where it is so, and taken back by pressing it; the tab's menu has both ways. */
function UncachedMark({ tab }: { readonly tab: ConsoleTab }): ReactElement | null {
  const { commands } = useWorkbench()
  if (useStore(tab.usesCache)) return null
  return (
    <Tooltip
      label="This console runs every statement. Press to answer from kept results again"
      placement="top"
    >
      <TextButton onPress={() => void commands.run('console.use-cache')}>
        <ArchiveX size={14} aria-hidden /> Cache off
      </TextButton>
    </Tooltip>
  )
}

/** A server elsewhere has no copies. */
function TryButton({ isDisabled }: { readonly isDisabled: boolean }): ReactElement {
  const { commands } = useWorkbench()
  return (
    <Tooltip
      label="Try the selection, or the whole script, on a copy: shows what it would change"
      keys="Mod+Alt+Enter"
      placement="top"
    >
      <TextButton isDisabled={isDisabled} onPress={() => void commands.run('console.try-script')}>
        <FlaskConical size={14} aria-hidden /> Try
      </TextButton>
    </Tooltip>
  )
}

function runLabel(failedName: string | null): string {
  const words = 'Run the selection, or the statement under the caret'
  return failedName === null ? words : `${failedName} could not be opened: tries that again first. ${words}`
}

const transactionDots: Readonly<Record<'open' | 'failed', { kind: DotKind; words: string }>> = {
  open: { kind: 'waiting', words: 'Transaction open' },
  failed: { kind: 'failed', words: 'Transaction failed: ROLLBACK ends it' },
}

function Transaction({ state }: { readonly state: 'idle' | 'open' | 'failed' }): ReactElement | null {
  if (state === 'idle') return null
  const { kind, words } = transactionDots[state]
  return (
    <>
      <StateDot kind={kind} label={words} />
      <span className={styles['words']}>{words}</span>
    </>
  )
}
