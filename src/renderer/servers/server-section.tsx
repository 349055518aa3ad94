/** Where the server of an instance is, and how it is reached. Nothing for an instance here. */

import { Pencil } from 'lucide-react'
import type { ReactElement } from 'react'
import type { Instance } from '../../contract/instance.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { IconButton } from '../widgets/icon-button.tsx'
import { Section } from '../widgets/section.tsx'
import { ServerMark } from '../widgets/server-mark.tsx'
import { protectionWords, serverAddress } from './server-words.ts'
import styles from './servers.module.css'

export function ServerSection({ instance }: { readonly instance: Instance }): ReactElement | null {
  const workbench = useWorkbench()
  const { remote } = instance
  if (!remote) return null
  const edit = (): void => workbench.attempt(() => workbench.remotes.askAbout(instance))
  const isMarked = remote.label !== '' || remote.isReadOnly
  return (
    <Section
      title="Server"
      actions={<IconButton icon={Pencil} label="Edit the connection" placement="top" onPress={edit} />}
    >
      <dl className={styles['facts']}>
        <dt>Database</dt>
        <dd>{serverAddress(remote)}</dd>
        <dt>User</dt>
        <dd>{remote.user}</dd>
        <dt>TLS</dt>
        <dd>{protectionWords(remote, instance.state === 'ready')}</dd>
        {isMarked ? (
          <>
            <dt>Mark</dt>
            <dd>
              <ServerMark server={remote} />
            </dd>
          </>
        ) : null}
      </dl>
    </Section>
  )
}
