/** How a database is run, to be changed. Changes count from its next start on, which is said. */

import { useState, type FormEvent, type ReactElement } from 'react'
import type { InstanceOptions } from '../../contract/instance-options.ts'
import type { Instance } from '../../contract/instance.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { Section } from '../widgets/section.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { draftOf, optionsOf, problemsOf } from './options-draft.ts'
import { OptionsFields } from './options-fields.tsx'
import styles from './instances.module.css'

export function OptionsSection({ instance }: { readonly instance: Instance }): ReactElement | null {
  const { options, storage } = instance
  // They count from a start on, and what is in memory does not outlive one.
  if (options === null || storage === 'memory') return null
  // What is stored elsewhere is taken over; what is being typed is not lost by it.
  return (
    <Section title="Options">
      <OptionsForm key={JSON.stringify(options)} instance={instance} options={options} />
    </Section>
  )
}

interface OptionsFormProps {
  readonly instance: Instance
  readonly options: InstanceOptions
}

function OptionsForm({ instance, options }: OptionsFormProps): ReactElement {
  const workbench = useWorkbench()
  const [draft, setDraft] = useState(() => draftOf(options))
  const problems = problemsOf(draft)
  const changed = optionsOf(draft, options)
  const isChanged = JSON.stringify(changed) !== JSON.stringify(optionsOf(draftOf(options), options))
  const isSound = Object.keys(problems).length === 0
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    if (isChanged && isSound) {
      workbench.attempt(() => workbench.instances.configure(instance.id, changed))
    }
  }
  return (
    <form className={styles['form']} onSubmit={onSubmit}>
      <OptionsFields
        draft={draft}
        problems={problems}
        hasDurability={instance.storage === 'directory'}
        onChange={setDraft}
      />
      <div className={styles['formButtons']}>
        <TextButton kind="primary" type="submit" isDisabled={!isChanged || !isSound}>
          Save
        </TextButton>
        <TextButton isDisabled={!isChanged} onPress={() => setDraft(draftOf(options))}>
          Revert
        </TextButton>
        {isChanged ? <span className={styles['quiet']}>Counts from its next start on.</span> : null}
      </div>
    </form>
  )
}
