/** What of the schema would be different: an object each, with its definition before and after line by line. */

import { useState, type ReactElement } from 'react'
import type { TryObject } from '../../contract/try-report.ts'
import { EmptyState } from '../widgets/empty-state.tsx'
import { Unfolding } from './trial-unfolding.tsx'
import styles from './trial.module.css'

/** Objects that are open at first; more would be a wall. */
const openMax = 10
/** Objects listed before more are asked for. */
const pageLength = 200

interface TrialSchemaProps {
  readonly objects: readonly TryObject[]
  readonly leftOut: number
}

export function TrialSchema({ objects, leftOut }: TrialSchemaProps): ReactElement {
  const [shownCount, setShownCount] = useState(pageLength)
  if (objects.length === 0) return <EmptyState title="The schema would stay as it is" />
  return (
    <div className={styles['part']}>
      {objects.slice(0, shownCount).map((object, index) => (
        <Unfolding
          key={`${object.kind} ${object.name}`}
          isOpenAtFirst={index < openMax}
          head={
            <>
              <span className={styles['change']} data-change={object.change}>
                {object.change}
              </span>{' '}
              {object.kind} <code>{object.name}</code>
            </>
          }
        >
          <Difference text={object.difference} />
        </Unfolding>
      ))}
      {objects.length > shownCount ? (
        <button type="button" className={styles['link']} onClick={() => setShownCount(objects.length)}>
          Show {objects.length - shownCount} more
        </button>
      ) : null}
      {leftOut > 0 ? <p className={styles['quiet']}>{leftOut} more objects are not shown.</p> : null}
    </div>
  )
}

const marks = { '+': 'added', '-': 'removed', ' ': undefined } as const

function Difference({ text }: { readonly text: string }): ReactElement {
  return (
    <pre className={styles['code']} tabIndex={0}>
      {text.split('\n').map((line, index) => {
        const mark = line.startsWith('+') ? '+' : line.startsWith('-') ? '-' : ' '
        return (
          // Lines have no other name than their place, and never move.
          <span key={`${index}`} className={styles['codeLine']} data-change={marks[mark]}>
            {line}
            {'\n'}
          </span>
        )
      })}
    </pre>
  )
}
