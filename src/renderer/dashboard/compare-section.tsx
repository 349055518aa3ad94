/** Before and after a moment: what has changed for a statement, such as by an index. */

import { ArrowRight } from 'lucide-react'
import { useState, type ReactElement } from 'react'
import type { StatementRow } from '../../contract/statistics.ts'
import type { Comparison } from '../state/statement-list.ts'
import type { TimeWindow } from '../state/time-range.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { classes } from '../widgets/class-names.ts'
import { Section } from '../widgets/section.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { MomentField } from './moment-field.tsx'
import { fromMomentText, momentText } from './moment-text.ts'
import { changePercent, countText, shortMs } from './statement-words.ts'
import styles from './dashboard.module.css'
import tableStyles from './statements.module.css'

/** Until it is known. */
const usualPartMs = 60_000

export function CompareSection(): ReactElement {
  const workbench = useWorkbench()
  const { view, statements, monitor } = workbench.dashboard
  const { fromMs, toMs } = useStore(view.window)
  const partMs = useStore(monitor.statistics)?.bucketMs ?? usualPartMs
  const [text, setText] = useState(() => momentText(Math.round((fromMs + toMs) / 2 / partMs) * partMs))
  const [comparison, setComparison] = useState<Comparison | null>(null)
  const atMs = fromMomentText(text)
  const isInside = atMs !== null && atMs > fromMs && atMs < toMs
  const compare = async (): Promise<void> => {
    if (atMs === null) return
    const [before, after] = halves({ fromMs, toMs }, atMs)
    setComparison(await statements.compare(before, after))
  }
  return (
    <Section title="Before and after" detail="what a change has done" isWide>
      <div className={styles['formRow']}>
        <MomentField
          label="Change made at"
          text={text}
          problem={isInside ? null : 'Choose a moment within the time that is shown'}
          onChange={(changed) => {
            setText(changed)
            setComparison(null)
          }}
        />
        <TextButton isDisabled={!isInside} onPress={() => workbench.attempt(compare)}>
          Compare
        </TextButton>
      </div>
      <p className={styles['note']}>
        {`Calls are kept in parts of ${partMs / 1_000} s: those of the part in which this moment lies ` +
          'count for neither.'}
      </p>
      {comparison ? <Compared comparison={comparison} /> : null}
    </Section>
  )
}

function halves(
  { fromMs, toMs }: TimeWindow,
  atMs: number,
): readonly [before: TimeWindow, after: TimeWindow] {
  const at = Math.round(atMs)
  return [
    { fromMs: Math.floor(fromMs), toMs: at },
    { fromMs: at, toMs: Math.ceil(toMs) },
  ]
}

function Compared({ comparison }: { readonly comparison: Comparison }): ReactElement {
  const [entry] = comparison
  if (!entry) return <p className={styles['note']}>It ran neither before nor after.</p>
  const { before, after, changeMs } = entry
  if (!before || !after) {
    return <p className={styles['note']}>{before ? 'It has not run since.' : 'It did not run before.'}</p>
  }
  const verdict =
    changeMs === 0 ? 'as before' : `${shortMs(Math.abs(changeMs))} ${changeMs < 0 ? 'saved' : 'lost'}`
  return (
    <div className={styles['section']}>
      <p className={styles['note']} role="status">
        {`The ${countText(after.calls)} calls since then took ${shortMs(after.totalMs)}: ${verdict}.`}
      </p>
      <table className={tableStyles['table']} aria-label="Before and after">
        <thead>
          <tr>
            {['', 'Before', '', 'After', 'Change'].map((title, index) => (
              <th
                key={index}
                scope="col"
                className={classes(tableStyles['column'], index > 0 && tableStyles['number'])}
              >
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {compared.map(([label, value, write]) => (
            <ComparedRow key={label} {...{ label, write }} before={value(before)} after={value(after)} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

type ComparedNumber = readonly [
  label: string,
  value: (row: StatementRow) => number,
  write: (value: number) => string,
]

const compared: readonly ComparedNumber[] = [
  ['Mean', (row) => row.meanMs, shortMs],
  ['p50', (row) => row.p50Ms, shortMs],
  ['p95', (row) => row.p95Ms, shortMs],
  ['p99', (row) => row.p99Ms, shortMs],
  ['Longest', (row) => row.maxMs, shortMs],
  ['Calls', (row) => row.calls, countText],
  ['Rows', (row) => row.rows, countText],
  ['Errors', (row) => row.errors, countText],
]

interface ComparedRowProps {
  readonly label: string
  readonly before: number
  readonly after: number
  readonly write: (value: number) => string
}

function ComparedRow({ label, before, after, write }: ComparedRowProps): ReactElement {
  const number = classes(tableStyles['cell'], tableStyles['number'])
  const isDuration = write === shortMs
  const isBetter = isDuration && after < before
  const isWorse = isDuration && after > before
  return (
    <tr>
      <th scope="row" className={tableStyles['cell']}>
        {label}
      </th>
      <td className={number}>{write(before)}</td>
      <td className={number}>
        <ArrowRight size={12} aria-hidden />
      </td>
      <td className={number}>{write(after)}</td>
      <td className={classes(number, isBetter && tableStyles['better'], isWorse && tableStyles['worse'])}>
        {changePercent(before, after) ?? '–'}
      </td>
    </tr>
  )
}
