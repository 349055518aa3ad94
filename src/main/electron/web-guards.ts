/**
 * What no page may do in this app, whatever runs in it: navigate away, open windows, embed views, ask for
 * permissions. One place for the list of Electron's security checklist (items 5 and 11 to 15). Imports nothing of
 * Electron but its types, so that it is tested.
 */

import type { App, Session, WebContents } from 'electron'
import { isAllowedExternal, isAppUrl } from './app-origin.ts'

/** Writing to the clipboard on a click is what copying is; everything else is denied. */
const allowedPermissions: ReadonlySet<string> = new Set(['clipboard-sanitized-write'])

/** What is used of Electron's objects. */
export type GuardedApp = Pick<App, 'on'>
export type GuardedSession = Pick<
  Session,
  'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'
>
export type GuardedPage = Pick<WebContents, 'on' | 'setWindowOpenHandler'>

/** Asks the system to open an address, such as `shell.openExternal`. */
export type OpenExternal = (address: string) => unknown

/** Guards every page that this app will ever have; call it before the first window. */
export function guardPages(app: GuardedApp, openExternal: OpenExternal): void {
  app.on('web-contents-created', (_event, contents) => guardPage(contents, openExternal))
}

export function guardPermissions(session: GuardedSession): void {
  session.setPermissionRequestHandler((contents, permission, answer) => {
    answer(isAppUrl(contents.getURL()) && allowedPermissions.has(permission))
  })
  session.setPermissionCheckHandler((_contents, permission, origin) => {
    return isAppUrl(origin) && allowedPermissions.has(permission)
  })
  session.setDevicePermissionHandler(() => false)
}

export function guardPage(contents: GuardedPage, openExternal: OpenExternal): void {
  contents.on('will-navigate', (event) => {
    if (!isAppUrl(event.url)) event.preventDefault()
  })
  contents.on('will-redirect', (event) => {
    if (!isAppUrl(event.url)) event.preventDefault()
  })
  contents.on('will-frame-navigate', (event) => {
    if (!isAppUrl(event.url)) event.preventDefault()
  })
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    if (isAllowedExternal(url)) openExternal(url)
    return { action: 'deny' }
  })
}
