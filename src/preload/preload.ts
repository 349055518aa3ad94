/**
 * Runs before the page, between it and the shell: lets the page ask for its ports to the host and to the app, hands
 * them over, and tells where a dropped file lies. Decides nothing, and exposes nothing else.
 */

import { contextBridge, ipcRenderer, webUtils } from 'electron'
import type { WardianShell } from './bridge.d.ts'

/** What this script sees of the page; it is not compiled with the DOM's types, so that it cannot use more. */
declare const window: {
  postMessage(message: string, targetOrigin: string, transfer: readonly object[]): void
}
declare const location: { readonly origin: string }

const shell: WardianShell = {
  kind: 'electron',
  requestPort: () => ipcRenderer.send('wardian:request-port'),
  requestShellPort: () => ipcRenderer.send('wardian:request-shell-port'),
  pathOf: (file) => webUtils.getPathForFile(file as Parameters<typeof webUtils.getPathForFile>[0]),
}

contextBridge.exposeInMainWorld('wardianShell', shell)

// Ports cannot cross the bridge; the page's own window is the way that they can.
for (const channel of ['wardian:port', 'wardian:shell-port']) {
  ipcRenderer.on(channel, ({ ports }) => window.postMessage(channel, location.origin, ports))
}
