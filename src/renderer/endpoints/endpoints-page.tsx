/** The page of the endpoints: whether programs and pages can connect, how they do, and who is connected. */

import { X } from 'lucide-react'
import type { KeyboardEvent, ReactElement } from 'react'
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components'
import type { Endpoint } from '../../contract/endpoint.ts'
import type { WebEndpoint } from '../../contract/web-endpoint.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { IconButton } from '../widgets/icon-button.tsx'
import { StateDot } from '../widgets/state-dot.tsx'
import { ClientsSection } from './clients-section.tsx'
import { ConnectionSection } from './connection-section.tsx'
import { EndpointHead } from './endpoint-head.tsx'
import { endpointDots } from './endpoint-dots.ts'
import { OptionsForm } from './options-form.tsx'
import { TokensSection } from './tokens-section.tsx'
import { WebHead } from './web-head.tsx'
import { WebOptionsForm } from './web-options-form.tsx'
import tabStyles from '../widgets/tabs.module.css'
import styles from './endpoints.module.css'

export function EndpointsPage(): ReactElement {
  const { endpoint, web, consoles } = useWorkbench()
  const shown = useStore(endpoint.endpoint)
  const forPages = useStore(web.endpoint)
  const tab = useStore(web.shownTab)
  const leave = (): void => consoles.editor.focus()
  const onKeyDown = (event: KeyboardEvent): void => {
    // What opens over the page takes it first; in a field it would throw away what is being typed.
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement
    if (event.key === 'Escape' && !event.defaultPrevented && !isTyping) leave()
  }
  return (
    <main className={styles['page']} data-area="page" aria-label="Endpoints" onKeyDown={onKeyDown}>
      <header className={styles['bar']}>
        <h1 className={styles['title']}>Endpoints</h1>
        <IconButton icon={X} label="Back to the consoles" keys="Escape" onPress={leave} />
      </header>
      <Tabs
        className={styles['parts'] ?? ''}
        selectedKey={tab}
        onSelectionChange={(key) => web.shownTab.set(key === 'web' ? 'web' : 'postgres')}
      >
        <TabList className={tabStyles['list'] ?? ''} aria-label="Which endpoint">
          <Tab id="postgres" className={tabStyles['tab'] ?? ''}>
            <TabDot state={shown?.state ?? 'off'} /> Postgres
          </Tab>
          <Tab id="web" className={tabStyles['tab'] ?? ''}>
            <TabDot state={forPages?.state ?? 'off'} /> Web
          </Tab>
        </TabList>
        <TabPanel id="postgres" className={styles['panel'] ?? ''}>
          {shown ? <PostgresPart endpoint={shown} /> : null}
        </TabPanel>
        <TabPanel id="web" className={styles['panel'] ?? ''}>
          {forPages ? <WebPart endpoint={forPages} /> : null}
        </TabPanel>
      </Tabs>
    </main>
  )
}

/** Said in words by the tab's own panel. */
function TabDot({ state }: { readonly state: Endpoint['state'] }): ReactElement {
  return (
    <span aria-hidden>
      <StateDot kind={endpointDots[state]} label={state} />
    </span>
  )
}

function PostgresPart({ endpoint }: { readonly endpoint: Endpoint }): ReactElement {
  const { endpoint: parts } = useWorkbench()
  const { state } = endpoint
  return (
    <div className={styles['body']}>
      <EndpointHead endpoint={endpoint} />
      <div className={styles['columns']}>
        {state === 'listening' ? <ConnectionSection endpoint={endpoint} /> : null}
        <OptionsForm endpoint={endpoint} />
      </div>
      {state === 'listening' || state === 'stopping' ? <ClientsSection feed={parts.feed} /> : null}
    </div>
  )
}

function WebPart({ endpoint }: { readonly endpoint: WebEndpoint }): ReactElement {
  const { web } = useWorkbench()
  const { state } = endpoint
  return (
    <div className={styles['body']}>
      <WebHead endpoint={endpoint} />
      <div className={styles['columns']}>
        <TokensSection />
        <WebOptionsForm endpoint={endpoint} />
      </div>
      {state === 'listening' || state === 'stopping' ? <ClientsSection feed={web.feed} /> : null}
    </div>
  )
}
