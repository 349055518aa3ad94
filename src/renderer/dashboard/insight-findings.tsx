/** What could be better, each with why, and a console with the statement that mends it. Nothing is run from here. */

import { CircleCheck, SquareTerminal } from 'lucide-react'
import type { ReactElement } from 'react'
import type { Finding } from '../../contract/insight.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { EmptyState } from '../widgets/empty-state.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import styles from './dashboard.module.css'
import ownStyles from './insight.module.css'

const certaintyWords = { sure: 'sure', likely: 'likely', hint: 'a hint' } as const

interface FindingsProps {
  readonly findings: readonly Finding[]
  readonly instanceId: string
  /** What was looked at. */
  readonly of: string
}

export function InsightFindings({ findings, instanceId, of }: FindingsProps): ReactElement {
  return (
    <section className={styles['section']} aria-label="What could be better">
      <header className={styles['sectionHead']}>
        <h2 className={styles['sectionTitle']}>What could be better</h2>
        <span className={styles['quiet']}>{findings.length === 0 ? '' : findings.length}</span>
      </header>
      {findings.length === 0 ? (
        <EmptyState icon={CircleCheck} title={`Nothing was found about ${of}`} />
      ) : (
        <ul className={ownStyles['findings']}>
          {findings.map((finding) => (
            <FindingCard
              key={`${finding.kind} ${finding.table} ${finding.object ?? ''}`}
              {...{ finding, instanceId }}
            />
          ))}
        </ul>
      )}
    </section>
  )
}

function FindingCard({ finding, instanceId }: { finding: Finding; instanceId: string }): ReactElement {
  const workbench = useWorkbench()
  const { title, why, certainty, repair } = finding
  const open = async (): Promise<void> => {
    await workbench.switchInstance(instanceId)
    await workbench.newTab(scriptOf(finding))
    workbench.consoles.editor.focus()
  }
  return (
    <li className={ownStyles['finding']}>
      <h3 className={ownStyles['findingTitle']}>
        {title} <span className={ownStyles['certainty']}>{certaintyWords[certainty]}</span>
      </h3>
      <p className={styles['note']}>{why}</p>
      {repair ? (
        <div className={ownStyles['repair']}>
          <pre className={ownStyles['sql']} tabIndex={0}>
            {repair.sql}
          </pre>
          <TextButton onPress={() => workbench.attempt(open)}>
            <SquareTerminal size={14} aria-hidden /> Open in a console
          </TextButton>
        </div>
      ) : null}
    </li>
  )
}

/** With the way back as a comment. */
function scriptOf({ title, repair }: Finding): string {
  const lines = [`-- ${title}`, repair?.sql ?? '']
  if (repair?.undo) lines.push('', '-- To undo it:', ...repair.undo.split('\n').map((line) => `-- ${line}`))
  return `${lines.map((line) => line.replaceAll('\r', ' ')).join('\n')}\n`
}
