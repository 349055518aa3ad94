/** Asks where a database is to be put, or where one lies, and lets it be carried. Paths are those of the host. */

import { useEffect, useState, type FormEvent, type ReactElement, type ReactNode } from 'react'
import { Checkbox, Input, Label, Text, TextField } from 'react-aria-components'
import { toWireError } from '../../contract/error.ts'
import type { Instance } from '../../contract/instance.ts'
import type { PathPurpose } from '../state/shell-state.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { Dialog, DialogActions } from '../widgets/dialog.tsx'
import { ProgressBar } from '../widgets/progress-bar.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import formStyles from '../widgets/form-fields.module.css'
import styles from './instances.module.css'

interface CarryDialogProps {
  readonly isOpen: boolean
  /** What lies ready to be taken in; empty for nothing. */
  readonly path: string
  readonly onClose: () => void
}

export function ExportDialog(props: {
  readonly instance: Instance | null
  readonly onClose: () => void
}): ReactElement {
  const { instance, onClose } = props
  return (
    <Dialog title={`Export ${instance?.name ?? ''}`} isOpen={instance !== null} onClose={onClose}>
      {instance ? <ExportForm instance={instance} onClose={onClose} /> : null}
    </Dialog>
  )
}

export function ImportDialog({ isOpen, path, onClose }: CarryDialogProps): ReactElement {
  return (
    <Dialog title="Import a database" isOpen={isOpen} onClose={onClose}>
      <ImportForm key={path} path={path} onClose={onClose} />
    </Dialog>
  )
}

export function OpenDirectoryDialog({ isOpen, path, onClose }: CarryDialogProps): ReactElement {
  return (
    <Dialog title="Open a directory" isOpen={isOpen} onClose={onClose}>
      <OpenForm key={path} path={path} onClose={onClose} />
    </Dialog>
  )
}

interface ExportFormProps {
  readonly instance: Instance
  readonly onClose: () => void
}

function ExportForm({ instance, onClose }: ExportFormProps): ReactElement {
  const workbench = useWorkbench()
  const [file, setFile] = useState('')
  const [mayReplace, setMayReplace] = useState(false)
  useEffect(() => {
    workbench.attempt(async () => setFile(await workbench.carry.suggestFile(instance.id)))
  }, [workbench, instance.id])
  return (
    <CarryForm
      action="Export"
      isReady={file.trim() !== ''}
      onClose={onClose}
      onSubmit={() => workbench.exportInstance(instance, file.trim(), mayReplace)}
    >
      <PathField
        label="File"
        value={file}
        hint="One file with all of it, as it is now. It can be imported here or on another machine."
        purpose="export"
        onChange={setFile}
      />
      <Check isSelected={mayReplace} onChange={setMayReplace} label="Replace a file that is there" />
    </CarryForm>
  )
}

type TakeInFormProps = Omit<CarryDialogProps, 'isOpen'>

function ImportForm({ path, onClose }: TakeInFormProps): ReactElement {
  const workbench = useWorkbench()
  const [file, setFile] = useState(path)
  const [name, setName] = useState('')
  return (
    <CarryForm
      action="Import"
      isReady={file.trim() !== ''}
      onClose={onClose}
      onSubmit={() => workbench.importInstance(file.trim(), name.trim() || null)}
    >
      <PathField
        label="File"
        value={file}
        placeholder="shop.wardian, with its whole path"
        purpose="import"
        onChange={setFile}
      />
      <PathField label="Name" value={name} placeholder="as when it was exported" onChange={setName} />
    </CarryForm>
  )
}

function OpenForm({ path, onClose }: TakeInFormProps): ReactElement {
  const workbench = useWorkbench()
  const [directory, setDirectory] = useState(path)
  const [name, setName] = useState('')
  const [isCopied, setIsCopied] = useState(false)
  return (
    <CarryForm
      action="Open"
      isReady={directory.trim() !== ''}
      onClose={onClose}
      onSubmit={() => workbench.openDirectory(directory.trim(), name.trim() || null, isCopied)}
    >
      <PathField
        label="Directory"
        value={directory}
        hint="A data directory of PGlite, or the directory of a database of Wardian, with its whole path."
        purpose="directory"
        onChange={setDirectory}
      />
      <PathField label="Name" value={name} placeholder="as the directory is called" onChange={setName} />
      <Check
        isSelected={isCopied}
        onChange={setIsCopied}
        label="Copy it here"
        hint="else it stays where it is, and is changed there"
      />
    </CarryForm>
  )
}

interface CarryFormProps {
  readonly action: string
  readonly isReady: boolean
  readonly onSubmit: () => Promise<unknown>
  readonly onClose: () => void
  readonly children: ReactNode
}

/** Stays open until it is done or has failed; closing it leaves the work to the page, which shows how far it is. */
function CarryForm({ action, isReady, onSubmit, onClose, children }: CarryFormProps): ReactElement {
  const [isWorking, setIsWorking] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const submit = async (): Promise<void> => {
    setIsWorking(true)
    setFailure(null)
    try {
      await onSubmit()
      onClose()
    } catch (error) {
      setFailure(toWireError(error).message)
    } finally {
      setIsWorking(false)
    }
  }
  const submitForm = (event: FormEvent): void => {
    event.preventDefault()
    if (isReady && !isWorking) void submit()
  }
  return (
    <form className={styles['form']} onSubmit={submitForm}>
      {children}
      {failure === null ? null : (
        <p className={formStyles['problem']} role="alert">
          {failure}
        </p>
      )}
      {isWorking ? <CarryProgress /> : null}
      <DialogActions>
        <TextButton onPress={onClose}>{isWorking ? 'Hide' : 'Cancel'}</TextButton>
        <TextButton kind="primary" type="submit" isDisabled={!isReady || isWorking}>
          {action}
        </TextButton>
      </DialogActions>
    </form>
  )
}

function CarryProgress(): ReactElement {
  return <ProgressBar label="Working; the page of databases shows how far it is" />
}

interface PathFieldProps {
  readonly label: string
  readonly value: string
  readonly placeholder?: string
  readonly hint?: string
  /** What the system's dialog would choose; not for names. */
  readonly purpose?: PathPurpose
  readonly onChange: (value: string) => void
}

function PathField(props: PathFieldProps): ReactElement {
  const { label, value, placeholder = '', hint, purpose, onChange } = props
  return (
    <TextField className={formStyles['field'] ?? ''} value={value} onChange={onChange}>
      <Label className={formStyles['label'] ?? ''}>{label}</Label>
      <div className={styles['pathRow']}>
        <Input
          className={formStyles['input'] ?? ''}
          autoComplete="off"
          spellCheck={false}
          placeholder={placeholder}
        />
        {purpose === undefined ? null : <BrowseButton {...{ value, purpose, onChange }} />}
      </div>
      {hint === undefined ? null : (
        <Text slot="description" className={formStyles['hint'] ?? ''}>
          {hint}
        </Text>
      )}
    </TextField>
  )
}

interface BrowseButtonProps extends Pick<PathFieldProps, 'value' | 'onChange'> {
  readonly purpose: PathPurpose
}

/** Only where there is a system to ask. */
function BrowseButton({ value, purpose, onChange }: BrowseButtonProps): ReactElement | null {
  const workbench = useWorkbench()
  if (!workbench.shell.isThere) return null
  const browse = async (): Promise<void> => {
    const chosen = await workbench.shell.choosePath(purpose, value.trim())
    if (chosen !== null) onChange(chosen)
  }
  return <TextButton onPress={() => workbench.attempt(browse)}>Browse…</TextButton>
}

interface CheckProps {
  readonly label: string
  readonly hint?: string
  readonly isSelected: boolean
  readonly onChange: (isSelected: boolean) => void
}

function Check({ label, hint, isSelected, onChange }: CheckProps): ReactElement {
  return (
    <Checkbox className={formStyles['check'] ?? ''} isSelected={isSelected} onChange={onChange}>
      <span className={formStyles['box']} />
      {label}
      {hint === undefined ? null : <span className={formStyles['hint']}>{hint}</span>}
    </Checkbox>
  )
}
