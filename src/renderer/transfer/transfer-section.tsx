/** Moving one database: dump, restore, copy, migrate; how far it is; and how it ended. */

import { ArrowRightLeft, Check, Download, Upload } from 'lucide-react'
import { useEffect, useRef, useState, type KeyboardEvent, type ReactElement } from 'react'
import type { Instance } from '../../contract/instance.ts'
import type { Migration } from '../../contract/transfer.ts'
import type { RunningTransfer, TransferOutcome } from '../state/transfer-state.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { copyText } from '../widgets/copy-text.ts'
import { NoticeCard } from '../widgets/notice-card.tsx'
import { ProgressBar } from '../widgets/progress-bar.tsx'
import { Section } from '../widgets/section.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { CopyForm } from './copy-form.tsx'
import { DumpForm } from './dump-form.tsx'
import { RestoreForm } from './restore-form.tsx'
import { fractionOf, progressWords } from './progress-words.ts'
import styles from './transfer.module.css'

export function TransferSection({ instance }: { readonly instance: Instance }): ReactElement {
  const { transfers } = useWorkbench()
  const running = useStore(transfers.running)
  const form = useStore(transfers.form)
  const outcome = useStore(transfers.outcomes).get(instance.id)
  const own = running?.instanceId === instance.id ? running : null
  const shown = form?.instanceId === instance.id ? form.kind : null
  const place = useRef<HTMLDivElement>(null)
  // Whoever asks for it elsewhere, such as beside a failure, may have this section below the window's edge.
  useEffect(() => {
    place.current?.scrollIntoView({ block: 'nearest' })
  }, [form])
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented) return
    // The page would be left.
    event.preventDefault()
    transfers.ask(null, null)
  }
  return (
    <Section title="Move" actions={<Choices instance={instance} isDisabled={running !== null} />}>
      <MigrationOffer instance={instance} isRunning={running !== null} />
      {own ? <Progress running={own} /> : null}
      {outcome ? <Outcome instance={instance} outcome={outcome} /> : null}
      {shown === null ? null : (
        <div ref={place} onKeyDown={onKeyDown}>
          {shown === 'dump' ? <DumpForm instance={instance} /> : null}
          {shown === 'restore' ? <RestoreForm instance={instance} /> : null}
          {shown === 'copy' ? <CopyForm instance={instance} /> : null}
        </div>
      )}
      {!own && !outcome && !shown ? (
        <p className={styles['hint']}>
          A dump is a file that Postgres restores anywhere. A copy goes straight into another database, here
          or on a server, and is compared before it counts.
        </p>
      ) : null}
    </Section>
  )
}

function Choices(props: { readonly instance: Instance; readonly isDisabled: boolean }): ReactElement {
  const { instance, isDisabled } = props
  const { transfers } = useWorkbench()
  return (
    <div className={styles['choices']}>
      <TextButton isDisabled={isDisabled} onPress={() => transfers.ask('dump', instance)}>
        <Download size={14} aria-hidden /> Dump…
      </TextButton>
      <TextButton isDisabled={isDisabled} onPress={() => transfers.ask('restore', instance)}>
        <Upload size={14} aria-hidden /> Restore…
      </TextButton>
      <TextButton isDisabled={isDisabled} onPress={() => transfers.ask('copy', instance)}>
        <ArrowRightLeft size={14} aria-hidden /> Copy to…
      </TextButton>
    </div>
  )
}

function Progress({ running }: { readonly running: RunningTransfer }): ReactElement {
  const { transfers } = useWorkbench()
  return (
    <div className={styles['running']}>
      <ProgressBar label={progressWords(running)} fraction={fractionOf(running.progress)} />
      <TextButton isDisabled={running.isCancelling} onPress={() => transfers.cancel()}>
        Cancel
      </TextButton>
    </div>
  )
}

function Outcome(props: { readonly instance: Instance; readonly outcome: TransferOutcome }): ReactElement {
  const { instance, outcome } = props
  const workbench = useWorkbench()
  const { status, text, notices } = outcome
  const all = [text, ...notices].join('\n')
  const actions = (
    <>
      <TextButton onPress={() => workbench.attempt(() => copyText(all))}>Copy text</TextButton>
      <TextButton onPress={() => workbench.transfers.dismiss(instance.id)}>Dismiss</TextButton>
    </>
  )
  if (status !== 'done') {
    return (
      <NoticeCard kind={status === 'failed' ? 'failure' : 'warning'} actions={actions}>
        <OutcomeText text={text} notices={notices} />
      </NoticeCard>
    )
  }
  return (
    <div className={styles['done']} role="status">
      <Check size={14} className={styles['doneIcon']} aria-hidden />
      <div className={styles['doneText']}>
        <OutcomeText text={text} notices={notices} />
      </div>
      {actions}
    </div>
  )
}

function OutcomeText({ text, notices }: Pick<TransferOutcome, 'text' | 'notices'>): ReactElement {
  return (
    <>
      <p className={styles['text']}>{text}</p>
      {notices.length === 0 ? null : (
        <details>
          <summary>{notices.length === 1 ? '1 remark' : `${notices.length} remarks`}</summary>
          <p className={styles['text']}>{notices.join('\n')}</p>
        </details>
      )}
    </>
  )
}

interface MigrationOfferProps {
  readonly instance: Instance
  readonly isRunning: boolean
}

/** Where an earlier Postgres has written the directory. */
function MigrationOffer({ instance, isRunning }: MigrationOfferProps): ReactElement | null {
  const workbench = useWorkbench()
  const [migration, setMigration] = useState<Migration | null>(null)
  const { id, state } = instance
  useEffect(() => {
    let isWanted = state === 'failed'
    if (isWanted) {
      workbench.attempt(async () => {
        const found = await workbench.transfers.migrationOf(id)
        if (isWanted) setMigration(found)
      })
    }
    return () => {
      isWanted = false
      setMigration(null)
    }
  }, [workbench, id, state])
  if (!migration || isRunning) return null
  const { fromVersion, toVersion } = migration
  return (
    <NoticeCard
      kind="warning"
      actions={
        <TextButton
          kind="primary"
          onPress={() => workbench.attempt(() => workbench.transfers.migrate(instance))}
        >
          Migrate to Postgres {toVersion}
        </TextButton>
      }
    >
      <p>
        Postgres {fromVersion} has written this database. It can be migrated: everything is copied into a new
        directory and compared, and the old directory is kept beside it.
      </p>
    </NoticeCard>
  )
}
