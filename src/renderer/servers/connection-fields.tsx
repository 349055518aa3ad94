/** The fields of a server: where it is, as whom, how it is encrypted, and how it is told from others. */

import { useState, type ReactElement } from 'react'
import { Checkbox, FieldError, Input, Label, Radio, RadioGroup, TextField } from 'react-aria-components'
import { instanceNameLengthMax } from '../../contract/limits.ts'
import { serverColours, type ServerColour } from '../../contract/remote-server.ts'
import { classes } from '../widgets/class-names.ts'
import formStyles from '../widgets/form-fields.module.css'
import type { ConnectionDraft, DraftProblems } from './connection-draft.ts'
import { tlsChoices } from './server-words.ts'
import styles from './servers.module.css'

export interface ConnectionFieldsProps {
  readonly draft: ConnectionDraft
  readonly problems: DraftProblems
  readonly hasPassword: boolean
  /** By the system's keyring. */
  readonly isPasswordSealed: boolean
  /** It exists, and is renamed elsewhere. */
  readonly isNamed: boolean
  readonly onChange: (fields: Partial<ConnectionDraft>) => void
}

export function ConnectionFields(props: ConnectionFieldsProps): ReactElement {
  const { draft, hasPassword, isPasswordSealed, isNamed, onChange } = props
  return (
    <>
      {isNamed ? null : (
        <Field name="name" label="Name" placeholder="orders" lengthMax={instanceNameLengthMax} {...props} />
      )}
      <div className={styles['hostRow']}>
        <Field name="host" label="Host" {...props} />
        <Field name="port" label="Port" {...props} />
      </div>
      <div className={styles['row']}>
        <Field name="database" label="Database" {...props} />
        <Field name="user" label="User" {...props} />
        <Field name="password" label="Password" placeholder={hasPassword ? 'kept' : ''} isSecret {...props} />
      </div>
      <p className={formStyles['hint']}>
        {isPasswordSealed
          ? 'The password is kept encrypted, with a key of the system’s keyring.'
          : 'The password is kept in a file that only you can read (mode 0600). It is not encrypted there.'}
      </p>
      <TlsChoice {...props} />
      <div className={styles['markRow']}>
        <Field name="label" label="Mark" placeholder="production" lengthMax={24} {...props} />
        <ColourChoice colour={draft.colour} onChoose={(colour) => onChange({ colour })} />
      </div>
      <Checkbox
        className={formStyles['check'] ?? ''}
        isSelected={draft.isReadOnly}
        onChange={(isReadOnly) => onChange({ isReadOnly })}
      >
        <span className={formStyles['box']} />
        Read-only
        <span className={formStyles['hint']}>the server refuses to write, unless SQL allows it</span>
      </Checkbox>
      <MoreFields {...props} />
    </>
  )
}

function TlsChoice({ draft, onChange }: ConnectionFieldsProps): ReactElement {
  const hint = tlsChoices.find(([mode]) => mode === draft.tlsMode)?.[2] ?? ''
  const choose = (value: string): void => {
    const found = tlsChoices.find(([mode]) => mode === value)
    if (found) onChange({ tlsMode: found[0] })
  }
  return (
    <RadioGroup
      className={formStyles['field'] ?? ''}
      value={draft.tlsMode}
      onChange={choose}
      orientation="horizontal"
    >
      <Label className={formStyles['label'] ?? ''}>Encryption (TLS){hint === '' ? '' : `: ${hint}`}</Label>
      <div className={formStyles['radios']}>
        {tlsChoices.map(([mode, name]) => (
          <Radio key={mode} className={formStyles['radio'] ?? ''} value={mode}>
            <span className={formStyles['mark']} />
            {name}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  )
}

const colourNames: Readonly<Record<ServerColour, string>> = {
  none: 'none',
  accent: 'blue',
  leaf: 'green',
  amber: 'amber',
  clay: 'red',
}

interface ColourChoiceProps {
  readonly colour: ServerColour
  readonly onChoose: (colour: ServerColour) => void
}

function ColourChoice({ colour, onChoose }: ColourChoiceProps): ReactElement {
  return (
    <RadioGroup
      className={formStyles['field'] ?? ''}
      value={colour}
      onChange={(value) => onChoose(serverColours.find((each) => each === value) ?? 'none')}
      orientation="horizontal"
    >
      <Label className={formStyles['label'] ?? ''}>Its colour</Label>
      <div className={styles['colours']}>
        {serverColours.map((each) => (
          <Radio key={each} className={classes(styles['colour'], styles[each])} value={each}>
            <span className={styles['swatch']} />
            {colourNames[each]}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  )
}

const moreNames = ['caFile', 'certificateFile', 'keyFile', 'connectionsMax', 'idleMinutes'] as const

function MoreFields(props: ConnectionFieldsProps): ReactElement {
  const [isOpen, setIsOpen] = useState(false)
  // Nobody is left to guess why it cannot be tried.
  const hasProblem = moreNames.some((name) => props.problems[name] !== undefined)
  return (
    <details
      className={styles['more']}
      open={isOpen || hasProblem}
      onToggle={(event) => setIsOpen(event.currentTarget.open)}
    >
      <summary className={styles['moreTitle']}>Certificates and limits</summary>
      <div className={styles['moreFields']}>
        <Field
          name="caFile"
          label="Trusted CA certificates (PEM file)"
          placeholder="those that this machine trusts"
          {...props}
        />
        <div className={styles['row']}>
          <Field name="certificateFile" label="Log in with certificate (PEM)" placeholder="none" {...props} />
          <Field name="keyFile" label="Its key (PEM)" placeholder="none" {...props} />
        </div>
        <div className={styles['row']}>
          <Field name="connectionsMax" label="Connections at once" {...props} />
          <Field name="idleMinutes" label="Close idle ones after (minutes)" placeholder="never" {...props} />
        </div>
      </div>
    </details>
  )
}

/** Those that are edited as text. */
type TextName = Exclude<keyof ConnectionDraft, 'isReadOnly' | 'tlsMode' | 'colour'>

interface FieldProps extends ConnectionFieldsProps {
  readonly name: TextName
  readonly label: string
  readonly placeholder?: string
  readonly lengthMax?: number
  readonly isSecret?: boolean
}

function Field(props: FieldProps): ReactElement {
  const {
    name,
    label,
    placeholder = '',
    lengthMax = 4096,
    isSecret = false,
    draft,
    problems,
    onChange,
  } = props
  const problem = problems[name]
  return (
    <TextField
      className={formStyles['field'] ?? ''}
      value={draft[name]}
      onChange={(text) => onChange({ [name]: text })}
      isInvalid={problem !== undefined}
      validationBehavior="aria"
      maxLength={lengthMax}
      type={isSecret ? 'password' : 'text'}
    >
      <Label className={formStyles['label'] ?? ''}>{label}</Label>
      <Input
        className={formStyles['input'] ?? ''}
        autoComplete={isSecret ? 'new-password' : 'off'}
        spellCheck={false}
        placeholder={placeholder}
      />
      <FieldError className={formStyles['problem'] ?? ''}>{problem}</FieldError>
    </TextField>
  )
}
