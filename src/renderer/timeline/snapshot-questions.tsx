/** What is asked before something is done with a snapshot: how to call it, where to, and whether to go back. */

import { useState, type FormEvent, type ReactElement } from 'react'
import { Input, Label, TextField } from 'react-aria-components'
import { instanceNameLengthMax } from '../../contract/limits.ts'
import { snapshotLabelLengthMax } from '../../contract/snapshot.ts'
import type { SnapshotQuestion } from '../state/snapshot-state.ts'
import { useStore } from '../state/use-store.ts'
import type { Workbench } from '../state/workbench.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { Dialog, DialogActions } from '../widgets/dialog.tsx'
import { momentWords } from '../widgets/moment-words.ts'
import { TextButton } from '../widgets/text-button.tsx'
import formStyles from '../widgets/form-fields.module.css'
import { nameOfSnapshot } from './snapshot-words.ts'
import styles from './timeline.module.css'

export function SnapshotQuestions(): ReactElement {
  const { snapshots } = useWorkbench()
  const question = useStore(snapshots.question)
  const close = (): void => snapshots.question.set(null)
  return (
    <Dialog title={question ? titleOf(question) : ''} isOpen={question !== null} onClose={close}>
      {question ? <Question question={question} onClose={close} /> : null}
    </Dialog>
  )
}

interface QuestionProps {
  readonly question: SnapshotQuestion
  readonly onClose: () => void
}

function titleOf({ kind, instance: { name }, snapshot }: SnapshotQuestion): string {
  if (kind === 'rewind') return `Rewind ${name}?`
  if (kind === 'take') return `Take a snapshot of ${name}`
  if (kind === 'label') return 'Label of the snapshot'
  return snapshot ? `Fork a snapshot of ${name}` : `Fork ${name}`
}

function Question({ question, onClose }: QuestionProps): ReactElement {
  return question.kind === 'rewind' ? (
    <RewindQuestion question={question} onClose={onClose} />
  ) : (
    <TextQuestion key={question.kind} question={question} onClose={onClose} />
  )
}

function RewindQuestion({ question, onClose }: QuestionProps): ReactElement {
  const workbench = useWorkbench()
  const { instance, snapshot } = question
  const rewind = (): void => {
    onClose()
    if (snapshot) workbench.attempt(() => workbench.rewind(instance, snapshot.id))
  }
  if (!snapshot)
    return <p>The snapshot is not there any more; it was deleted, or made room for newer ones.</p>
  return (
    <div className={styles['form']}>
      <p>
        It goes back to the snapshot <strong>{nameOfSnapshot(snapshot)}</strong> of{' '}
        {momentWords(snapshot.takenAtMs, workbench.clock.nowMs())}.
      </p>
      <p className={styles['quiet']}>
        What runs ends, open transactions are rolled back, and programs have to connect again. A snapshot of
        now is taken first, by which it can be undone.
      </p>
      <DialogActions>
        <TextButton onPress={onClose}>Cancel</TextButton>
        <TextButton kind="primary" autoFocus onPress={rewind}>
          Rewind
        </TextButton>
      </DialogActions>
    </div>
  )
}

/** How each question that is answered with a text is asked, and what its answer does. */
const texts = {
  take: {
    ...{ label: 'Label', placeholder: 'none', button: 'Take snapshot', lengthMax: snapshotLabelLengthMax },
    hint: 'Snapshots with a label are kept longest.',
    first: () => '',
    isEmptyAllowed: true,
    run: async (workbench: Workbench, { instance }: SnapshotQuestion, text: string) => {
      const taken = await workbench.snapshots.take(instance.id, text === '' ? null : text)
      if (taken) workbench.toasts.info(`A snapshot of ${instance.name} was taken`)
    },
  },
  label: {
    ...{ label: 'Label', placeholder: 'none', button: 'Save', lengthMax: snapshotLabelLengthMax },
    hint: 'Snapshots with a label are kept longest.',
    first: ({ snapshot }: SnapshotQuestion) => snapshot?.label ?? '',
    isEmptyAllowed: true,
    run: async (workbench: Workbench, { instance, snapshot }: SnapshotQuestion, text: string) =>
      workbench.snapshots.label(instance.id, snapshot?.id ?? '', text === '' ? null : text),
  },
  fork: {
    ...{
      label: 'Name of the new database',
      placeholder: '',
      button: 'Fork',
      lengthMax: instanceNameLengthMax,
    },
    hint: 'A database of its own: nothing that is done to one is seen by the other.',
    first: ({ instance }: SnapshotQuestion, workbench: Workbench) =>
      workbench.instances.freeName(`${instance.name} fork`),
    isEmptyAllowed: false,
    run: async (workbench: Workbench, { instance, snapshot }: SnapshotQuestion, text: string) => {
      const fork = await workbench.snapshots.fork(instance.id, snapshot?.id ?? null, text)
      if (fork) workbench.toasts.offer(`${fork.name} was made`, openOffer(workbench, fork.id))
    },
  },
} as const

function openOffer(workbench: Workbench, instanceId: string) {
  const run = async (): Promise<void> => {
    await workbench.switchInstance(instanceId)
    workbench.consoles.editor.focus()
  }
  return { label: 'Open', run }
}

function TextQuestion({ question, onClose }: QuestionProps): ReactElement {
  const workbench = useWorkbench()
  const form = texts[question.kind === 'rewind' ? 'take' : question.kind]
  const [text, setText] = useState(() => form.first(question, workbench))
  const [failure, setFailure] = useState<string | null>(null)
  const isRefused = !form.isEmptyAllowed && text.trim() === ''
  const run = async (): Promise<void> => {
    try {
      // What takes a while is shown on the page; a name that is taken is told here at once.
      const isTaken = question.kind === 'fork' && workbench.instances.freeName(text.trim()) !== text.trim()
      if (isTaken) setFailure(`There is a database named ${text.trim()} already; choose another name`)
      else {
        onClose()
        await form.run(workbench, question, text.trim())
      }
    } catch (error) {
      workbench.toasts.error(error)
    }
  }
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    if (!isRefused) void run()
  }
  return (
    <form className={styles['form']} onSubmit={onSubmit}>
      <TextField
        className={formStyles['field'] ?? ''}
        value={text}
        maxLength={form.lengthMax}
        autoFocus
        onChange={(value) => {
          setFailure(null)
          setText(value)
        }}
      >
        <Label className={formStyles['label'] ?? ''}>{form.label}</Label>
        <Input
          className={formStyles['input'] ?? ''}
          placeholder={form.placeholder}
          autoComplete="off"
          spellCheck={false}
        />
        <span className={formStyles['hint']}>{form.hint}</span>
      </TextField>
      {failure === null ? null : (
        <p className={formStyles['problem']} role="alert">
          {failure}
        </p>
      )}
      <DialogActions>
        <TextButton onPress={onClose}>Cancel</TextButton>
        <TextButton kind="primary" type="submit" isDisabled={isRefused}>
          {form.button}
        </TextButton>
      </DialogActions>
    </form>
  )
}
