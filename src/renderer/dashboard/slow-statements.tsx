/** Single calls that took longer than what counts as slow, the last ones first. */

import type { ReactElement } from 'react'
import { Button } from 'react-aria-components'
import type { SlowStatement } from '../../contract/statistics.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { formatMoment } from '../widgets/number-format.ts'
import { oneLine, shortMs } from './statement-words.ts'
import { TextButton } from '../widgets/text-button.tsx'
import styles from './dashboard.module.css'
import tableStyles from './statements.module.css'

const shownMax = 50

export function SlowStatements(): ReactElement | null {
  const { commands, dashboard } = useWorkbench()
  const { statements, monitor } = dashboard
  const slow = useStore(statements.slow)
  const settings = useStore(monitor.statistics)
  if (!slow || !settings) return null
  const { slowMs } = settings
  return (
    <section className={styles['section']} aria-label="Slow calls">
      <header className={styles['sectionHead']}>
        <h2 className={styles['sectionTitle']}>Slow calls</h2>
        <span className={styles['quiet']}>
          {slowMs === null ? 'not looked for' : `longer than ${shortMs(slowMs)}, the last ones first`}
        </span>
      </header>
      {slowMs === null ? (
        <p className={styles['note']}>
          Say from when on a call is slow, and it is listed here and written to the log of slow statements.{' '}
          <TextButton onPress={() => commands.run('dashboard.settings')}>Settings</TextButton>
        </p>
      ) : slow.length === 0 ? (
        <p className={styles['note']}>None took as long.</p>
      ) : (
        <SlowTable slow={slow.slice(0, shownMax)} />
      )}
    </section>
  )
}

function SlowTable({ slow }: { readonly slow: readonly SlowStatement[] }): ReactElement {
  const { clock, dashboard } = useWorkbench()
  return (
    <div className={tableStyles['tablePlace']}>
      <table className={tableStyles['table']} aria-label="Slow calls">
        <thead>
          <tr>
            {['Statement', 'Took', 'When', 'Result', 'Program', 'Role'].map((title) => (
              <th key={title} scope="col" className={tableStyles['column']}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {slow.map((call, index) => (
            <tr key={`${call.atMs} ${index}`} className={tableStyles['row']}>
              <td className={`${tableStyles['cell']} ${tableStyles['text']}`}>
                <Button
                  className={tableStyles['open'] ?? ''}
                  onPress={() => dashboard.statements.select(call)}
                >
                  {oneLine(call.text)}
                </Button>
              </td>
              <td className={tableStyles['cell']}>{shortMs(call.durationMs)}</td>
              <td className={tableStyles['cell']}>{formatMoment(call.atMs, clock.nowMs())}</td>
              <td className={tableStyles['cell']}>
                {call.sqlState === null ? 'ok' : `failed ${call.sqlState}`}
              </td>
              <td className={tableStyles['cell']}>{call.application}</td>
              <td className={tableStyles['cell']}>{call.user}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
