/**
 * What has gone over its threshold and what did of late, the thresholds, where alerts are sent, what is steady, and the
 * log.
 */

import { BellOff } from 'lucide-react'
import type { ReactElement } from 'react'
import type { Alert } from '../../contract/monitor.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { classes } from '../widgets/class-names.ts'
import { formatDuration, formatMoment } from '../widgets/number-format.ts'
import { Section } from '../widgets/section.tsx'
import { StateDot } from '../widgets/state-dot.tsx'
import { LogSection } from './log-section.tsx'
import { StabilitySection } from './stability-section.tsx'
import { ThresholdSection } from './threshold-section.tsx'
import { WebhookSection } from './webhook-section.tsx'
import styles from './dashboard.module.css'
import alertStyles from './alerts.module.css'

export function AlertsPart({ instanceId }: { readonly instanceId: string | null }): ReactElement {
  const { monitor } = useWorkbench().dashboard
  const alerts = useStore(monitor.alerts)
  return (
    <div className={styles['overview']}>
      <AlertList alerts={alerts ?? []} />
      <ThresholdSection instanceId={instanceId} />
      <div className={styles['columns']}>
        <StabilitySection instanceId={instanceId} />
        <WebhookSection />
      </div>
      <LogSection />
    </div>
  )
}

function AlertList({ alerts }: { readonly alerts: readonly Alert[] }): ReactElement {
  const activeCount = alerts.filter(({ endedAtMs }) => endedAtMs === null).length
  const detail = activeCount === 0 ? 'none now' : `${activeCount} now`
  return (
    <Section title="Alerts" detail={detail} isWide>
      {alerts.length === 0 ? (
        <p className={classes(styles['note'], alertStyles['calm'])}>
          <BellOff size={14} aria-hidden /> Nothing has gone over a threshold.
        </p>
      ) : (
        <ul className={alertStyles['alerts']}>
          {alerts.map((alert) => (
            <AlertLine key={alert.id} alert={alert} />
          ))}
        </ul>
      )}
    </Section>
  )
}

function AlertLine({ alert }: { readonly alert: Alert }): ReactElement {
  const { clock } = useWorkbench()
  const { message, sinceMs, endedAtMs } = alert
  const isOver = endedAtMs !== null
  return (
    <li className={classes(alertStyles['alert'], isOver && alertStyles['over'])}>
      <StateDot kind={isOver ? 'idle' : 'failed'} label={isOver ? 'over' : 'now'} />
      <span className={alertStyles['message']}>{message}</span>
      <span className={styles['quiet']}>
        {isOver
          ? `${formatMoment(sinceMs, clock.nowMs())}, for ${formatDuration(endedAtMs - sinceMs)}`
          : `since ${formatMoment(sinceMs, clock.nowMs())}`}
      </span>
    </li>
  )
}
