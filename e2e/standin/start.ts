/** The moment after the app's main script: Chromium and the server of schemes start, and the app becomes ready. */

import { announceReady, app, chromiumSwitches } from './app.ts'
import { BrowserTargets } from './browser-targets.ts'
import { openWindowsIn } from './browser-window.ts'
import { startChromium } from './chromium.ts'
import { onEnd, quit } from './lifecycle.ts'
import { startSchemeServer } from './protocol.ts'
import { becomeReady } from './readiness.ts'

export async function startChromiumAndApp(): Promise<void> {
  const [closeServer, chromium] = await Promise.all([
    startSchemeServer(),
    startChromium(app.getPath('userData'), chromiumSwitches()),
  ])
  onEnd(closeServer)
  onEnd(() => chromium.close())
  process.on('SIGTERM', quit)
  process.on('SIGINT', quit)
  const targets = new BrowserTargets(chromium)
  await targets.start()
  openWindowsIn(targets)
  becomeReady()
  // The line that Playwright waits for, before it lets the app hear that it is ready.
  process.stderr.write(`DevTools listening on ${chromium.address}\n`)
  announceReady()
}
