/** The page's entry: chooses the way to the host, builds the window's state, and mounts it. */

import './trusted-types.ts'
import '@fontsource/jetbrains-mono/400.css'
import '@fontsource/jetbrains-mono/400-italic.css'
import '@fontsource/jetbrains-mono/600.css'
import './app/theme.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { present } from '../base/assert.ts'
import { App } from './app/app.tsx'
import { electronPorts, type PortRequester } from './client/connect-electron.ts'
import { connectShell, type ShellBridge } from './client/connect-shell.ts'
import { createWebSocketPorts } from './client/connect-websocket.ts'
import { WorkbenchClient } from './client/workbench-client.ts'
import { Workbench, type WindowMemory } from './state/workbench.ts'

declare global {
  interface Window {
    /** What the preload script of the Electron shell offers; a served page has none. */
    readonly wardianShell?: PortRequester & ShellBridge
  }
}

const workspaceKey = 'wardian.workspace'
/** As the app remembers it, over its own end. */
let keptWorkspaceId: string | null = null

/** Lives as long as the window, over reloads, in the app over its end, too; another window has its own. */
const windowMemory: WindowMemory = {
  read: () => sessionStorage.getItem(workspaceKey) ?? keptWorkspaceId,
  write: (workspaceId) => {
    sessionStorage.setItem(workspaceKey, workspaceId)
    workbench.shell.keepWorkspace(workspaceId)
  },
}

const bridge = window.wardianShell
const ports = bridge ? electronPorts(bridge) : createWebSocketPorts()
const workbench = new Workbench(new WorkbenchClient(ports), windowMemory)

/** Before the tabs are asked for: the app knows which were this window's. */
async function joinShell({ shell, toasts }: Workbench): Promise<void> {
  if (!bridge) return
  shell.join(await connectShell(bridge), (file) => bridge.pathOf(file))
  const { workspaceId, notices } = await shell.describe()
  keptWorkspaceId = workspaceId
  for (const notice of notices) toasts.notice(notice)
}

/** The browser asks before it leaves; in Electron the shell does (leave-question.ts). */
window.addEventListener('beforeunload', (event) => {
  if (workbench.consoles.wouldLoseText) event.preventDefault()
})
if (!bridge) {
  // The address of a restarted host, given to this very tab, differs in its fragment alone, which loads nothing.
  window.addEventListener('hashchange', () => {
    if (new URLSearchParams(location.hash.slice(1)).has('token')) location.reload()
  })
}
window.addEventListener('pagehide', () => workbench.consoles.sendAtOnce())

createRoot(present(document.getElementById('root'), 'The root element')).render(
  <StrictMode>
    <App workbench={workbench} />
  </StrictMode>,
)
joinShell(workbench)
  .catch((error: unknown) => workbench.toasts.error(error))
  .finally(() => void workbench.start())
