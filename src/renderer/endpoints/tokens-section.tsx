/** The tokens of the web endpoint: whom each lets in, made and shown once, and revoked. */

import { KeyRound, Trash2 } from 'lucide-react'
import { useState, type ReactElement } from 'react'
import type { WebToken } from '../../contract/web-endpoint.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { Dialog, DialogActions } from '../widgets/dialog.tsx'
import { EmptyState } from '../widgets/empty-state.tsx'
import { IconButton } from '../widgets/icon-button.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { CreateToken } from './create-token.tsx'
import { tokenFacts } from './token-words.ts'
import styles from './endpoints.module.css'

export function TokensSection(): ReactElement {
  const { web } = useWorkbench()
  const tokens = useStore(web.tokens)
  const [isCreating, setIsCreating] = useState(false)
  const [doomed, setDoomed] = useState<WebToken | null>(null)
  return (
    <section className={styles['section']} aria-label="Tokens">
      <header className={styles['sectionHead']}>
        <h2>Tokens</h2>
        <span className={styles['count']}>{tokens.length === 0 ? 'none' : tokens.length}</span>
        <span className={styles['space']} />
        <TextButton onPress={() => setIsCreating(true)}>New token…</TextButton>
      </header>
      {tokens.length === 0 ? (
        <EmptyState icon={KeyRound} title="Nobody has a token">
          <p>
            Whoever connects shows one. It says which databases may be seen, and whether they may be written.
          </p>
        </EmptyState>
      ) : (
        <ul className={styles['tokens']} aria-label="Tokens">
          {tokens.map((token) => (
            <TokenRow key={token.id} token={token} onRevoke={() => setDoomed(token)} />
          ))}
        </ul>
      )}
      {isCreating ? <CreateToken onClose={() => setIsCreating(false)} /> : null}
      <RevokeDialog token={doomed} onClose={() => setDoomed(null)} />
    </section>
  )
}

interface TokenRowProps {
  readonly token: WebToken
  readonly onRevoke: () => void
}

function TokenRow({ token, onRevoke }: TokenRowProps): ReactElement {
  const { clock, instances } = useWorkbench()
  useStore(instances.instances)
  const nameOf = (instanceId: string): string | null => instances.find(instanceId)?.name ?? null
  return (
    <li className={styles['token']}>
      <div className={styles['tokenText']}>
        <span>{token.label}</span>
        <span className={styles['tokenFacts']}>{tokenFacts(token, nameOf, clock.nowMs())}</span>
      </div>
      <IconButton icon={Trash2} label={`Revoke ${token.label}`} onPress={onRevoke} />
    </li>
  )
}

interface RevokeDialogProps {
  /** Null while it is closed. */
  readonly token: WebToken | null
  readonly onClose: () => void
}

function RevokeDialog({ token, onClose }: RevokeDialogProps): ReactElement {
  const workbench = useWorkbench()
  const label = token?.label ?? 'the token'
  const revoke = (): void => {
    onClose()
    if (token) workbench.attempt(() => workbench.web.revokeToken(token.id))
  }
  return (
    <Dialog title={`Revoke ${label}?`} isOpen={token !== null} onClose={onClose}>
      <div>
        Whoever has come in with it is disconnected at once, and nobody comes in with it again. This cannot be
        undone.
      </div>
      <DialogActions>
        <TextButton onPress={onClose} autoFocus>
          Keep it
        </TextButton>
        <TextButton kind="danger" onPress={revoke}>
          Revoke {label}
        </TextButton>
      </DialogActions>
    </Dialog>
  )
}
