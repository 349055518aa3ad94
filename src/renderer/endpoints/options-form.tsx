/** How the endpoint is set: edited as text, checked while typing, and kept when it is saved. */

import { useState, type FormEvent, type ReactElement } from 'react'
import { Checkbox, FieldError, Input, Label, Radio, RadioGroup, TextField } from 'react-aria-components'
import type { Endpoint } from '../../contract/endpoint.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { TextButton } from '../widgets/text-button.tsx'
import { countWords } from './client-words.ts'
import { draftOf, needsRestart, readDraft, type DraftProblems, type OptionsDraft } from './options-draft.ts'
import { RenewPassword } from './renew-password.tsx'
import styles from './endpoints.module.css'

export function OptionsForm({ endpoint }: { readonly endpoint: Endpoint }): ReactElement {
  const workbench = useWorkbench()
  const kept = draftOf(endpoint.options)
  const [changes, setChanges] = useState<Partial<OptionsDraft>>({})
  const [isSaving, setIsSaving] = useState(false)
  // What another window, or a start that chose a port, has changed is shown at once.
  const draft = { ...kept, ...changes }
  const isChanged = JSON.stringify(draft) !== JSON.stringify(kept)
  const read = readDraft(draft)
  const problems = 'problems' in read ? read.problems : {}
  const restarts = 'options' in read && needsRestart(endpoint, read.options)
  const save = (event: FormEvent): void => {
    event.preventDefault()
    if (!isChanged || isSaving || !('options' in read)) return
    setIsSaving(true)
    const configure = async (): Promise<void> => {
      await workbench.endpoint.configure(read.options)
      setChanges({})
    }
    workbench.attempt(() => configure().finally(() => setIsSaving(false)))
  }
  return (
    <section className={styles['section']} aria-label="Settings">
      <header className={styles['sectionHead']}>
        <h2>Settings</h2>
      </header>
      <form className={styles['options']} onSubmit={save}>
        <OptionFields
          draft={draft}
          problems={problems}
          onChange={(fields) => setChanges({ ...changes, ...fields })}
        />
        {restarts ? <p className={styles['warning']}>{restartWords(endpoint)}</p> : null}
        <div className={styles['optionButtons']}>
          <TextButton
            type="submit"
            {...(isChanged ? { kind: 'primary' } : {})}
            isDisabled={!isChanged || isSaving || !('options' in read)}
          >
            {restarts ? 'Save and restart' : 'Save'}
          </TextButton>
          {isChanged ? <TextButton onPress={() => setChanges({})}>Discard</TextButton> : null}
          <span className={styles['space']} />
          <RenewPassword />
        </div>
      </form>
    </section>
  )
}

function restartWords({ clientCount }: Endpoint): string {
  const whom = clientCount === 0 ? '' : `, which disconnects ${countWords(clientCount)}`
  return `Saving this restarts the endpoint${whom}.`
}

interface FieldsProps {
  readonly draft: OptionsDraft
  readonly problems: DraftProblems
  readonly onChange: (fields: Partial<OptionsDraft>) => void
}

function OptionFields({ draft, problems, onChange }: FieldsProps): ReactElement {
  return (
    <>
      <Checkbox
        className={styles['check'] ?? ''}
        isSelected={draft.startsWithHost}
        onChange={(startsWithHost) => onChange({ startsWithHost })}
      >
        <span className={styles['box']} />
        Start with Wardian
      </Checkbox>
      <div className={styles['fieldRow']}>
        <Field
          label="Port"
          value={draft.port}
          placeholder="a free one, which is kept"
          problem={problems.port}
          onChange={(port) => onChange({ port })}
        />
        <Field
          label="Idle transaction limit, while others wait (s)"
          value={draft.idleSeconds}
          problem={problems.idleSeconds}
          onChange={(idleSeconds) => onChange({ idleSeconds })}
        />
      </div>
      <Field
        label="Directory for a Unix-domain socket"
        value={draft.socketDirectory}
        placeholder="none"
        problem={problems.socketDirectory}
        onChange={(socketDirectory) => onChange({ socketDirectory })}
      />
      <TlsField draft={draft} onChange={onChange} />
    </>
  )
}

const tlsChoices = [
  ['offered', 'Offered', 'to programs that ask for it'],
  ['required', 'Required', 'programs trust its certificate'],
  ['off', 'Off', 'for programs that cannot ask'],
] as const

function TlsField({ draft, onChange }: Pick<FieldsProps, 'draft' | 'onChange'>): ReactElement {
  const choose = (value: string): void => {
    const found = tlsChoices.find(([tls]) => tls === value)
    if (found) onChange({ tls: found[0] })
  }
  return (
    <RadioGroup
      className={styles['field'] ?? ''}
      value={draft.tls}
      onChange={choose}
      orientation="horizontal"
    >
      <Label className={styles['label'] ?? ''}>Encryption (TLS)</Label>
      <div className={styles['radios']}>
        {tlsChoices.map(([tls, name, hint]) => (
          <Radio key={tls} className={styles['radio'] ?? ''} value={tls}>
            <span className={styles['mark']} />
            {name}
            <span className={styles['hint']}>{hint}</span>
          </Radio>
        ))}
      </div>
    </RadioGroup>
  )
}

interface FieldProps {
  readonly label: string
  readonly value: string
  readonly placeholder?: string
  readonly problem: string | undefined
  readonly onChange: (value: string) => void
}

function Field({ label, value, placeholder = '', problem, onChange }: FieldProps): ReactElement {
  return (
    <TextField
      className={styles['field'] ?? ''}
      value={value}
      onChange={onChange}
      isInvalid={problem !== undefined}
      validationBehavior="aria"
    >
      <Label className={styles['label'] ?? ''}>{label}</Label>
      <Input
        className={styles['input'] ?? ''}
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholder}
      />
      <FieldError className={styles['problem'] ?? ''}>{problem}</FieldError>
    </TextField>
  )
}
