/** What is measured and counted, how often, for how long it is kept, and what of statements is written down. */

import { useState, type FormEvent, type ReactElement } from 'react'
import { Checkbox, Input, Label, Radio, RadioGroup, TextField } from 'react-aria-components'
import { toWireError } from '../../contract/error.ts'
import type { MonitorSettings } from '../../contract/monitor.ts'
import type { StatisticsSettings } from '../../contract/statistics.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { DialogActions } from '../widgets/dialog.tsx'
import formStyles from '../widgets/form-fields.module.css'
import { TextButton } from '../widgets/text-button.tsx'
import {
  draftOf,
  monitorChangesOf,
  problemsOf,
  statisticsOf,
  type RecordingDraft,
  type RecordingProblems,
} from './recording-draft.ts'
import styles from './dashboard.module.css'

interface RecordingFormProps {
  readonly settings: MonitorSettings
  readonly statistics: StatisticsSettings
  readonly onDone: () => void
}

const exampleChoices = [
  ['off', 'None', 'no value that a statement had is kept'],
  ['memory', 'In memory', 'the slowest call of late, until Wardian ends'],
  ['disk', 'On disk', 'with its values, over restarts'],
] as const

export function RecordingForm({ settings, statistics, onDone }: RecordingFormProps): ReactElement {
  const { monitor } = useWorkbench().dashboard
  const [draft, setDraft] = useState(() => draftOf(settings, statistics))
  const [failure, setFailure] = useState<string | null>(null)
  const problems = problemsOf(draft)
  const isSound = Object.keys(problems).length === 0
  const field = {
    draft,
    problems,
    onChange: (fields: Partial<RecordingDraft>) => setDraft({ ...draft, ...fields }),
  }
  const save = async (): Promise<void> => {
    try {
      await monitor.change(monitorChangesOf(draft))
      await monitor.changeStatistics(statisticsOf(draft))
      onDone()
    } catch (error) {
      setFailure(toWireError(error).message)
    }
  }
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    if (isSound) void save()
  }
  return (
    <form className={styles['form']} onSubmit={onSubmit}>
      <fieldset className={styles['fieldset']}>
        <legend>Memory, CPU, disk and queues</legend>
        <Choice name="measures" label="Measure them" {...field} />
        <div className={styles['fields']}>
          <Field name="intervalSeconds" label="Every (seconds)" {...field} />
          <Field name="retentionHours" label="Kept for (hours)" {...field} />
        </div>
      </fieldset>
      <fieldset className={styles['fieldset']}>
        <legend>Statements</legend>
        <Choice name="counts" label="Count and time them" {...field} />
        <div className={styles['fields']}>
          <Field name="bucketSeconds" label="In parts of (seconds)" {...field} />
          <Field name="statisticsDays" label="Kept for (days)" {...field} />
          <Field name="slowMs" label="Slow from (ms) on" placeholder="none is slow" {...field} />
        </div>
        <Choice name="redactsSlow" label="Write slow ones to the log without their values" {...field} />
        <ExampleChoice {...field} />
      </fieldset>
      {failure === null ? null : (
        <p className={formStyles['problem']} role="alert">
          {failure}
        </p>
      )}
      <DialogActions>
        <TextButton onPress={onDone}>Cancel</TextButton>
        <TextButton kind="primary" type="submit" isDisabled={!isSound}>
          Save
        </TextButton>
      </DialogActions>
    </form>
  )
}

interface DraftProps {
  readonly draft: RecordingDraft
  readonly problems: RecordingProblems
  readonly onChange: (fields: Partial<RecordingDraft>) => void
}

function ExampleChoice({ draft, onChange }: DraftProps): ReactElement {
  return (
    <RadioGroup
      className={formStyles['field'] ?? ''}
      value={draft.examples}
      onChange={(chosen) => {
        const found = exampleChoices.find(([value]) => value === chosen)
        if (found) onChange({ examples: found[0] })
      }}
    >
      <Label className={formStyles['label'] ?? ''}>One call of each as an example</Label>
      {exampleChoices.map(([value, label, hint]) => (
        <Radio key={value} value={value} className={formStyles['radio'] ?? ''}>
          <span className={formStyles['mark']} />
          {label}
          <span className={formStyles['hint']}>{hint}</span>
        </Radio>
      ))}
    </RadioGroup>
  )
}

interface ChoiceProps extends DraftProps {
  readonly name: 'measures' | 'counts' | 'redactsSlow'
  readonly label: string
}

function Choice({ name, label, draft, onChange }: ChoiceProps): ReactElement {
  return (
    <Checkbox
      className={formStyles['check'] ?? ''}
      isSelected={draft[name]}
      onChange={(isOn) => onChange({ [name]: isOn })}
    >
      <span className={formStyles['box']} />
      {label}
    </Checkbox>
  )
}

interface FieldProps extends DraftProps {
  readonly name: 'intervalSeconds' | 'retentionHours' | 'bucketSeconds' | 'statisticsDays' | 'slowMs'
  readonly label: string
  readonly placeholder?: string
}

function Field({ name, label, placeholder = '', draft, problems, onChange }: FieldProps): ReactElement {
  const problem = problems[name]
  return (
    <TextField
      className={formStyles['field'] ?? ''}
      value={draft[name]}
      isInvalid={problem !== undefined}
      onChange={(text) => onChange({ [name]: text })}
    >
      <Label className={formStyles['label'] ?? ''}>{label}</Label>
      <Input
        className={formStyles['input'] ?? ''}
        inputMode="decimal"
        placeholder={placeholder}
        autoComplete="off"
      />
      {problem === undefined ? null : <span className={formStyles['problem']}>{problem}</span>}
    </TextField>
  )
}
