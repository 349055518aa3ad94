/** Whether a metric has been steady in the time that is looked at, and where it is going. */

import { useState, type ReactElement } from 'react'
import type { Metric, Stability } from '../../contract/monitor.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { Section } from '../widgets/section.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { ChoiceField } from './choice-field.tsx'
import { stabilityFacts, verdictWords } from './stability-words.ts'
import styles from './dashboard.module.css'
import tableStyles from './statements.module.css'

interface Judged {
  readonly metric: Metric
  readonly stability: Stability
}

export function StabilitySection({ instanceId }: { readonly instanceId: string | null }): ReactElement {
  const workbench = useWorkbench()
  const { monitor, view } = workbench.dashboard
  const all = useStore(monitor.metrics)
  const metrics = all.filter(({ scope }) => (scope === 'host') === (instanceId === null))
  const [name, setName] = useState<string | null>(null)
  const [judged, setJudged] = useState<Judged | null>(null)
  const metric = metrics.find((each) => each.name === name) ?? metrics[0]
  const judge = async (): Promise<void> => {
    if (!metric) return
    const stability = await monitor.stability(instanceId, metric.name, view.window.value)
    setJudged({ metric, stability })
  }
  return (
    <Section title="Steady or not" detail="of the time that is looked at">
      <div className={styles['formRow']}>
        <ChoiceField
          label="What"
          value={metric?.name ?? ''}
          choices={metrics.map((each) => [each.name, each.title])}
          onChoose={setName}
        />
        <TextButton isDisabled={!metric} onPress={() => workbench.attempt(judge)}>
          Judge
        </TextButton>
      </div>
      {judged ? (
        <div role="status">
          <p className={styles['note']}>{verdictWords(judged.metric, judged.stability)}</p>
          <dl className={tableStyles['facts']}>
            {stabilityFacts(judged.metric, judged.stability).map(([label, value]) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </div>
      ) : null}
    </Section>
  )
}
