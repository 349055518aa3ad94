/** Asks for what a new database needs, and makes it. */

import { useState, type FormEvent, type ReactElement } from 'react'
import { Checkbox, Input, Label, Radio, RadioGroup, TextField } from 'react-aria-components'
import { toWireError } from '../../contract/error.ts'
import { defaultInstanceOptions } from '../../contract/instance-options.ts'
import { instanceNameLengthMax } from '../../contract/limits.ts'
import { ExtensionChoice } from '../instances/extension-choice.tsx'
import { draftOf, optionsOf, problemsOf } from '../instances/options-draft.ts'
import { OptionsFields } from '../instances/options-fields.tsx'
import type { NewInstance } from '../state/instance-state.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { Dialog, DialogActions } from '../widgets/dialog.tsx'
import { ProgressBar } from '../widgets/progress-bar.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import formStyles from '../widgets/form-fields.module.css'
import styles from './new-instance-dialog.module.css'

interface NewInstanceDialogProps {
  readonly isOpen: boolean
  readonly onClose: () => void
}

export function NewInstanceDialog({ isOpen, onClose }: NewInstanceDialogProps): ReactElement {
  return (
    <Dialog title="New database" isOpen={isOpen} onClose={onClose}>
      <NewInstanceForm onClose={onClose} />
    </Dialog>
  )
}

type Request = Required<NewInstance>

const blank: Request = {
  ...{ name: '', storage: 'directory', withSample: false },
  ...{ options: defaultInstanceOptions, extensions: [] },
}

function NewInstanceForm({ onClose }: { readonly onClose: () => void }): ReactElement {
  const workbench = useWorkbench()
  const [request, setRequest] = useState(blank)
  const [draft, setDraft] = useState(() => draftOf(defaultInstanceOptions))
  const problems = problemsOf(draft)
  const isReady = request.name.trim() !== '' && Object.keys(problems).length === 0
  const [isWorking, setIsWorking] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const change = (fields: Partial<Request>): void => {
    setFailure(null)
    setRequest((before) => ({ ...before, ...fields }))
  }
  const create = async (): Promise<void> => {
    setIsWorking(true)
    try {
      const options = optionsOf(draft, defaultInstanceOptions)
      await workbench.createInstance({ ...request, options, name: request.name.trim() })
      onClose()
    } catch (error) {
      setFailure(toWireError(error).message)
      setIsWorking(false)
    }
  }
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    if (isReady && !isWorking) void create()
  }
  return (
    <form className={styles['form']} onSubmit={onSubmit}>
      <Fields request={request} change={change} />
      <details className={styles['more']}>
        <summary className={styles['moreTitle']}>Extensions, durability and memory</summary>
        <div className={styles['moreFields']}>
          <ExtensionChoice chosen={request.extensions} onChange={(extensions) => change({ extensions })} />
          <OptionsFields
            draft={draft}
            problems={problems}
            hasDurability={request.storage === 'directory'}
            onChange={setDraft}
          />
        </div>
      </details>
      {failure === null ? null : (
        <p className={styles['failure']} role="alert">
          {failure}
        </p>
      )}
      <DialogActions>
        {isWorking ? <ProgressBar label={doing(request)} /> : null}
        <TextButton
          onPress={() => {
            onClose()
            workbench.remotes.askNew()
          }}
        >
          On a server…
        </TextButton>
        <TextButton onPress={onClose}>Cancel</TextButton>
        <TextButton kind="primary" type="submit" isDisabled={isWorking || !isReady}>
          Make database
        </TextButton>
      </DialogActions>
    </form>
  )
}

function doing({ name, withSample }: NewInstance): string {
  return withSample ? `Filling ${name.trim()} with the sample` : `Making ${name.trim()}`
}

interface FieldsProps {
  readonly request: Request
  readonly change: (fields: Partial<Request>) => void
}

function Fields({ request, change }: FieldsProps): ReactElement {
  return (
    <>
      <TextField
        className={formStyles['field'] ?? ''}
        value={request.name}
        onChange={(name) => change({ name })}
        maxLength={instanceNameLengthMax}
        isRequired
        autoFocus
      >
        <Label className={formStyles['label'] ?? ''}>Name</Label>
        <Input
          className={formStyles['input'] ?? ''}
          autoComplete="off"
          spellCheck={false}
          placeholder="orders"
        />
      </TextField>
      <RadioGroup
        className={formStyles['field'] ?? ''}
        value={request.storage}
        onChange={(storage) => change({ storage: storage === 'memory' ? 'memory' : 'directory' })}
      >
        <Label className={formStyles['label'] ?? ''}>Kept</Label>
        <Radio className={formStyles['radio'] ?? ''} value="directory">
          <span className={formStyles['mark']} />
          On disk
          <span className={formStyles['hint']}>every commit survives a crash</span>
        </Radio>
        <Radio className={formStyles['radio'] ?? ''} value="memory">
          <span className={formStyles['mark']} />
          In memory
          <span className={formStyles['hint']}>gone when Wardian ends</span>
        </Radio>
      </RadioGroup>
      <Checkbox
        className={formStyles['check'] ?? ''}
        isSelected={request.withSample}
        onChange={(withSample) => change({ withSample })}
      >
        <span className={formStyles['box']} />
        With the sample web shop
        <span className={formStyles['hint']}>about 100,000 rows</span>
      </Checkbox>
    </>
  )
}
