/**
 * Every widget in every state, for eyes and for pictures: `?theme=dark|light|high-contrast`. Lies outside of what
 * the product is built from, so that it cannot come into it; gallery.spec.ts builds it, and
 * `npx vite e2e/gallery-page` serves it while one works on a widget.
 */

import '@fontsource/jetbrains-mono/400.css'
import '@fontsource/jetbrains-mono/400-italic.css'
import '../../src/renderer/app/theme.css'
import './gallery-page.css'
import { createRoot } from 'react-dom/client'
import { WorkbenchError } from '../../src/contract/error.ts'
import { WorkbenchContext } from '../../src/renderer/state/workbench-context.ts'
import { GridSection } from './grid-section.tsx'
import { ControlSections } from './control-sections.tsx'
import { ConsoleSections } from './console-sections.tsx'
import { hostlessWorkbench } from './hostless-workbench.ts'
import { DashboardSections } from './dashboard-sections.tsx'
import { EndpointSections } from './endpoint-sections.tsx'
import { ListSections } from './list-sections.tsx'
import { WindowSections } from './window-sections.tsx'

document.documentElement.dataset['theme'] = new URLSearchParams(location.search).get('theme') ?? 'dark'

const workbench = hostlessWorkbench()
workbench.toasts.notice('A damaged file was set aside')
workbench.toasts.offer('orders is in the trash', { label: 'Undo', run: () => Promise.resolve() })
workbench.toasts.error(new WorkbenchError('storage-failed', 'The text of console 1 could not be stored yet'))

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <WorkbenchContext value={workbench}>
      <h1>Widgets</h1>
      <main className="sections">
        <ControlSections />
        <WindowSections />
        <ConsoleSections />
        <ListSections />
        <EndpointSections />
        <DashboardSections />
        <GridSection />
      </main>
    </WorkbenchContext>,
  )
}
