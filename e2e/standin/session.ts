/**
 * `session`: there is one. Permissions are asked for once for each origin that is loaded, and again when a handler is
 * set, and then set in Chromium; what a page asks for later is answered with what was set then.
 */

import { EventEmitter } from 'node:events'
import type Electron from 'electron'
import { note } from './asked.ts'
import type { DevToolsSession } from './devtools.ts'
import { protocol } from './protocol.ts'
import { notImplemented, strict } from './strict.ts'

type RequestHandler = Parameters<Electron.Session['setPermissionRequestHandler']>[0]
type CheckHandler = Parameters<Electron.Session['setPermissionCheckHandler']>[0]
type Permission = Parameters<Exclude<RequestHandler, null>>[1]

/** Electron's names, and what Chromium calls them in the DevTools protocol. */
const permissionNames: Readonly<Partial<Record<Permission, readonly string[]>>> = {
  'clipboard-read': ['clipboard-read'],
  'clipboard-sanitized-write': ['clipboard-write'],
  geolocation: ['geolocation'],
  media: ['camera', 'microphone'],
  midi: ['midi'],
  notifications: ['notifications'],
}

class StandInSession
  extends EventEmitter
  implements
    Pick<
      Electron.Session,
      | 'protocol'
      | 'setPermissionRequestHandler'
      | 'setPermissionCheckHandler'
      | 'setDevicePermissionHandler'
      | 'setProxy'
      | 'setSpellCheckerEnabled'
      | 'isSpellCheckerEnabled'
    >
{
  readonly protocol = protocol as unknown as Electron.Protocol
  #onRequest: RequestHandler = null
  #onCheck: CheckHandler = null
  #isSpellChecked = true

  setPermissionRequestHandler(handler: RequestHandler): void {
    this.#onRequest = handler
    this.emit('-permissions')
  }

  setPermissionCheckHandler(handler: CheckHandler): void {
    this.#onCheck = handler
    this.emit('-permissions')
  }

  setDevicePermissionHandler(handler: Parameters<Electron.Session['setDevicePermissionHandler']>[0]): void {
    note('session.setDevicePermissionHandler', handler === null ? 'none' : 'set')
  }

  setProxy(config: Electron.ProxyConfig): Promise<void> {
    note('session.setProxy', config)
    return Promise.resolve()
  }

  setSpellCheckerEnabled(isEnabled: boolean): void {
    this.#isSpellChecked = isEnabled
  }

  isSpellCheckerEnabled(): boolean {
    return this.#isSpellChecked
  }

  /** Sets in Chromium what the handlers allow to a page of `origin`, which Chromium knows as `servedOrigin`. */
  async applyPermissions(
    browser: DevToolsSession,
    { contents, origin, servedOrigin }: PermissionSubject,
  ): Promise<void> {
    for (const [permission, names] of Object.entries(permissionNames)) {
      const setting = this.#isAllowed(permission as Permission, contents, origin) ? 'granted' : 'denied'
      for (const name of names) {
        await browser.send('Browser.setPermission', { permission: { name }, setting, origin: servedOrigin })
      }
    }
  }

  /** As Electron: allowed unless a handler says otherwise. */
  #isAllowed(permission: Permission, contents: Electron.WebContents, origin: string): boolean {
    const details = { requestingUrl: `${origin}/`, isMainFrame: true } as Parameters<
      Exclude<CheckHandler, null>
    >[3]
    if (this.#onCheck && !this.#onCheck(contents, permission, `${origin}/`, details)) return false
    let isAllowed = true
    this.#onRequest?.(contents, permission, (answer) => (isAllowed = answer), details as never)
    return isAllowed
  }
}

export interface PermissionSubject {
  readonly contents: Electron.WebContents
  readonly origin: string
  readonly servedOrigin: string
}

export const defaultSession = strict('session.defaultSession', new StandInSession())

export const session = strict('session', {
  defaultSession,
  fromPartition: () => {
    throw notImplemented('session.fromPartition')
  },
})
