/** The mark by which its user tells a server from others: words, which a colour repeats. */

import type { ReactElement } from 'react'
import type { RemoteServer } from '../../contract/remote-server.ts'
import { classes } from './class-names.ts'
import styles from './server-mark.module.css'

/** Nothing for an instance here, and for a server without a mark that may be written to. */
export function ServerMark({ server }: { readonly server: RemoteServer | null }): ReactElement | null {
  if (!server) return null
  const { label, colour, isReadOnly } = server
  if (label === '' && !isReadOnly) return null
  return (
    <span className={styles['marks']}>
      {label === '' ? null : <span className={classes(styles['mark'], styles[colour])}>{label}</span>}
      {isReadOnly ? <span className={styles['mark']}>read-only</span> : null}
    </span>
  )
}
