/**
 * Which addresses are the app's own, and which others may be opened outside of it. Compared as parsed URLs, never
 * as prefixes: `app://page.evil` begins like `app://page`. Imports nothing of Electron, so that it is tested.
 */

export const appScheme = 'app'
export const appHost = 'page'
export const appUrl = `${appScheme}://${appHost}/`

/** Sites whose pages the app links to: manuals of what it runs. */
const externalHosts: ReadonlySet<string> = new Set(['www.postgresql.org', 'pglite.dev'])

/** Whether `address` is a page of the app. */
export function isAppUrl(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, host, username, password } = new URL(address)
  return protocol === `${appScheme}:` && host === appHost && username === '' && password === ''
}

/** Whether the system's browser may be asked to open `address`. */
export function isAllowedExternal(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, host, username, password } = new URL(address)
  return protocol === 'https:' && externalHosts.has(host) && username === '' && password === ''
}

/** The frame that a message came from, as far as it is looked at. */
export interface SendingFrame {
  readonly url: string
  readonly parent: unknown
}

/** Whether a message may be listened to: it comes from the top frame of a page of the app. */
export function isTrustedFrame<Frame extends SendingFrame>(frame: Frame | null | undefined): frame is Frame {
  return frame !== null && frame !== undefined && frame.parent === null && isAppUrl(frame.url)
}
