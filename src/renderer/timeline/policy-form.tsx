/** When snapshots of a database are taken by themselves, and how much room all of them get. */

import { useState, type FormEvent, type ReactElement } from 'react'
import { Input, Label, Radio, RadioGroup, TextField } from 'react-aria-components'
import { toWireError } from '../../contract/error.ts'
import type { SnapshotPolicy } from '../../contract/snapshot.ts'
import type { Timeline } from '../state/snapshot-state.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { TextButton } from '../widgets/text-button.tsx'
import formStyles from '../widgets/form-fields.module.css'
import styles from './timeline.module.css'
import { draftOf, policyOf, problemsOf, type PolicyDraft } from './policy-draft.ts'

interface PolicyFormProps {
  readonly timeline: Timeline
  readonly onDone: () => void
}

export function PolicyForm({ timeline, onDone }: PolicyFormProps): ReactElement {
  const { snapshots } = useWorkbench()
  const [draft, setDraft] = useState(() => draftOf(timeline.policy))
  const [failure, setFailure] = useState<string | null>(null)
  const problems = problemsOf(draft)
  const change = (fields: Partial<PolicyDraft>): void => setDraft({ ...draft, ...fields })
  const save = async (): Promise<void> => {
    try {
      await snapshots.setPolicy(timeline.instanceId, policyOf(draft))
      onDone()
    } catch (error) {
      setFailure(toWireError(error).message)
    }
  }
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    if (Object.keys(problems).length === 0) void save()
  }
  const field = { draft, problems, onChange: change }
  return (
    <form className={styles['policy']} aria-label="When snapshots are taken" onSubmit={onSubmit}>
      <Choice
        label="Taken by itself before"
        value={draft.before}
        choices={beforeChoices}
        onChoose={(before) => change({ before })}
      />
      <Choice
        label="Statements of"
        value={draft.from}
        choices={fromChoices}
        onChoose={(from) => change({ from })}
      />
      <div className={styles['fields']}>
        <Field name="everyMinutes" label="Also every (minutes)" placeholder="never" {...field} />
        <Field name="distanceSeconds" label="Programs: one in (s)" placeholder="0" {...field} />
        <Field name="automaticMegabytes" label="Not above (MB)" placeholder="" {...field} />
        <Field name="budgetMegabytes" label="Room for all (MB)" placeholder="" {...field} />
      </div>
      <p className={formStyles['hint']}>
        Everybody waits while changed files are read. Beyond their room the oldest ones go, those with a label
        last. Statements are known by their text: what a function does that they call is not seen, so take a
        snapshot yourself before you call one that deletes.
      </p>
      {failure === null ? null : (
        <p className={formStyles['problem']} role="alert">
          {failure}
        </p>
      )}
      <div className={styles['policyActions']}>
        <TextButton onPress={onDone}>Cancel</TextButton>
        <TextButton kind="primary" type="submit" isDisabled={Object.keys(problems).length > 0}>
          Save
        </TextButton>
      </div>
    </form>
  )
}

const beforeChoices = [
  [
    'destructive',
    'What removes or changes much',
    'DROP, ALTER, TRUNCATE, DELETE without WHERE, scripts that write',
  ],
  ['all', 'That and all other DDL', 'CREATE, GRANT, COMMENT, too'],
  ['nothing', 'Nothing', 'only when you take one'],
] as const satisfies Choices<SnapshotPolicy['before']>

const fromChoices = [
  ['everywhere', 'Consoles and connected programs', ''],
  ['console', 'Consoles alone', ''],
] as const satisfies Choices<SnapshotPolicy['from']>

type Choices<T> = readonly (readonly [value: T, label: string, hint: string])[]

interface ChoiceProps<T extends string> {
  readonly label: string
  readonly value: T
  readonly choices: Choices<T>
  readonly onChoose: (value: T) => void
}

function Choice<T extends string>({ label, value, choices, onChoose }: ChoiceProps<T>): ReactElement {
  return (
    <RadioGroup
      className={formStyles['field'] ?? ''}
      value={value}
      onChange={(chosen) => {
        const found = choices.find(([each]) => each === chosen)
        if (found) onChoose(found[0])
      }}
    >
      <Label className={formStyles['label'] ?? ''}>{label}</Label>
      <div className={formStyles['radios']}>
        {choices.map(([each, words, hint]) => (
          <Radio key={each} value={each} className={formStyles['radio'] ?? ''}>
            <span className={formStyles['mark']} />
            <span>
              {words}
              {hint === '' ? null : <span className={formStyles['hint']}> {hint}</span>}
            </span>
          </Radio>
        ))}
      </div>
    </RadioGroup>
  )
}

interface FieldProps {
  readonly name: Exclude<keyof PolicyDraft, 'before' | 'from'>
  readonly label: string
  readonly placeholder: string
  readonly draft: PolicyDraft
  readonly problems: Partial<Record<keyof PolicyDraft, string>>
  readonly onChange: (fields: Partial<PolicyDraft>) => void
}

function Field({ name, label, placeholder, draft, problems, onChange }: FieldProps): ReactElement {
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
        inputMode="numeric"
        placeholder={placeholder}
        autoComplete="off"
      />
      {problem === undefined ? null : <span className={formStyles['problem']}>{problem}</span>}
    </TextField>
  )
}
