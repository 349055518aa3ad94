/** The thresholds that alert: switched on and off, taken away, and made. */

import { Plus, Trash2 } from 'lucide-react'
import { useState, type FormEvent, type ReactElement } from 'react'
import { Checkbox, Input, Label, TextField } from 'react-aria-components'
import type { Metric, Threshold } from '../../contract/monitor.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import formStyles from '../widgets/form-fields.module.css'
import { IconButton } from '../widgets/icon-button.tsx'
import { formatDuration } from '../widgets/number-format.ts'
import { Section } from '../widgets/section.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { ChoiceField } from './choice-field.tsx'
import { formatValue } from './chart-units.ts'
import { thresholdOf, unitWords, type ThresholdDraft } from './threshold-draft.ts'
import styles from './dashboard.module.css'
import alertStyles from './alerts.module.css'

export function ThresholdSection({ instanceId }: { readonly instanceId: string | null }): ReactElement {
  const workbench = useWorkbench()
  const { monitor } = workbench.dashboard
  const settings = useStore(monitor.settings)
  const metrics = useStore(monitor.metrics)
  const thresholds = settings?.thresholds ?? []
  const store = (changed: readonly Threshold[]): void =>
    workbench.attempt(() => monitor.change({ thresholds: changed }))
  return (
    <Section title="Thresholds" detail="they alert here, in the log and where alerts are sent" isWide>
      {thresholds.length === 0 ? <p className={styles['note']}>There is none: nothing alerts.</p> : null}
      <ul className={alertStyles['alerts']}>
        {thresholds.map((threshold) => (
          <ThresholdLine
            key={threshold.id}
            threshold={threshold}
            metric={metrics.find(({ name }) => name === threshold.metric)}
            onChange={(to) => store(thresholds.map((each) => (each.id === to.id ? to : each)))}
            onRemove={() => store(thresholds.filter(({ id }) => id !== threshold.id))}
          />
        ))}
      </ul>
      <ThresholdForm
        key={instanceId}
        metrics={metrics.filter(({ scope }) => (scope === 'host') === (instanceId === null))}
        onAdd={(threshold) =>
          store([...thresholds, { ...threshold, id: crypto.randomUUID(), instanceId, isOn: true }])
        }
      />
    </Section>
  )
}

interface ThresholdLineProps {
  readonly threshold: Threshold
  readonly metric: Metric | undefined
  readonly onChange: (threshold: Threshold) => void
  readonly onRemove: () => void
}

function ThresholdLine({ threshold, metric, onChange, onRemove }: ThresholdLineProps): ReactElement {
  const { instances } = useWorkbench()
  const { comparison, limit, forMs, isOn } = threshold
  const title = metric?.title ?? threshold.metric
  const where =
    metric?.scope === 'host'
      ? 'the host'
      : threshold.instanceId === null
        ? 'any database'
        : (instances.find(threshold.instanceId)?.name ?? 'a deleted database')
  const level = metric ? formatValue(limit, metric.unit) : String(limit)
  const words = `${title} of ${where} ${comparison} ${level}${forMs > 0 ? ` for ${formatDuration(forMs)}` : ''}`
  return (
    <li className={alertStyles['alert']}>
      <Checkbox
        className={formStyles['check'] ?? ''}
        isSelected={isOn}
        onChange={(chosen) => onChange({ ...threshold, isOn: chosen })}
      >
        <span className={formStyles['box']} />
        {words}
      </Checkbox>
      <span className={styles['space']} />
      <IconButton icon={Trash2} label={`Remove: ${words}`} onPress={onRemove} />
    </li>
  )
}

interface ThresholdFormProps {
  readonly metrics: readonly Metric[]
  readonly onAdd: (threshold: NonNullable<ReturnType<typeof thresholdOf>>) => void
}

function ThresholdForm({ metrics, onAdd }: ThresholdFormProps): ReactElement {
  const [draft, setDraft] = useState<ThresholdDraft>({
    ...{ metric: '', comparison: 'above', limit: '', forSeconds: '30' },
  })
  const metric = metrics.find(({ name }) => name === draft.metric) ?? metrics[0]
  const threshold = thresholdOf(draft, metric)
  const change = (fields: Partial<ThresholdDraft>): void => setDraft({ ...draft, ...fields })
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    if (!threshold) return
    onAdd(threshold)
    change({ limit: '' })
  }
  return (
    <form className={styles['formRow']} aria-label="New threshold" onSubmit={onSubmit}>
      <ChoiceField
        label="What"
        value={metric?.name ?? ''}
        choices={metrics.map(({ name, title }) => [name, title])}
        onChoose={(name) => change({ metric: name })}
      />
      <ChoiceField
        label="Is"
        value={draft.comparison}
        choices={[
          ['above', 'above'],
          ['below', 'below'],
        ]}
        onChoose={(comparison) => change({ comparison: comparison === 'below' ? 'below' : 'above' })}
      />
      <NumberField
        label={`Limit${unitWords(metric) === '' ? '' : ` (${unitWords(metric)})`}`}
        value={draft.limit}
        onChange={(limit) => change({ limit })}
      />
      <NumberField
        label="For (seconds)"
        value={draft.forSeconds}
        onChange={(forSeconds) => change({ forSeconds })}
      />
      <TextButton type="submit" isDisabled={!threshold}>
        <Plus size={14} aria-hidden /> Add
      </TextButton>
    </form>
  )
}

interface NumberFieldProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}

function NumberField({ label, value, onChange }: NumberFieldProps): ReactElement {
  return (
    <TextField className={formStyles['field'] ?? ''} value={value} onChange={onChange}>
      <Label className={formStyles['label'] ?? ''}>{label}</Label>
      <Input
        className={`${formStyles['input'] ?? ''} ${alertStyles['number'] ?? ''}`}
        inputMode="decimal"
        autoComplete="off"
      />
    </TextField>
  )
}
