/** One database: what can be done with it, what is wrong with it, and the sections that parts of the window show. */

import { MoreHorizontal, Power, SquareTerminal } from 'lucide-react'
import type { ReactElement } from 'react'
import { Button } from 'react-aria-components'
import type { Instance } from '../../contract/instance.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { dotOfState, stateWords } from '../widgets/instance-words.ts'
import { MenuButton } from '../widgets/menu.tsx'
import { NoticeCard } from '../widgets/notice-card.tsx'
import { Sections } from '../widgets/section.tsx'
import { StateDot } from '../widgets/state-dot.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { FailureCard } from './failure-card.tsx'
import { useInstanceActions } from './instance-actions.ts'
import styles from './instances.module.css'

/** Shows something of an instance, or nothing where it does not apply. */
export type InstanceSection = (props: { readonly instance: Instance }) => ReactElement | null

interface InstanceDetailProps {
  readonly sections: readonly InstanceSection[]
}

export function InstanceDetail({ sections }: InstanceDetailProps): ReactElement | null {
  const { instancePage, instances } = useWorkbench()
  useStore(instances.instances)
  useStore(instances.currentId)
  useStore(instancePage.selectedId)
  const instance = instancePage.selected
  if (!instance) return null
  return (
    <section className={styles['detail']} aria-label={instance.name}>
      <DetailHead instance={instance} />
      <FailureCard instance={instance} />
      <RestartDue instance={instance} />
      <Sections>
        {sections.map((Part, index) => (
          <Part key={`${instance.id} ${index}`} instance={instance} />
        ))}
      </Sections>
    </section>
  )
}

function DetailHead({ instance }: { readonly instance: Instance }): ReactElement {
  const workbench = useWorkbench()
  const { name, state } = instance
  const groups = useInstanceActions(instance)
  const isStopped = state === 'stopped' || state === 'failed'
  const openConsole = (): void =>
    workbench.attempt(async () => {
      await workbench.switchInstance(instance.id)
      workbench.consoles.editor.focus()
    })
  return (
    <header className={styles['detailHead']}>
      <StateDot kind={dotOfState(state)} label={stateWords[state]} />
      <h2 className={styles['detailName']} title={name}>
        {name}
      </h2>
      <span className={styles['quiet']}>{stateWords[state]}</span>
      <span className={styles['space']} />
      <TextButton kind="primary" onPress={openConsole}>
        <SquareTerminal size={14} aria-hidden /> Open console
      </TextButton>
      <TextButton onPress={() => workbench.commands.run(isStopped ? 'database.start' : 'database.stop')}>
        <Power size={14} aria-hidden /> {isStopped ? 'Start' : 'Stop'}
      </TextButton>
      <MenuButton label={`Actions of ${name}`} groups={groups} placement="bottom end">
        <Button className={styles['more'] ?? ''} aria-label={`More actions of ${name}`}>
          <MoreHorizontal size={16} aria-hidden />
        </Button>
      </MenuButton>
    </header>
  )
}

function RestartDue({ instance }: { readonly instance: Instance }): ReactElement | null {
  const workbench = useWorkbench()
  // What is in memory would be lost by it.
  if (!instance.needsRestart || instance.storage === 'memory') return null
  const restart = async (): Promise<void> => {
    await workbench.instances.stop(instance.id)
    await workbench.instances.start(instance.id)
  }
  return (
    <NoticeCard
      kind="warning"
      actions={<TextButton onPress={() => workbench.attempt(restart)}>Restart now</TextButton>}
    >
      <p>
        Its options were changed, and count from its next start on. A restart ends what runs and rolls open
        transactions back; what is committed stays.
      </p>
    </NoticeCard>
  )
}
