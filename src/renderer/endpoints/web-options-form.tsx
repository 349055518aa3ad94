/** How the web endpoint is set: edited as text, checked while typing, and kept when it is saved. */

import { useState, type FormEvent, type ReactElement } from 'react'
import { toWireError } from '../../contract/error.ts'
import type { WebEndpoint } from '../../contract/web-endpoint.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { TextButton } from '../widgets/text-button.tsx'
import { countWords } from './client-words.ts'
import { Check, Choice, TextInput } from './draft-fields.tsx'
import fieldStyles from './option-fields.module.css'
import {
  readWebDraft,
  webDraftOf,
  webNeedsRestart,
  type WebDraftProblems,
  type WebOptionsDraft,
} from './web-options-draft.ts'
import styles from './endpoints.module.css'

export function WebOptionsForm({ endpoint }: { readonly endpoint: WebEndpoint }): ReactElement {
  const { web } = useWorkbench()
  const kept = webDraftOf(endpoint.options)
  const [changes, setChanges] = useState<Partial<WebOptionsDraft>>({})
  const [isSaving, setIsSaving] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const draft = { ...kept, ...changes }
  const isChanged = JSON.stringify(draft) !== JSON.stringify(kept)
  const read = readWebDraft(draft)
  const restarts = 'options' in read && webNeedsRestart(endpoint, read.options)
  const canSave = isChanged && !isSaving && 'options' in read
  const edit = (next: Partial<WebOptionsDraft>): void => {
    setChanges(next)
    setFailure(null)
  }
  const save = (event: FormEvent): void => {
    event.preventDefault()
    if (!canSave) return
    setIsSaving(true)
    web
      .configure(read.options)
      .then(
        () => edit({}),
        (error: unknown) => setFailure(toWireError(error).message),
      )
      .finally(() => setIsSaving(false))
  }
  return (
    <section className={styles['section']} aria-label="Settings">
      <header className={styles['sectionHead']}>
        <h2>Settings</h2>
      </header>
      <form className={styles['options']} onSubmit={save}>
        <WebFields
          draft={draft}
          problems={'problems' in read ? read.problems : {}}
          onChange={(fields) => edit({ ...changes, ...fields })}
        />
        {restarts ? <p className={styles['warning']}>{restartWords(endpoint)}</p> : null}
        {failure === null ? null : (
          <p className={styles['problem']} role="alert">
            {failure}.
          </p>
        )}
        <div className={styles['optionButtons']}>
          <TextButton type="submit" {...(isChanged ? { kind: 'primary' } : {})} isDisabled={!canSave}>
            {restarts ? 'Save and restart' : 'Save'}
          </TextButton>
          {isChanged ? <TextButton onPress={() => edit({})}>Discard</TextButton> : null}
        </div>
      </form>
    </section>
  )
}

function restartWords({ clientCount }: WebEndpoint): string {
  const whom = clientCount === 0 ? '' : `, which disconnects ${countWords(clientCount)}`
  return `Saving this restarts the endpoint${whom}.`
}

interface WebFieldsProps {
  readonly draft: WebOptionsDraft
  readonly problems: WebDraftProblems
  readonly onChange: (fields: Partial<WebOptionsDraft>) => void
}

const tlsChoices = [
  ['off', 'Off', 'this machine alone'],
  ['required', 'Required', 'https and wss'],
] as const

function WebFields(props: WebFieldsProps): ReactElement {
  const { draft, onChange } = props
  return (
    <>
      <Check
        label="Start with Wardian"
        isSelected={draft.startsWithHost}
        onChange={(startsWithHost) => onChange({ startsWithHost })}
      />
      <Field
        name="allowedOrigins"
        label="Pages that may connect: their origins, one a line"
        placeholder="http://localhost:5173"
        isLong
        {...props}
      />
      <div className={fieldStyles['bounds']}>
        <Field name="port" label="Port" placeholder="a free one" {...props} />
        <Field name="connectionsMax" label="Clients at once" {...props} />
        <Field name="idleOffMinutes" label="Off when unused (min)" placeholder="never" {...props} />
      </div>
      <Choice
        label="Encryption (TLS)"
        value={draft.tls}
        choices={tlsChoices}
        onChoose={(tls) => onChange({ tls })}
      />
      <MoreFields {...props} />
    </>
  )
}

const moreFields = [
  ...(['address', 'hostNames', 'certificatePath', 'keyPath', 'clientAuthorityPath'] as const),
]

function MoreFields(props: WebFieldsProps): ReactElement {
  const { draft, problems, onChange } = props
  const [isOpen, setIsOpen] = useState(false)
  // Nobody is left to guess why it cannot be saved.
  const hasProblem = moreFields.some((field) => problems[field] !== undefined)
  return (
    <details
      className={fieldStyles['more']}
      open={isOpen || hasProblem}
      onToggle={(event) => setIsOpen(event.currentTarget.open)}
    >
      <summary className={fieldStyles['moreTitle']}>Other machines and certificates</summary>
      <div className={fieldStyles['moreFields']}>
        <div className={fieldStyles['fieldRow']}>
          <Field name="address" label="Address to listen on" placeholder="this machine alone" {...props} />
          <Field name="hostNames" label="Names that it is asked for by" placeholder="localhost" {...props} />
          <Field
            name="certificatePath"
            label="Certificate (PEM)"
            placeholder="one made for this machine"
            {...props}
          />
          <Field name="keyPath" label="Its key (PEM)" placeholder="none" {...props} />
        </div>
        <Field
          name="clientAuthorityPath"
          label="Demand certificates that one of these has signed (PEM)"
          placeholder="none are asked for"
          {...props}
        />
        <Check
          label="Compress large messages (costs time and memory)"
          isSelected={draft.compresses}
          onChange={(compresses) => onChange({ compresses })}
        />
      </div>
    </details>
  )
}

interface FieldProps extends WebFieldsProps {
  readonly name: Exclude<keyof WebOptionsDraft, 'startsWithHost' | 'compresses' | 'tls'>
  readonly label: string
  readonly placeholder?: string
  readonly isLong?: boolean
}

function Field({ name, draft, problems, onChange, ...words }: FieldProps): ReactElement {
  const edit = (text: string): void => onChange({ [name]: text })
  return <TextInput {...words} value={draft[name]} problem={problems[name]} onChange={edit} />
}
