/** Which extensions a database has, and the others, to be added. What is added stays until DROP EXTENSION. */

import { Plus, Puzzle } from 'lucide-react'
import { useEffect, useState, type ReactElement } from 'react'
import { toWireError } from '../../contract/error.ts'
import type { Instance } from '../../contract/instance.ts'
import type { Extension } from '../../contract/lifecycle-calls.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { EmptyState } from '../widgets/empty-state.tsx'
import { NoticeCard } from '../widgets/notice-card.tsx'
import { ProgressBar } from '../widgets/progress-bar.tsx'
import { SearchBox } from '../widgets/search-box.tsx'
import { Section } from '../widgets/section.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import styles from './instances.module.css'

export function ExtensionsSection({ instance }: { readonly instance: Instance }): ReactElement | null {
  if (instance.engine !== 'pglite') return null
  return <Extensions key={instance.state} instance={instance} />
}

function Extensions({ instance }: { readonly instance: Instance }): ReactElement {
  const workbench = useWorkbench()
  const { extensions } = workbench
  const { id, state } = instance
  const { list, failure, setList, look } = useExtensionsOf(id)
  const [search, setSearch] = useState('')
  const [adding, setAdding] = useState<string | null>(null)
  const add = (name: string): void => {
    setAdding(name)
    workbench.attempt(async () => {
      try {
        await extensions.add(id, name)
        setList(await extensions.of(id))
      } finally {
        setAdding(null)
      }
    })
  }
  const installed = list?.filter(({ installedVersion }) => installedVersion !== null).length ?? 0
  const count = state === 'ready' ? `${installed} installed` : 'start it to see which it has'
  return (
    <Section title="Extensions" detail={list === null ? undefined : count}>
      {failure === null ? null : (
        <NoticeCard kind="failure" actions={<TextButton onPress={look}>Try again</TextButton>}>
          <p>{failure}</p>
        </NoticeCard>
      )}
      {list === null && failure !== null ? null : list === null ? (
        <ProgressBar label="Looking which there are" />
      ) : (
        <>
          <SearchBox label="Filter extensions" placeholder="Filter" value={search} onChange={setSearch} />
          <ExtensionList list={filtered(list, search)} adding={adding} onAdd={add} />
        </>
      )}
    </Section>
  )
}

/**
 * Nobody has asked for them by hand, so what goes wrong is told in their place: a database that is being deleted is
 * looked at when it stops, and is gone with its section before the answer comes.
 */
function useExtensionsOf(id: string) {
  const { extensions } = useWorkbench()
  const [list, setList] = useState<readonly Extension[] | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    let isLooking = true
    const show = (found: readonly Extension[] | null, problem: string | null): void => {
      if (!isLooking) return
      setList(found)
      setFailure(problem)
    }
    extensions.of(id).then(
      (found) => show(found, null),
      (error: unknown) => show(null, toWireError(error).message),
    )
    return () => {
      isLooking = false
    }
  }, [extensions, id, attempt])
  return { list, failure, setList, look: () => setAttempt(attempt + 1) }
}

/** Those that it has come first. */
function filtered(list: readonly Extension[], search: string): readonly Extension[] {
  const wanted = search.trim().toLowerCase()
  const matches = list.filter(({ name, comment }) => `${name} ${comment}`.toLowerCase().includes(wanted))
  const rank = ({ installedVersion }: Extension): number => (installedVersion === null ? 1 : 0)
  return [...matches].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
}

interface ExtensionListProps {
  readonly list: readonly Extension[]
  /** The one that is being added. */
  readonly adding: string | null
  readonly onAdd: (name: string) => void
}

function ExtensionList({ list, adding, onAdd }: ExtensionListProps): ReactElement {
  if (list.length === 0) return <EmptyState icon={Puzzle} title="No extension matches" />
  return (
    <ul className={styles['extensions']} aria-label="Extensions">
      {list.map((extension) => (
        <li key={extension.name} className={styles['extension']}>
          <div className={styles['trashWords']}>
            <span>
              <strong>{extension.name}</strong>{' '}
              <span className={styles['quiet']}>{extension.installedVersion ?? extension.version}</span>
            </span>
            <span className={styles['quiet']}>{purpose(extension)}</span>
          </div>
          {extension.installedVersion === null ? (
            <TextButton isDisabled={adding !== null} onPress={() => onAdd(extension.name)}>
              <Plus size={14} aria-hidden /> {adding === extension.name ? 'Adding…' : `Add ${extension.name}`}
            </TextButton>
          ) : (
            <span className={styles['installed']}>installed</span>
          )}
        </li>
      ))}
    </ul>
  )
}

function purpose({ comment, installedVersion, needsPreload }: Extension): string {
  return needsPreload && installedVersion === null ? `${comment} · adding it restarts the database` : comment
}
