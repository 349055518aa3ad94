/** How the endpoint is set: edited as text, checked while typing, and kept when it is saved. */

import { useState, type FormEvent, type ReactElement } from 'react'
import type { Endpoint } from '../../contract/endpoint.ts'
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
    const configure = async (): Promise<void> => {
      await workbench.endpoint.configure(read.options)
      setChanges({})
    }
    workbench.attempt(() => configure().finally(() => setIsSaving(false)))
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
          onChange={(fields) => setChanges({ ...changes, ...fields })}
        />
        {restarts ? <p className={styles['warning']}>{restartWords(endpoint)}</p> : null}
        <div className={styles['optionButtons']}>
          <TextButton
            type="submit"
            {...(isChanged ? { kind: 'primary' } : {})}
            isDisabled={!isChanged || isSaving || !('options' in read)}
          >
            {restarts ? 'Save and restart' : 'Save'}
          </TextButton>
          {isChanged ? <TextButton onPress={() => setChanges({})}>Discard</TextButton> : null}
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
