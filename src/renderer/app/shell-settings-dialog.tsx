/** The settings of the app around the window, which a served page does not have. */

import { useEffect, useState, type FormEvent, type ReactElement } from 'react'
import { Checkbox, Input, Label, Radio, RadioGroup, TextField } from 'react-aria-components'
import { toWireError } from '../../contract/error.ts'
import type { ShellSettings } from '../../contract/shell-contract.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { Dialog, DialogActions } from '../widgets/dialog.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import formStyles from '../widgets/form-fields.module.css'
import styles from './shell-settings-dialog.module.css'

const proxyWords = [
  ['system', 'As the system', 'what the desktop has'],
  ['direct', 'None', 'straight to the network'],
  ['fixed', 'This one', 'for everything but this machine'],
] as const

const switches = [
  ['notifies', 'Tell of statements that end after 5 s while no window is looked at', ''],
  ['staysAwake', 'Keep the machine awake while something runs for long', ''],
  ['updatesItself', 'Get new versions', 'Where a package manager installed Wardian, it does so instead'],
  ['staysInTray', 'Keep databases and endpoints when the last window is closed', 'with an icon in the tray'],
  ['usesGpu', 'Draw with the graphics processor', 'counts from the next start on'],
] as const

export function ShellSettingsDialog(): ReactElement {
  const { shell } = useWorkbench()
  const isOpen = useStore(shell.isAskingSettings)
  const close = (): void => shell.isAskingSettings.set(false)
  return (
    <Dialog title="App settings" isOpen={isOpen} onClose={close}>
      {isOpen ? <SettingsForm onClose={close} /> : null}
    </Dialog>
  )
}

function SettingsForm({ onClose }: { readonly onClose: () => void }): ReactElement | null {
  const workbench = useWorkbench()
  const [draft, setDraft] = useState<ShellSettings | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  useEffect(() => {
    workbench.attempt(async () => setDraft(await workbench.shell.settings()))
  }, [workbench])
  if (!draft) return null
  const change = (fields: Partial<ShellSettings>): void => {
    setFailure(null)
    setDraft({ ...draft, ...fields })
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    workbench.shell
      .setSettings(draft)
      .then(onClose, (error: unknown) => setFailure(toWireError(error).message))
  }
  return (
    <form className={styles['form']} onSubmit={submit}>
      {switches.map(([name, words, hint]) => (
        <Checkbox
          key={name}
          className={formStyles['check'] ?? ''}
          isSelected={draft[name]}
          onChange={(isOn) => change({ [name]: isOn })}
        >
          <span className={formStyles['box']} />
          <span>
            {words}
            {hint === '' ? null : <span className={styles['hint']}>{hint}</span>}
          </span>
        </Checkbox>
      ))}
      <ProxyFields draft={draft} onChange={change} />
      {failure === null ? null : (
        <p className={formStyles['problem']} role="alert">
          {failure}
        </p>
      )}
      <DialogActions>
        <TextButton onPress={onClose}>Cancel</TextButton>
        <TextButton kind="primary" type="submit">
          Save
        </TextButton>
      </DialogActions>
    </form>
  )
}

interface ProxyFieldsProps {
  readonly draft: ShellSettings
  readonly onChange: (fields: Partial<ShellSettings>) => void
}

function ProxyFields({ draft, onChange }: ProxyFieldsProps): ReactElement {
  return (
    <>
      <RadioGroup
        className={formStyles['field'] ?? ''}
        value={draft.proxy}
        onChange={(value) =>
          onChange({ proxy: proxyWords.find(([each]) => each === value)?.[0] ?? 'system' })
        }
      >
        <Label className={formStyles['label'] ?? ''}>
          Proxy for updates (databases are reached without one)
        </Label>
        {proxyWords.map(([value, words, hint]) => (
          <Radio key={value} className={formStyles['radio'] ?? ''} value={value}>
            <span className={formStyles['mark']} />
            {words}
            <span className={formStyles['hint']}>{hint}</span>
          </Radio>
        ))}
      </RadioGroup>
      {draft.proxy === 'fixed' ? (
        <TextField
          className={formStyles['field'] ?? ''}
          value={draft.proxyAddress}
          onChange={(proxyAddress) => onChange({ proxyAddress })}
        >
          <Label className={formStyles['label'] ?? ''}>Address</Label>
          <Input
            className={formStyles['input'] ?? ''}
            autoComplete="off"
            spellCheck={false}
            placeholder="http://proxy.example:3128"
          />
        </TextField>
      ) : null}
    </>
  )
}
