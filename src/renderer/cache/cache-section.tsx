/** What one database keeps of results: how often they were of use, each of them, and what was thrown out. */

import { Trash2 } from 'lucide-react'
import { useEffect, type ReactElement } from 'react'
import type { CacheState as KeptState } from '../../contract/cache.ts'
import type { Instance } from '../../contract/instance.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { NoticeCard } from '../widgets/notice-card.tsx'
import { Section } from '../widgets/section.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { CacheOptionsForm } from './cache-options-form.tsx'
import { KeptTable, RemovedTable } from './cache-tables.tsx'
import { rateBars, rateWords, roomWords } from './cache-words.ts'
import styles from './cache.module.css'

/** Ten minutes. */
const barCount = 60

/** A server elsewhere is written by others, too: nothing of it is kept. */
export function CacheSection({ instance }: { readonly instance: Instance }): ReactElement | null {
  return instance.storage === 'remote' ? null : <Cache instance={instance} />
}

function Cache({ instance: { id } }: { readonly instance: Instance }): ReactElement {
  const { attempt, cache } = useCacheOf(id)
  const known = useStore(cache.known)
  const failure = useStore(cache.failure)
  const state = known?.instanceId === id ? known.state : null
  const isOn = state?.options.isOn === true
  return (
    <Section
      title="Result cache"
      isWide
      detail={state && isOn ? roomWords(state) : state ? 'off' : undefined}
      actions={
        state && state.entries.length > 0 ? (
          <TextButton onPress={() => attempt(() => cache.clear(id, null))}>
            <Trash2 size={14} aria-hidden /> Clear
          </TextButton>
        ) : null
      }
    >
      {failure === null ? null : (
        <NoticeCard
          kind="failure"
          actions={<TextButton onPress={() => void cache.refresh()}>Try again</TextButton>}
        >
          <p>{failure}</p>
        </NoticeCard>
      )}
      {state ? (
        <CacheOptionsForm
          options={state.options}
          onChange={(options) => attempt(() => cache.setOptions(id, options))}
        />
      ) : null}
      {state && isOn ? <Rate state={state} /> : null}
      {state && state.entries.length > 0 ? (
        <KeptTable entries={state.entries} onClear={(entryId) => attempt(() => cache.clear(id, entryId))} />
      ) : null}
      {state && isOn && state.entries.length === 0 ? (
        <p className={styles['hint']}>
          Nothing is kept at the moment. Run a query twice in a console: one that takes long enough to be
          worth keeping is answered from here the second time, and listed.
        </p>
      ) : null}
      {state && state.removals.length > 0 ? <RemovedTable removals={state.removals} /> : null}
    </Section>
  )
}

function useCacheOf(id: string) {
  const workbench = useWorkbench()
  const { cache } = workbench
  useEffect(() => {
    const look = cache.look(id)
    return () => look.dispose()
  }, [cache, id])
  return { cache, attempt: (action: () => Promise<unknown>): void => workbench.attempt(action) }
}

function Rate({ state }: { readonly state: KeptState }): ReactElement {
  const { clock } = useWorkbench()
  const bars = rateBars(state, { nowMs: clock.nowMs(), count: barCount })
  return (
    <div className={styles['rate']}>
      <div
        className={styles['bars']}
        role="img"
        aria-label={`Share of statements answered from kept results, last ten minutes: ${rateWords(state.counts)}`}
      >
        {bars.map(({ atMs, share, words }) => (
          <span key={atMs} className={styles['slot']} title={words}>
            {share === null ? null : (
              <span className={styles['bar']} style={{ height: `${Math.max(4, 100 * share)}%` }} />
            )}
          </span>
        ))}
      </div>
      <p className={styles['words']}>{rateWords(state.counts)}</p>
    </div>
  )
}
