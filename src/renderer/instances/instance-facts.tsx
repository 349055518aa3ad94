/** What is known of a database: where it lies, what it runs on, how large it is. */

import { Copy } from 'lucide-react'
import type { ReactElement } from 'react'
import type { Instance } from '../../contract/instance.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { copyText } from '../widgets/copy-text.ts'
import { IconButton } from '../widgets/icon-button.tsx'
import { momentWords } from '../widgets/moment-words.ts'
import { Section } from '../widgets/section.tsx'
import { engineWords, sizeWords, storageWords } from './instance-columns.ts'
import styles from './instances.module.css'

export function InstanceFacts({ instance }: { readonly instance: Instance }): ReactElement {
  const workbench = useWorkbench()
  const { createdAtMs, directory } = instance
  const size = sizeWords(instance)
  return (
    <Section title="About" isWide>
      <dl className={styles['facts']}>
        <dt>Engine</dt>
        <dd>{engineWords(instance)}</dd>
        <dt>Kept</dt>
        <dd>{storageWords(instance)}</dd>
        {size === '' ? null : (
          <>
            <dt>Size</dt>
            <dd>{size}</dd>
          </>
        )}
        <dt>Created</dt>
        <dd>{momentWords(createdAtMs, workbench.clock.nowMs())}</dd>
        {directory === null ? null : (
          <>
            <dt>Directory</dt>
            <dd className={styles['path']}>
              <code>{directory}</code>
              <IconButton
                icon={Copy}
                label="Copy the directory's path"
                placement="top"
                onPress={() => workbench.attempt(() => copyText(directory))}
              />
            </dd>
          </>
        )}
      </dl>
    </Section>
  )
}
