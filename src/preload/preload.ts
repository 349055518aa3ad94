/**
 * Runs before the page, between it and the shell: lets the page ask for its port to the host, and hands the port
 * over. Decides nothing, and exposes nothing else.
 */

import { contextBridge, ipcRenderer } from 'electron'
import type { WardianShell } from './bridge.d.ts'

/** What this script sees of the page; it is not compiled with the DOM's types, so that it cannot use more. */
declare const window: {
  postMessage(message: string, targetOrigin: string, transfer: readonly object[]): void
}
declare const location: { readonly origin: string }

const shell: WardianShell = {
  kind: 'electron',
  requestPort: () => ipcRenderer.send('wardian:request-port'),
}

contextBridge.exposeInMainWorld('wardianShell', shell)

// Ports cannot cross the bridge; the page's own window is the way that they can.
ipcRenderer.on('wardian:port', ({ ports }) => window.postMessage('wardian:port', location.origin, ports))
