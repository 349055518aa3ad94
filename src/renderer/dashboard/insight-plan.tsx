/** How a statement is run: the plan of its example, as Postgres estimates it, or as it went. */

import { Copy, Play, Square } from 'lucide-react'
import { useEffect, useRef, useState, type ReactElement } from 'react'
import { toWireError, type WireError } from '../../contract/error.ts'
import type { PlanInsight } from '../../contract/insight.ts'
import type { StatementKey } from '../state/statement-list.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { classes } from '../widgets/class-names.ts'
import { copyText } from '../widgets/copy-text.ts'
import { ProgressBar } from '../widgets/progress-bar.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { InsightFindings } from './insight-findings.tsx'
import { InsightFailure } from './insight-place.tsx'
import styles from './dashboard.module.css'
import ownStyles from './insight.module.css'
import tableStyles from './statements.module.css'

const modeWords = {
  estimated: 'as estimated, with the values of the example',
  generic: 'as estimated, for any values',
  analyzed: 'as it went, with the values of the example',
} as const

interface Asked {
  readonly analyze: boolean
  readonly plan: PlanInsight | null
  readonly error: WireError | null
}

export function PlanSection({ statement }: { readonly statement: StatementKey }): ReactElement {
  const workbench = useWorkbench()
  const [asked, setAsked] = useState<Asked | null>(null)
  const asking = useRef<AbortController | null>(null)
  const { instanceId, fingerprint } = statement
  useEffect(() => () => asking.current?.abort(), [instanceId, fingerprint])
  const ask = async (analyze: boolean): Promise<void> => {
    asking.current?.abort()
    const mine = new AbortController()
    asking.current = mine
    setAsked({ analyze, plan: null, error: null })
    const { insight } = workbench.dashboard
    const answer = await insight.plan({ instanceId, fingerprint }, analyze, mine.signal).then(
      (plan) => ({ analyze, plan, error: null }),
      (error: unknown) => ({ analyze, plan: null, error: toWireError(error) }),
    )
    if (asking.current === mine) setAsked(answer)
  }
  const stop = (): void => {
    asking.current?.abort()
    asking.current = null
    setAsked(null)
  }
  const isAsking = asked !== null && asked.plan === null && asked.error === null
  const retry = (): void => void ask(asked?.analyze ?? false)
  return (
    <section className={styles['section']} aria-label="Plan">
      <header className={styles['sectionHead']}>
        <h2 className={styles['sectionTitle']}>Plan</h2>
        <span className={styles['quiet']}>{asked?.plan ? modeWords[asked.plan.mode] : ''}</span>
        <span className={styles['space']} />
        {isAsking ? (
          <TextButton onPress={stop}>
            <Square size={14} aria-hidden /> Stop
          </TextButton>
        ) : (
          <>
            <TextButton onPress={() => void ask(false)}>Explain</TextButton>
            <TextButton onPress={() => void ask(true)}>
              <Play size={14} aria-hidden /> Run for its plan
            </TextButton>
          </>
        )}
      </header>
      {asked === null ? (
        <p className={styles['note']}>
          Explain asks how Postgres would run it, and runs nothing. Run for its plan runs it, if it only
          reads, for ten seconds at most.
        </p>
      ) : null}
      {isAsking ? <ProgressBar label={asked.analyze ? 'Running it' : 'Asking for its plan'} /> : null}
      {asked?.error ? <InsightFailure {...{ instanceId, error: asked.error }} onRetry={retry} /> : null}
      {asked?.plan ? <Plan plan={asked.plan} instanceId={instanceId} /> : null}
    </section>
  )
}

function Plan({
  plan,
  instanceId,
}: {
  readonly plan: PlanInsight
  readonly instanceId: string
}): ReactElement {
  const workbench = useWorkbench()
  return (
    <>
      <pre className={classes(tableStyles['statement'], ownStyles['plan'])} tabIndex={0} aria-label="Plan">
        {plan.plan}
      </pre>
      <div>
        <TextButton onPress={() => workbench.attempt(() => copyText(plan.plan))}>
          <Copy size={14} aria-hidden /> Copy the plan
        </TextButton>
      </div>
      {plan.read.remarks.map((remark) => (
        <p key={remark} className={styles['note']}>{`${remark}.`}</p>
      ))}
      {plan.findings.length > 0 ? (
        <InsightFindings {...{ findings: plan.findings, instanceId }} of="this statement" />
      ) : null}
    </>
  )
}
