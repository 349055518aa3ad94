/**
 * The tabs above the results: one for each result, pinned ones first, and the messages. One tab stop; arrows move
 * between tabs, as the tabs pattern of the ARIA Authoring Practices has it.
 */

import { FlaskConical, Pin, PinOff } from 'lucide-react'
import { useEffect, useRef, type KeyboardEvent, type ReactElement } from 'react'
import { Button } from 'react-aria-components'
import type { ResultState } from '../state/result-state.ts'
import { trialPaneId } from '../state/tab-trial.ts'
import { useStore } from '../state/use-store.ts'
import { classes } from '../widgets/class-names.ts'
import { formatRows } from '../widgets/number-format.ts'
import styles from './results.module.css'

/** The pane of the messages, beside the ids of results. */
export const messagesPaneId = 'messages'

export interface ResultTab {
  readonly result: ResultState
  readonly title: string
  readonly isPinned: boolean
}

/** `busy`: it is tried or applied at the moment. `done`: applied. `stopped`: it did not come to its end. */
export type TrialTabState = 'busy' | 'good' | 'bad' | 'done' | 'stopped'

interface ResultTabsProps {
  readonly tabs: readonly ResultTab[]
  readonly frontId: string
  /** How the trial of this console stands; null where there is none. */
  readonly trial: TrialTabState | null
  readonly messageCount: number
  readonly hasError: boolean
  readonly onShow: (paneId: string) => void
  readonly onPin: (tab: ResultTab) => void
}

export function ResultTabs(props: ResultTabsProps): ReactElement {
  const { tabs, frontId, trial, messageCount, hasError, onShow, onPin } = props
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    list.current
      ?.querySelector('[aria-selected=true]')
      ?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [frontId])
  const trialIds = trial === null ? [] : [trialPaneId]
  const ids = [...tabs.map(({ result }) => result.id), ...trialIds, messagesPaneId]
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    onShow(ids[(ids.indexOf(frontId) + step + ids.length) % ids.length] ?? messagesPaneId)
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>('[aria-selected=true]')?.focus())
  }
  return (
    <div ref={list} className={styles['tabs']} role="tablist" aria-label="Results" onKeyDown={onKeyDown}>
      {tabs.map((tab) => (
        <Tab
          key={tab.result.id}
          tab={tab}
          isFront={tab.result.id === frontId}
          onShow={() => onShow(tab.result.id)}
          onPin={() => onPin(tab)}
        />
      ))}
      {trial === null ? null : (
        <TrialTab state={trial} isFront={frontId === trialPaneId} onShow={() => onShow(trialPaneId)} />
      )}
      <button
        type="button"
        role="tab"
        className={classes(styles['tab'], styles['last'], frontId === messagesPaneId && styles['front'])}
        aria-selected={frontId === messagesPaneId}
        tabIndex={frontId === messagesPaneId ? 0 : -1}
        onClick={() => onShow(messagesPaneId)}
      >
        Messages
        {messageCount === 0 ? null : (
          <span className={classes(styles['count'], hasError && styles['bad'])}>{messageCount}</span>
        )}
      </button>
    </div>
  )
}

interface TrialTabProps {
  readonly state: TrialTabState
  readonly isFront: boolean
  readonly onShow: () => void
}

function TrialTab({ state, isFront, onShow }: TrialTabProps): ReactElement {
  const words = {
    busy: 'running',
    good: 'would succeed',
    bad: 'would fail',
    done: 'applied',
    stopped: 'stopped',
  }[state]
  return (
    <button
      type="button"
      role="tab"
      className={classes(styles['tab'], isFront && styles['front'])}
      aria-selected={isFront}
      tabIndex={isFront ? 0 : -1}
      onClick={onShow}
    >
      <FlaskConical size={12} aria-hidden /> Try
      <span className={classes(styles['count'], state === 'bad' && styles['bad'])}>{words}</span>
    </button>
  )
}

interface TabProps {
  readonly tab: ResultTab
  readonly isFront: boolean
  readonly onShow: () => void
  readonly onPin: () => void
}

function Tab({ tab, isFront, onShow, onPin }: TabProps): ReactElement {
  const { result, title, isPinned } = tab
  const outcome = useStore(result.outcome)
  const isCut = outcome?.status === 'cut'
  const Icon = isPinned ? PinOff : Pin
  return (
    <div className={classes(styles['tab'], isFront && styles['front'])} role="presentation">
      <button
        type="button"
        role="tab"
        className={styles['tabButton']}
        aria-selected={isFront}
        tabIndex={isFront ? 0 : -1}
        title={result.statementText}
        onClick={onShow}
      >
        {isPinned ? <Pin size={12} aria-label="Pinned" /> : null}
        {title}
        {outcome === null ? null : (
          <span className={classes(styles['count'], isCut && styles['cut'])}>
            {isCut ? 'cut' : formatRows(outcome.rowCount)}
          </span>
        )}
      </button>
      <Button
        className={classes(styles['pin'])}
        aria-label={isPinned ? `Unpin ${title}` : `Pin ${title}, so that it stays`}
        excludeFromTabOrder
        onPress={onPin}
      >
        <Icon size={12} aria-hidden />
      </Button>
    </div>
  )
}
