/** Asks how a server is reached, tries it, and keeps it as an instance; or changes how one that is kept is reached. */

import { CircleCheck } from 'lucide-react'
import { useEffect, useRef, useState, type FormEvent, type ReactElement } from 'react'
import { Input, Label, TextField } from 'react-aria-components'
import { toWireError } from '../../contract/error.ts'
import type { RemoteTrial } from '../../contract/remote-calls.ts'
import type { RemoteEntry, RemoteQuestion } from '../state/remote-state.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { Dialog, DialogActions } from '../widgets/dialog.tsx'
import { NoticeCard } from '../widgets/notice-card.tsx'
import { ProgressBar } from '../widgets/progress-bar.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import formStyles from '../widgets/form-fields.module.css'
import {
  connectionOf,
  draftOf,
  isComplete,
  pasteInto,
  problemsOf,
  type ConnectionDraft,
  type PastedText,
} from './connection-draft.ts'
import { ConnectionFields } from './connection-fields.tsx'
import { trialWords } from './server-words.ts'
import styles from './servers.module.css'

export function ConnectDialog(): ReactElement {
  const { remotes } = useWorkbench()
  const question = useStore(remotes.question)
  const close = (): void => remotes.question.set(null)
  const title = question?.instance ? `Connection of ${question.instance.name}` : 'Connect to a server'
  return (
    <Dialog title={title} isOpen={question !== null} onClose={close} isWide>
      {question ? <ConnectForm question={question} onClose={close} /> : null}
    </Dialog>
  )
}

/** What has come of the last attempt. */
type Attempt =
  | { readonly kind: 'none' }
  | { readonly kind: 'working' }
  | { readonly kind: 'found'; readonly trial: RemoteTrial }
  | { readonly kind: 'failed'; readonly message: string; readonly mayKeep: boolean }

interface ConnectFormProps {
  readonly question: RemoteQuestion
  readonly onClose: () => void
}

function ConnectForm({ question, onClose }: ConnectFormProps): ReactElement {
  const form = useConnectForm(question, onClose)
  const isPasswordSealed = useStore(useWorkbench().remotes.isSealing)
  const { draft, problems, attempt, pasted } = form
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    if (form.isReady) void form.connect()
  }
  const isNew = question.instance === null
  return (
    <form className={styles['form']} onSubmit={onSubmit}>
      {isNew ? <PasteField pasted={pasted} onPaste={form.paste} /> : null}
      <ConnectionFields
        {...{ draft, problems, hasPassword: question.hasPassword, isNamed: !isNew, onChange: form.change }}
        isPasswordSealed={isPasswordSealed}
      />
      <AttemptLine attempt={attempt} onKeep={form.keep} />
      <DialogActions>
        <TextButton onPress={() => void form.test()} isDisabled={!form.isReady}>
          Test
        </TextButton>
        <span className={styles['space']} />
        <TextButton onPress={onClose}>Cancel</TextButton>
        <TextButton kind="primary" type="submit" isDisabled={!form.isReady}>
          {isNew ? 'Connect' : 'Save'}
        </TextButton>
      </DialogActions>
    </form>
  )
}

interface ConnectFormState {
  readonly draft: ConnectionDraft
  readonly problems: ReturnType<typeof problemsOf>
  readonly attempt: Attempt
  readonly pasted: PastedText | null
  readonly isReady: boolean
  change(fields: Partial<ConnectionDraft>): void
  paste(text: string): void
  test(): Promise<void>
  connect(): Promise<void>
  keep(): Promise<void>
}

function useConnectForm({ instance, connection }: RemoteQuestion, onClose: () => void): ConnectFormState {
  const workbench = useWorkbench()
  const { remotes } = workbench
  const [draft, setDraft] = useState(() => draftOf(instance?.name ?? '', connection))
  const [attempt, setAttempt] = useState<Attempt>({ kind: 'none' })
  const [pasted, setPasted] = useState<PastedText | null>(null)
  const problems = problemsOf(draft)
  const entry = (): RemoteEntry => ({
    connection: connectionOf(draft),
    password: draft.password === '' ? null : draft.password,
  })
  const testing = useRef<AbortController | null>(null)
  // Nobody waits for it any more.
  useEffect(() => () => testing.current?.abort(), [])
  const attemptTo = async (work: () => Promise<void>, mayKeep: boolean): Promise<boolean> => {
    setAttempt({ kind: 'working' })
    try {
      await work()
      return true
    } catch (error) {
      setAttempt({ kind: 'failed', message: toWireError(error).message, mayKeep })
      return false
    }
  }
  const test = async (): Promise<void> => {
    testing.current = new AbortController()
    const { signal } = testing.current
    setAttempt({ kind: 'found', trial: await remotes.test(entry(), { instance, signal }) })
  }
  const store = async (): Promise<void> => {
    if (instance) await remotes.update(instance, entry())
    else await workbench.addServer(draft.name.trim(), entry())
    onClose()
  }
  const change = (fields: Partial<ConnectionDraft>): void => {
    setAttempt({ kind: 'none' })
    setDraft((before) => ({ ...before, ...fields }))
  }
  return {
    ...{ draft, problems, attempt, pasted, change },
    isReady: attempt.kind !== 'working' && isComplete(draft) && Object.keys(problems).length === 0,
    paste: (text) => {
      const found = pasteInto(draft, text)
      setPasted(found)
      if (found) change(found.fields)
    },
    test: async () => void (await attemptTo(test, false)),
    connect: async () => {
      if (await attemptTo(test, true)) await attemptTo(store, false)
    },
    keep: async () => void (await attemptTo(store, false)),
  }
}

interface PasteFieldProps {
  readonly pasted: PastedText | null
  readonly onPaste: (text: string) => void
}

/** It is emptied once it has been read: it may hold a password, which then stands where it does not show. */
function PasteField({ pasted, onPaste }: PasteFieldProps): ReactElement {
  const [text, setText] = useState('')
  const change = (typed: string): void => {
    // Typing is not judged before it looks like an address.
    const isAddress = /^\s*postgres(ql)?:\/\/[^/]+\/?/i.test(typed) && typed.length - text.length > 1
    setText(isAddress ? '' : typed)
    if (isAddress) onPaste(typed)
  }
  return (
    <TextField className={formStyles['field'] ?? ''} value={text} onChange={change} autoFocus>
      <Label className={formStyles['label'] ?? ''}>Connection string</Label>
      <Input
        className={formStyles['input'] ?? ''}
        autoComplete="off"
        spellCheck={false}
        placeholder="paste postgres://… here, or fill in the fields"
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || text.trim() === '') return
          event.preventDefault()
          onPaste(text)
          setText('')
        }}
      />
      {pasted ? (
        <span className={formStyles[pasted.isProblem ? 'problem' : 'hint']} role="status">
          {pasted.note}
        </span>
      ) : null}
    </TextField>
  )
}

interface AttemptLineProps {
  readonly attempt: Attempt
  readonly onKeep: () => Promise<void>
}

function AttemptLine({ attempt, onKeep }: AttemptLineProps): ReactElement | null {
  if (attempt.kind === 'none') return null
  if (attempt.kind === 'working') return <ProgressBar label="Connecting" />
  if (attempt.kind === 'found') {
    return (
      <p className={styles['found']} role="status">
        <CircleCheck size={14} aria-hidden className={styles['icon']} />
        {trialWords(attempt.trial)}
      </p>
    )
  }
  const keep = <TextButton onPress={() => void onKeep()}>Keep it anyway</TextButton>
  return (
    <NoticeCard kind="failure" actions={attempt.mayKeep ? keep : null}>
      <p>{attempt.message}.</p>
    </NoticeCard>
  )
}
