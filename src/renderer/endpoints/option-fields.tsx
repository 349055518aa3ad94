/** The fields in which an endpoint is set: what belongs together stands together, and what is wrong below it. */

import { useState, type ReactElement } from 'react'
import { Checkbox } from 'react-aria-components'
import { Choice, TextInput } from './draft-fields.tsx'
import type { DraftProblems, OptionsDraft } from './options-draft.ts'
import { classes } from '../widgets/class-names.ts'
import formStyles from '../widgets/form-fields.module.css'
import styles from './option-fields.module.css'

export interface OptionFieldsProps {
  readonly draft: OptionsDraft
  readonly problems: DraftProblems
  readonly onChange: (fields: Partial<OptionsDraft>) => void
}

export function OptionFields(props: OptionFieldsProps): ReactElement {
  const { draft, problems, onChange } = props
  const [isOpen, setIsOpen] = useState(false)
  // Nobody is left to guess why it cannot be saved.
  const hasProblem = moreFields.some((field) => problems[field] !== undefined)
  return (
    <>
      <Checkbox
        className={formStyles['check'] ?? ''}
        isSelected={draft.startsWithHost}
        onChange={(startsWithHost) => onChange({ startsWithHost })}
      >
        <span className={formStyles['box']} />
        Start with Wardian
      </Checkbox>
      <Choice
        label="Each connection"
        value={draft.mode}
        choices={modes}
        onChoose={(mode) => onChange({ mode })}
      />
      <div className={styles['fieldRow']}>
        <Field name="port" label="Port" placeholder="a free one" {...props} />
        <Field
          name="socketDirectory"
          label="Directory for a Unix-domain socket"
          placeholder="none"
          {...props}
        />
      </div>
      <Choice
        label="Encryption (TLS)"
        value={draft.tls}
        choices={tlsChoices}
        onChoose={(tls) => onChange({ tls })}
      />
      <details
        className={styles['more']}
        open={isOpen || hasProblem}
        onToggle={(event) => setIsOpen(event.currentTarget.open)}
      >
        <summary className={styles['moreTitle']}>Certificates and limits</summary>
        <div className={styles['moreFields']}>
          <CertificateFields {...props} />
          <div className={styles['bounds']}>
            <Field name="connectionsMax" label="Clients at once" {...props} />
            <Field name="idleSeconds" label="Idle transaction (s)" {...props} />
            <Field name="stalledSeconds" label="Stalled client (s)" {...props} />
          </div>
          <p className={classes(formStyles['hint'], styles['note'])}>
            A transaction that idles while others wait is rolled back; a client that takes nothing of its
            answer is disconnected.
          </p>
        </div>
      </details>
    </>
  )
}

function CertificateFields(props: OptionFieldsProps): ReactElement {
  const { draft, onChange } = props
  return (
    <>
      <div className={styles['fieldRow']}>
        <Field
          name="certificatePath"
          label="Certificate (PEM)"
          placeholder="one made for this machine"
          {...props}
        />
        <Field name="keyPath" label="Its key (PEM)" placeholder="none" {...props} />
      </div>
      <Choice
        label="Certificates of programs"
        value={draft.certificateUse}
        choices={certificateUses}
        onChoose={(certificateUse) => onChange({ certificateUse })}
      />
      {draft.certificateUse === 'none' ? null : (
        <Field name="authorityPath" label="Signed by one of these (PEM)" {...props} />
      )}
    </>
  )
}

const moreFields = [
  ...(['certificatePath', 'keyPath', 'authorityPath'] as const),
  ...(['connectionsMax', 'idleSeconds', 'stalledSeconds'] as const),
]

const modes = [
  ['shared', 'Shares the database', 'transactions take turns'],
  ['fork', 'Gets a copy', 'for test suites; gone when it leaves'],
] as const

const tlsChoices = [
  ['offered', 'Offered', 'to programs that ask for it'],
  ['required', 'Required', 'programs trust its certificate'],
  ['off', 'Off', 'for programs that cannot ask'],
] as const

const certificateUses = [
  ['none', 'Not asked for', ''],
  ['required', 'Required', 'beside the password'],
  ['log-in', 'Log in', 'as their common name'],
] as const

/** Those that are edited as text. */
type TextName = {
  [K in keyof OptionsDraft]: OptionsDraft[K] extends string
    ? string extends OptionsDraft[K]
      ? K
      : never
    : never
}[keyof OptionsDraft]

interface FieldProps extends OptionFieldsProps {
  readonly name: TextName
  readonly label: string
  readonly placeholder?: string
}

function Field({ name, label, placeholder = '', draft, problems, onChange }: FieldProps): ReactElement {
  return (
    <TextInput
      label={label}
      placeholder={placeholder}
      value={draft[name]}
      problem={problems[name]}
      onChange={(text) => onChange({ [name]: text })}
    />
  )
}
