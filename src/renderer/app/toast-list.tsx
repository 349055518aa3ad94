/** Announcements in the corner: what happened, more of it on demand, copyable, gone when dismissed. */

import { CircleX, Copy, Info, X } from 'lucide-react'
import type { ReactElement } from 'react'
import type { Toast, ToastAction } from '../state/toast-state.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { classes } from '../widgets/class-names.ts'
import { copyText } from '../widgets/copy-text.ts'
import { IconButton } from '../widgets/icon-button.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import styles from './toast-list.module.css'

export function ToastList(): ReactElement {
  const { toasts } = useWorkbench()
  const shown = useStore(toasts.toasts)
  return (
    <div className={styles['list']} role="region" aria-label="Announcements">
      {shown.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </div>
  )
}

function ToastCard({ toast }: { readonly toast: Toast }): ReactElement {
  const workbench = useWorkbench()
  const { toasts } = workbench
  const isError = toast.kind === 'error'
  const Icon = isError ? CircleX : Info
  const copied = [toast.text, toast.detail].filter((part) => part !== null).join('\n')
  return (
    <div className={styles['card']} role={isError ? 'alert' : 'status'}>
      <Icon className={classes(styles['icon'], isError && styles['error'])} size={16} aria-hidden />
      <div className={styles['words']}>
        <div className={styles['text']}>{toast.text}</div>
        {toast.detail === null ? null : (
          <details className={styles['detail']}>
            <summary>Details</summary>
            <pre className={styles['pre']}>{toast.detail}</pre>
          </details>
        )}
      </div>
      {toast.action === null ? null : <ActionButton toast={toast} action={toast.action} />}
      {isError ? (
        <IconButton
          icon={Copy}
          label="Copy"
          placement="top"
          onPress={() => workbench.attempt(() => copyText(copied))}
        />
      ) : null}
      <IconButton icon={X} label="Dismiss" placement="top" onPress={() => toasts.dismiss(toast.id)} />
    </div>
  )
}

interface ActionButtonProps {
  readonly toast: Toast
  readonly action: ToastAction
}

function ActionButton({ toast, action }: ActionButtonProps): ReactElement {
  const workbench = useWorkbench()
  const onPress = (): void => {
    workbench.toasts.dismiss(toast.id)
    workbench.attempt(action.run)
  }
  return <TextButton onPress={onPress}>{action.label}</TextButton>
}
