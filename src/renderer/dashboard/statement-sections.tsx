/** Who called a statement, how it failed, and one of its calls. */

import { Copy } from 'lucide-react'
import type { ReactElement } from 'react'
import type { StatementCaller, StatementDetails, StatementExample } from '../../contract/statistics.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { classes } from '../widgets/class-names.ts'
import { copyText } from '../widgets/copy-text.ts'
import { formatMoment } from '../widgets/number-format.ts'
import { Section } from '../widgets/section.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { countText, shortMs } from './statement-words.ts'
import styles from './dashboard.module.css'
import tableStyles from './statements.module.css'

const endpointNames: Readonly<Record<StatementCaller['endpoint'], string>> = {
  console: 'console',
  wire: 'Postgres endpoint',
}

/** Numbers stand on the right, and so does what they are. */
function columnClass(title: string): string {
  return classes(tableStyles['column'], ['Calls', 'Time'].includes(title) && tableStyles['number'])
}

export function CallersSection({ callers }: Pick<StatementDetails, 'callers'>): ReactElement {
  return (
    <Section title="Called by">
      <table className={tableStyles['table']} aria-label="Called by">
        <thead>
          <tr>
            {['Program', 'Through', 'Role', 'Calls', 'Time'].map((title) => (
              <th key={title} scope="col" className={columnClass(title)}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {callers.map(({ application, endpoint, user, calls, totalMs }) => (
            <tr key={`${application} ${endpoint} ${user}`}>
              <td className={tableStyles['cell']}>{application === '' ? 'without a name' : application}</td>
              <td className={tableStyles['cell']}>{endpointNames[endpoint]}</td>
              <td className={tableStyles['cell']}>{user}</td>
              <td className={`${tableStyles['cell']} ${tableStyles['number']}`}>{countText(calls)}</td>
              <td className={`${tableStyles['cell']} ${tableStyles['number']}`}>{shortMs(totalMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}

interface ErrorsSectionProps extends Pick<StatementDetails, 'errorCodes'> {
  readonly calls: number
}

export function ErrorsSection({ errorCodes, calls }: ErrorsSectionProps): ReactElement {
  if (errorCodes.length === 0) {
    return (
      <Section title="Errors">
        <p className={styles['note']}>{`None of ${countText(calls)} calls failed.`}</p>
      </Section>
    )
  }
  return (
    <Section title="Errors">
      <table className={tableStyles['table']} aria-label="Errors">
        <thead>
          <tr>
            <th scope="col" className={tableStyles['column']}>
              SQLSTATE
            </th>
            <th scope="col" className={columnClass('Calls')}>
              Calls
            </th>
          </tr>
        </thead>
        <tbody>
          {errorCodes.map(({ sqlState, count }) => (
            <tr key={sqlState}>
              <td className={`${tableStyles['cell']} ${tableStyles['failed']}`}>{sqlState}</td>
              <td className={`${tableStyles['cell']} ${tableStyles['number']}`}>{countText(count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}

interface ExampleSectionProps {
  readonly example: StatementExample | null
  readonly instanceId: string
}

export function ExampleSection({ example }: ExampleSectionProps): ReactElement {
  const workbench = useWorkbench()
  const settings = useStore(workbench.dashboard.monitor.statistics)
  if (!example) {
    return (
      <Section title="Example">
        <p className={styles['note']}>
          {settings?.examples === 'off'
            ? 'Examples are not kept: no value that a statement had is written down. Settings change that.'
            : 'None is kept of this time.'}
        </p>
      </Section>
    )
  }
  const { text, parameters, durationMs, atMs } = example
  const told = `${shortMs(durationMs)}, ${formatMoment(atMs, workbench.clock.nowMs())}`
  return (
    <Section
      title="Example"
      detail={told}
      actions={
        <TextButton onPress={() => workbench.attempt(() => copyText(text))}>
          <Copy size={14} aria-hidden /> Copy
        </TextButton>
      }
    >
      <pre className={tableStyles['statement']} tabIndex={0}>
        {text}
      </pre>
      {parameters && parameters.length > 0 ? (
        <dl className={tableStyles['parameters']} aria-label="Parameters">
          {parameters.map((value, index) => (
            <div key={index}>
              <dt>{`$${index + 1}`}</dt>
              <dd>{value ?? <em>NULL</em>}</dd>
            </div>
          ))}
        </dl>
      ) : null}
    </Section>
  )
}
