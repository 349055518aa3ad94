/** Extensions to be chosen for a new database: a list to filter, with a box for each. */

import { useEffect, useState, type ReactElement } from 'react'
import { Checkbox, CheckboxGroup, Label } from 'react-aria-components'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { ProgressBar } from '../widgets/progress-bar.tsx'
import { SearchBox } from '../widgets/search-box.tsx'
import formStyles from '../widgets/form-fields.module.css'
import styles from './instances.module.css'

interface ExtensionChoiceProps {
  readonly chosen: readonly string[]
  readonly onChange: (chosen: readonly string[]) => void
}

export function ExtensionChoice({ chosen, onChange }: ExtensionChoiceProps): ReactElement {
  const workbench = useWorkbench()
  const { extensions } = workbench
  const offered = useStore(extensions.offered)
  const [search, setSearch] = useState('')
  useEffect(() => workbench.attempt(() => extensions.refresh()), [workbench, extensions])
  if (offered === null) return <ProgressBar label="Looking which extensions there are" />
  const wanted = search.trim().toLowerCase()
  const shown = offered.filter(({ name, comment }) => `${name} ${comment}`.toLowerCase().includes(wanted))
  return (
    <CheckboxGroup className={formStyles['field'] ?? ''} value={[...chosen]} onChange={onChange}>
      <Label className={formStyles['label'] ?? ''}>
        Extensions{chosen.length === 0 ? '' : `: ${chosen.join(', ')}`}
      </Label>
      <SearchBox label="Filter extensions" placeholder="Filter" value={search} onChange={setSearch} />
      <div className={styles['choices']}>
        {shown.map(({ name, comment }) => (
          <Checkbox key={name} value={name} className={formStyles['check'] ?? ''}>
            <span className={formStyles['box']} />
            <span className={styles['choiceName']}>{name}</span>
            <span className={formStyles['hint']}>{comment}</span>
          </Checkbox>
        ))}
      </div>
    </CheckboxGroup>
  )
}
