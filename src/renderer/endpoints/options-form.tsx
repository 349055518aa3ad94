/** How the endpoint is set: edited as text, checked while typing, and kept when it is saved. */

import { useState, type FormEvent, type ReactElement } from 'react'
import type { Endpoint } from '../../contract/endpoint.ts'
import { toWireError } from '../../contract/error.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { TextButton } from '../widgets/text-button.tsx'
import { countWords } from './client-words.ts'
import { OptionFields } from './option-fields.tsx'
import { draftOf, needsRestart, readDraft, type OptionsDraft } from './options-draft.ts'
import { RenewPassword } from './renew-password.tsx'
import styles from './endpoints.module.css'

export function OptionsForm({ endpoint }: { readonly endpoint: Endpoint }): ReactElement {
  const workbench = useWorkbench()
  const kept = draftOf(endpoint.options)
  const [changes, setChanges] = useState<Partial<OptionsDraft>>({})
  const [isSaving, setIsSaving] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  // What another window, or a start that chose a port, has changed is shown at once.
  const draft = { ...kept, ...changes }
  const isChanged = JSON.stringify(draft) !== JSON.stringify(kept)
  const read = readDraft(draft)
  const problems = 'problems' in read ? read.problems : {}
  const restarts = 'options' in read && needsRestart(endpoint, read.options)
  const save = (event: FormEvent): void => {
    event.preventDefault()
    if (!isChanged || isSaving || !('options' in read)) return
    setIsSaving(true)
    setFailure(null)
    workbench.endpoint
      .configure(read.options)
      .then(
        () => setChanges({}),
        (error: unknown) => setFailure(toWireError(error).message),
      )
      .finally(() => setIsSaving(false))
  }
  const edit = (next: Partial<OptionsDraft>): void => {
    setChanges(next)
    setFailure(null)
  }
  return (
    <section className={styles['section']} aria-label="Settings">
      <header className={styles['sectionHead']}>
        <h2>Settings</h2>
      </header>
      <form className={styles['options']} onSubmit={save}>
        <OptionFields
          draft={draft}
          problems={problems}
          onChange={(fields) => edit({ ...changes, ...fields })}
        />
        {restarts ? <p className={styles['warning']}>{restartWords(endpoint)}</p> : null}
        {failure === null ? null : (
          <p className={styles['problem']} role="alert">
            {failure}.
          </p>
        )}
        <div className={styles['optionButtons']}>
          <TextButton
            type="submit"
            {...(isChanged ? { kind: 'primary' } : {})}
            isDisabled={!isChanged || isSaving || !('options' in read)}
          >
            {restarts ? 'Save and restart' : 'Save'}
          </TextButton>
          {isChanged ? <TextButton onPress={() => edit({})}>Discard</TextButton> : null}
          <span className={styles['space']} />
          <RenewPassword />
        </div>
      </form>
    </section>
  )
}

function restartWords({ clientCount }: Endpoint): string {
  const whom = clientCount === 0 ? '' : `, which disconnects ${countWords(clientCount)}`
  return `Saving this restarts the endpoint${whom}.`
}
