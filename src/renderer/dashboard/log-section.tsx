/** How much the host writes to its log and to its terminal, and what it has written last. */

import { RefreshCw } from 'lucide-react'
import { useEffect, type ReactElement } from 'react'
import type { LogSettings } from '../../contract/monitor.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { NoticeCard } from '../widgets/notice-card.tsx'
import { Section } from '../widgets/section.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { ChoiceField } from './choice-field.tsx'
import { levelChoices, levelOf, logLineWords } from './log-words.ts'
import styles from './dashboard.module.css'
import alertStyles from './alerts.module.css'

export function LogSection(): ReactElement {
  const { log } = useWorkbench().dashboard
  const settings = useStore(log.settings)
  const tail = useStore(log.tail)
  const error = useStore(log.error)
  useEffect(() => void log.refresh(), [log])
  return (
    <Section
      title="Log"
      isWide
      detail={tail?.path ?? undefined}
      actions={
        <TextButton onPress={() => void log.refresh()}>
          <RefreshCw size={14} aria-hidden /> Read again
        </TextButton>
      }
    >
      {error === null ? null : (
        <NoticeCard kind="failure">
          <p>{error.message}</p>
        </NoticeCard>
      )}
      {settings ? <Levels settings={settings} /> : null}
      {tail ? (
        <pre className={alertStyles['log']} tabIndex={0} aria-label="Last lines of the log">
          {tail.lines.length === 0 ? 'Nothing yet' : tail.lines.map(logLineWords).join('\n')}
        </pre>
      ) : null}
    </Section>
  )
}

function Levels({ settings }: { readonly settings: LogSettings }): ReactElement {
  const workbench = useWorkbench()
  const choose = (name: keyof LogSettings) => (text: string) => {
    const level = levelOf(text)
    if (level) workbench.attempt(() => workbench.dashboard.log.change({ [name]: level }))
  }
  return (
    <div className={styles['formRow']}>
      <ChoiceField
        label="In the file"
        value={settings.level}
        choices={levelChoices}
        onChoose={choose('level')}
      />
      <ChoiceField
        label="In the terminal"
        value={settings.terminalLevel}
        choices={levelChoices}
        onChoose={choose('terminalLevel')}
      />
    </div>
  )
}
