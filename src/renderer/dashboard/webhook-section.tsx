/** Where alerts are sent besides: the address of another program, which is never shown again as a whole. */

import { useState, type FormEvent, type ReactElement } from 'react'
import { Input, Label, TextField } from 'react-aria-components'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import formStyles from '../widgets/form-fields.module.css'
import { Section } from '../widgets/section.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import styles from './dashboard.module.css'

export function WebhookSection(): ReactElement {
  const workbench = useWorkbench()
  const { monitor } = workbench.dashboard
  const webhook = useStore(monitor.settings)?.webhook ?? null
  const test = async (): Promise<void> => workbench.toasts.info(await monitor.testWebhook())
  return (
    <Section title="Alerts are also sent to" detail={webhook ? webhook.origin : 'nobody'}>
      {webhook ? (
        <div className={styles['formRow']}>
          <TextButton onPress={() => workbench.attempt(test)}>Send a test</TextButton>
          <TextButton onPress={() => workbench.attempt(() => monitor.change({ webhook: null }))}>
            Send no more
          </TextButton>
        </div>
      ) : (
        <WebhookForm />
      )}
    </Section>
  )
}

function WebhookForm(): ReactElement {
  const workbench = useWorkbench()
  const [url, setUrl] = useState('')
  const [token, setToken] = useState('')
  const isAddress = URL.canParse(url) && /^https?:/.test(url)
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    const bearerToken = token === '' ? null : token
    if (isAddress)
      workbench.attempt(() => workbench.dashboard.monitor.change({ webhook: { url, bearerToken } }))
  }
  return (
    <form className={styles['form']} aria-label="Where alerts are sent" onSubmit={onSubmit}>
      <TextField className={formStyles['field'] ?? ''} value={url} onChange={setUrl}>
        <Label className={formStyles['label'] ?? ''}>Address (POST, JSON)</Label>
        <Input className={formStyles['input'] ?? ''} placeholder="https://…" autoComplete="off" />
      </TextField>
      <TextField className={formStyles['field'] ?? ''} type="password" value={token} onChange={setToken}>
        <Label className={formStyles['label'] ?? ''}>Bearer token, if it wants one</Label>
        <Input className={formStyles['input'] ?? ''} autoComplete="off" />
      </TextField>
      <div>
        <TextButton type="submit" isDisabled={!isAddress}>
          Send alerts there
        </TextButton>
      </div>
    </form>
  )
}
