/** What the dashboard asks: from when to when, what is to be forgotten, what is measured and kept. */

import { useState, type FormEvent, type ReactElement } from 'react'
import { windowBetween } from '../state/time-range.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { Dialog, DialogActions } from '../widgets/dialog.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { MomentField } from './moment-field.tsx'
import { fromMomentText, momentText } from './moment-text.ts'
import { RecordingForm } from './recording-form.tsx'
import styles from './dashboard.module.css'

export function DashboardQuestions(): ReactElement {
  const { question, monitor } = useWorkbench().dashboard
  const asked = useStore(question)
  const settings = useStore(monitor.settings)
  const statistics = useStore(monitor.statistics)
  const close = (): void => question.set(null)
  return (
    <>
      <Dialog title="From when to when?" isOpen={asked === 'range'} onClose={close}>
        <RangeForm onDone={close} />
      </Dialog>
      <Dialog title="What is measured and kept" isOpen={asked === 'settings'} onClose={close} isWide>
        {settings && statistics ? (
          <RecordingForm {...{ settings, statistics }} onDone={close} />
        ) : (
          <p>Not known yet: the host has not answered.</p>
        )}
      </Dialog>
      <ResetDialog isOpen={asked === 'reset'} onClose={close} />
    </>
  )
}

function RangeForm({ onDone }: { readonly onDone: () => void }): ReactElement {
  const { view } = useWorkbench().dashboard
  const { fromMs, toMs } = view.window.value
  const [from, setFrom] = useState(() => momentText(fromMs))
  const [to, setTo] = useState(() => momentText(toMs))
  const [start, end] = [fromMomentText(from), fromMomentText(to)]
  const isOrdered = start !== null && end !== null && start < end
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    if (!isOrdered) return
    view.setRange({ kind: 'fixed', ...windowBetween(start, end) })
    onDone()
  }
  return (
    <form className={styles['form']} onSubmit={onSubmit}>
      <MomentField
        label="From"
        text={from}
        problem={start === null ? 'A date and a time' : null}
        autoFocus
        onChange={setFrom}
      />
      <MomentField
        label="To"
        text={to}
        problem={end === null ? 'A date and a time' : isOrdered ? null : 'Later than the beginning'}
        onChange={setTo}
      />
      <DialogActions>
        <TextButton onPress={onDone}>Cancel</TextButton>
        <TextButton kind="primary" type="submit" isDisabled={!isOrdered}>
          Show
        </TextButton>
      </DialogActions>
    </form>
  )
}

interface ResetDialogProps {
  readonly isOpen: boolean
  readonly onClose: () => void
}

function ResetDialog({ isOpen, onClose }: ResetDialogProps): ReactElement {
  const workbench = useWorkbench()
  const { view, statements } = workbench.dashboard
  const scopeId = useStore(view.scopeId)
  const name = scopeId === null ? 'all databases' : (workbench.instances.find(scopeId)?.name ?? 'it')
  const forget = (): void => {
    onClose()
    workbench.attempt(() => statements.reset(null))
  }
  return (
    <Dialog title={`Forget the statements of ${name}?`} isOpen={isOpen} onClose={onClose}>
      <div>
        How often they ran, how long they took and who called them is gone for good. What is measured of
        memory, CPU and disk stays.
      </div>
      <DialogActions>
        <TextButton onPress={onClose} autoFocus>
          Keep them
        </TextButton>
        <TextButton kind="danger" onPress={forget}>
          {`Forget those of ${name}`}
        </TextButton>
      </DialogActions>
    </Dialog>
  )
}
