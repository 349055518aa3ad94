/** The results that are kept, used last first, and those that were thrown out, with why. */

import { X } from 'lucide-react'
import type { ReactElement } from 'react'
import type { CacheEntry, CacheRemoval } from '../../contract/cache.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { IconButton } from '../widgets/icon-button.tsx'
import { momentWords, relativeWords } from '../widgets/moment-words.ts'
import { formatBytes, formatDuration } from '../widgets/number-format.ts'
import { oneLine, removalWords } from './cache-words.ts'
import styles from './cache.module.css'

/** More would be slow to draw; the command line tells all of them. */
const shownMax = 100

/** Numbers stand on the right, and so does what they are. */
function columnClass(title: string): string | undefined {
  return ['Hits', 'Saves', 'Rows', 'Size'].includes(title) ? styles['number'] : undefined
}

interface KeptTableProps {
  readonly entries: readonly CacheEntry[]
  readonly onClear: (entryId: string) => void
}

export function KeptTable({ entries, onClear }: KeptTableProps): ReactElement {
  const { clock } = useWorkbench()
  const nowMs = clock.nowMs()
  return (
    <div className={styles['tablePlace']} tabIndex={0} role="region" aria-label="Kept results">
      <table className={styles['table']}>
        <thead>
          <tr>
            {['Statement', 'Hits', 'Saves', 'Rows', 'Size', 'Kept', 'Reads'].map((title) => (
              <th key={title} scope="col" className={columnClass(title)}>
                {title}
              </th>
            ))}
            <th scope="col" aria-label="Forget" />
          </tr>
        </thead>
        <tbody>
          {entries.slice(0, shownMax).map((entry) => (
            <tr key={entry.entryId}>
              <th scope="row" title={entry.statement}>
                {oneLine(entry.statement)}
              </th>
              <td className={styles['number']}>{entry.hits.toLocaleString('en')}</td>
              <td className={styles['number']}>{formatDuration(entry.durationMs)}</td>
              <td className={styles['number']}>{entry.rowCount.toLocaleString('en')}</td>
              <td className={styles['number']}>{formatBytes(entry.bytes)}</td>
              <td title={momentWords(entry.storedAtMs, nowMs)}>{relativeWords(entry.storedAtMs, nowMs)}</td>
              <td title={entry.relations.join(', ')}>{entry.relations.join(', ') || '–'}</td>
              <td>
                <IconButton icon={X} label="Forget this result" onPress={() => onClear(entry.entryId)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export function RemovedTable({ removals }: { readonly removals: readonly CacheRemoval[] }): ReactElement {
  const { clock } = useWorkbench()
  const nowMs = clock.nowMs()
  return (
    <div className={styles['tablePlace']} tabIndex={0} role="region" aria-label="Thrown out">
      <table className={styles['table']}>
        <thead>
          <tr>
            {['Thrown out', 'Because', 'When', 'Hits'].map((title) => (
              <th key={title} scope="col" className={columnClass(title)}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {removals.map((removal, index) => (
            <tr key={`${removal.atMs}.${removals.length - index}`}>
              <th scope="row" title={removal.statement}>
                {oneLine(removal.statement)}
              </th>
              <td>{removalWords(removal)}</td>
              <td title={momentWords(removal.atMs, nowMs)}>{relativeWords(removal.atMs, nowMs)}</td>
              <td className={styles['number']}>{removal.hits.toLocaleString('en')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
