/** Says that the host is away, since when that matters, and what happens next. Hidden while all is well. */

import { Unplug } from 'lucide-react'
import type { ReactElement } from 'react'
import { useStore, useTick } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { TextButton } from '../widgets/text-button.tsx'
import styles from './connection-banner.module.css'

const tickMs = 500

export function ConnectionBanner(): ReactElement | null {
  const workbench = useWorkbench()
  const status = useStore(workbench.connection)
  useTick(status.kind === 'waiting', tickMs)
  if (status.kind === 'connected') return null
  const isRefused = status.kind === 'refused'
  return (
    <div className={styles['banner']} role="alert">
      <Unplug size={16} aria-hidden className={styles['icon']} />
      <span className={styles['words']}>
        {status.kind === 'connecting' ? 'Connecting to the host again…' : sentence(status.reason)}
        {isRefused ? null : ' What you type is kept in this window until the host is back.'}
      </span>
      {status.kind === 'waiting' ? <Countdown retryAtMs={status.retryAtMs} /> : null}
      {status.kind === 'connecting' ? null : (
        <TextButton onPress={() => workbench.reconnect()}>Connect now</TextButton>
      )}
    </div>
  )
}

function sentence(words: string): string {
  return /[.!?…]$/.test(words) ? words : `${words}.`
}

function Countdown({ retryAtMs }: { readonly retryAtMs: number }): ReactElement {
  const { clock } = useWorkbench()
  const seconds = Math.max(0, Math.ceil((retryAtMs - clock.monotonicMs()) / 1_000))
  return <span className={styles['next']}>Next attempt in {seconds} s</span>
}
