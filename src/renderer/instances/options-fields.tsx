/** The fields in which it is chosen how a database is run: how safe commits are, and how much memory it may take. */

import type { ReactElement } from 'react'
import { FieldError, Input, Label, Radio, RadioGroup, Text, TextField } from 'react-aria-components'
import { memorySettings, type MemorySetting } from '../../contract/memory-settings.ts'
import formStyles from '../widgets/form-fields.module.css'
import type { OptionsDraft } from './options-draft.ts'
import styles from './instances.module.css'

interface OptionsFieldsProps {
  readonly draft: OptionsDraft
  readonly problems: Readonly<Record<string, string>>
  /** Nothing is durable in memory. */
  readonly hasDurability: boolean
  readonly onChange: (draft: OptionsDraft) => void
}

export function OptionsFields({
  draft,
  problems,
  hasDurability,
  onChange,
}: OptionsFieldsProps): ReactElement {
  return (
    <>
      {hasDurability ? (
        <RadioGroup
          className={formStyles['field'] ?? ''}
          value={draft.durability}
          onChange={(value) =>
            onChange({ ...draft, durability: value === 'relaxed' ? 'relaxed' : 'durable' })
          }
        >
          <Label className={formStyles['label'] ?? ''}>Commits</Label>
          <Radio className={formStyles['radio'] ?? ''} value="durable">
            <span className={formStyles['mark']} />
            Durable
            <span className={formStyles['hint']}>on disk before they are acknowledged</span>
          </Radio>
          <Radio className={formStyles['radio'] ?? ''} value="relaxed">
            <span className={formStyles['mark']} />
            Relaxed
            <span className={formStyles['hint']}>
              faster; a power loss may lose the last ones, or damage the database
            </span>
          </Radio>
        </RadioGroup>
      ) : null}
      <div className={styles['settings']}>
        {memorySettings.map((setting) => (
          <SettingField
            key={setting.name}
            setting={setting}
            value={draft.settings[setting.name] ?? ''}
            problem={problems[setting.name]}
            onChange={(value) =>
              onChange({ ...draft, settings: { ...draft.settings, [setting.name]: value } })
            }
          />
        ))}
      </div>
    </>
  )
}

interface SettingFieldProps {
  readonly setting: MemorySetting
  readonly value: string
  readonly problem: string | undefined
  readonly onChange: (value: string) => void
}

function SettingField({ setting, value, problem, onChange }: SettingFieldProps): ReactElement {
  const { name, purpose, defaultValue } = setting
  return (
    <TextField
      className={formStyles['field'] ?? ''}
      value={value}
      onChange={onChange}
      isInvalid={problem !== undefined}
    >
      <Label className={formStyles['label'] ?? ''}>{name}</Label>
      <Input
        className={formStyles['input'] ?? ''}
        autoComplete="off"
        spellCheck={false}
        placeholder={defaultValue}
      />
      <Text slot="description" className={formStyles['hint'] ?? ''}>
        {purpose}
      </Text>
      <FieldError className={formStyles['problem'] ?? ''}>{problem}</FieldError>
    </TextField>
  )
}
