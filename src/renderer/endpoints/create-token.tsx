/** Makes a token: what it is for, what it may see and do, and how long; then shows it, this once. */

import { useState, type FormEvent, type ReactElement } from 'react'
import { toWireError } from '../../contract/error.ts'
import { tokenLabelLengthMax, tokenRoles, type TokenWish } from '../../contract/web-endpoint.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { copyText } from '../widgets/copy-text.ts'
import { Dialog, DialogActions } from '../widgets/dialog.tsx'
import formStyles from '../widgets/form-fields.module.css'
import { TextButton } from '../widgets/text-button.tsx'
import { Check, Choice, TextInput } from './draft-fields.tsx'
import styles from './endpoints.module.css'

const dayMs = 24 * 3_600_000

interface TokenDraft {
  readonly label: string
  /** null: all. */
  readonly instanceIds: readonly string[] | null
  readonly access: TokenWish['access']
  readonly role: 'own' | 'postgres'
  readonly days: '1' | '90' | '365' | 'never'
}

export function CreateToken({ onClose }: { readonly onClose: () => void }): ReactElement {
  const [secret, setSecret] = useState<string | null>(null)
  return (
    <Dialog
      title={secret === null ? 'New token' : 'Copy the token now'}
      isOpen
      isWide
      // A click beside it must not take away what is shown once.
      onClose={() => (secret === null ? onClose() : undefined)}
    >
      {secret === null ? (
        <TokenForm onClose={onClose} onMade={setSecret} />
      ) : (
        <MadeToken secret={secret} onClose={onClose} />
      )}
    </Dialog>
  )
}

interface TokenFormProps {
  readonly onClose: () => void
  readonly onMade: (secret: string) => void
}

function TokenForm({ onClose, onMade }: TokenFormProps): ReactElement {
  const { clock, instances, web } = useWorkbench()
  const current = useStore(instances.currentId)
  const [draft, setDraft] = useState<TokenDraft>({
    ...{ label: '', access: 'read-only', role: 'own', days: '90' },
    instanceIds: current === null ? null : [current],
  })
  const [failure, setFailure] = useState<string | null>(null)
  const edit = (change: Partial<TokenDraft>): void => setDraft({ ...draft, ...change })
  const isComplete = draft.label.trim() !== '' && draft.instanceIds?.length !== 0
  const make = (event: FormEvent): void => {
    event.preventDefault()
    if (!isComplete) return
    web.createToken(wishOf(draft, clock.nowMs())).then(onMade, (error: unknown) => {
      setFailure(toWireError(error).message)
    })
  }
  return (
    <form className={styles['options']} onSubmit={make}>
      <TextInput
        label="What it is for"
        placeholder="such as the name of the page or program"
        value={draft.label}
        problem={draft.label.length > tokenLabelLengthMax ? 'A few words are enough' : undefined}
        onChange={(label) => edit({ label })}
        autoFocus
      />
      <InstanceChecks draft={draft} onChange={edit} />
      <Choice
        label="It may"
        value={draft.access}
        choices={accesses}
        onChoose={(access) => edit({ access, role: 'own' })}
      />
      {draft.access === 'read-write' ? (
        <Choice label="As the role" value={draft.role} choices={roles} onChoose={(role) => edit({ role })} />
      ) : null}
      <Choice label="For" value={draft.days} choices={spans} onChoose={(days) => edit({ days })} />
      {failure === null ? null : (
        <p className={styles['problem']} role="alert">
          {failure}.
        </p>
      )}
      <DialogActions>
        <TextButton onPress={onClose}>Cancel</TextButton>
        <TextButton type="submit" kind="primary" isDisabled={!isComplete}>
          Make the token
        </TextButton>
      </DialogActions>
    </form>
  )
}

function wishOf({ label, instanceIds, access, role, days }: TokenDraft, nowMs: number): TokenWish {
  return {
    ...{ label: label.trim(), instanceIds, access },
    role: role === 'own' ? null : role,
    expiresAtMs: days === 'never' ? null : nowMs + Number(days) * dayMs,
  }
}

const accesses = [
  ['read-only', 'Read', 'and change nothing'],
  ['read-write', 'Read and write', ''],
] as const

const roles = [
  ['own', tokenRoles['read-write'], 'writes tables, makes its own'],
  ['postgres', 'postgres', 'the owner: may do everything'],
] as const

const spans = [
  ['1', 'a day', ''],
  ['90', '90 days', ''],
  ['365', 'a year', ''],
  ['never', 'as long as it is not revoked', ''],
] as const

interface InstanceChecksProps {
  readonly draft: TokenDraft
  readonly onChange: (change: Partial<TokenDraft>) => void
}

function InstanceChecks({ draft, onChange }: InstanceChecksProps): ReactElement {
  const { instances } = useWorkbench()
  // A server elsewhere lets in whom it wants.
  const list = useStore(instances.instances).filter(({ storage }) => storage !== 'remote')
  const chosen = draft.instanceIds
  const toggle = (id: string, isChosen: boolean): void => {
    const others = (chosen ?? []).filter((each) => each !== id)
    onChange({ instanceIds: isChosen ? [...others, id] : others })
  }
  return (
    <div className={formStyles['field']} role="group" aria-label="It may see">
      <span className={formStyles['label']}>It may see</span>
      <div className={styles['checks']}>
        <Check
          label="Every database, also those that come later"
          isSelected={chosen === null}
          onChange={(isAll) => onChange({ instanceIds: isAll ? null : [] })}
        />
        {chosen === null
          ? null
          : list.map(({ id, name }) => (
              <Check
                key={id}
                label={name}
                isSelected={chosen.includes(id)}
                onChange={(isChosen) => toggle(id, isChosen)}
              />
            ))}
      </div>
    </div>
  )
}

function MadeToken({
  secret,
  onClose,
}: {
  readonly secret: string
  readonly onClose: () => void
}): ReactElement {
  const workbench = useWorkbench()
  const [isCopied, setIsCopied] = useState(false)
  const copy = (): void =>
    workbench.attempt(async () => {
      await copyText(secret)
      setIsCopied(true)
    })
  return (
    <>
      <div>It is shown this once: only its hash is kept. Whoever has it may do what it may.</div>
      <code className={styles['secret']}>{secret}</code>
      <DialogActions>
        <TextButton onPress={onClose}>{isCopied ? 'Done' : 'Close without copying'}</TextButton>
        <TextButton kind="primary" onPress={copy} autoFocus>
          {isCopied ? 'Copied' : 'Copy the token'}
        </TextButton>
      </DialogActions>
    </>
  )
}
