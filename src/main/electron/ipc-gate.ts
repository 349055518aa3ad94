/** Listens to pages. The only file that names `ipcMain` (build/tidy-rules.ts sees to that). */

import { ipcMain, type WebContents, type WebFrameMain } from 'electron'
import { trustedOnly } from './sender-gate.ts'

/** Everything that a page can send. */
export type PageChannel = 'wardian:request-port' | 'wardian:request-shell-port'

export function onPageAsks(
  channel: PageChannel,
  listener: (frame: WebFrameMain, sender: WebContents) => void,
): void {
  ipcMain.on(channel, trustedOnly(listener))
}
