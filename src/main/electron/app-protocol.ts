/**
 * Serves the page to the app's own windows under app://page, from the same table of files and with the same headers
 * as the headless shell. No file is looked up when a request comes.
 */

import { protocol, type Session } from 'electron'
import { securityHeaders } from '../page/content-security-policy.ts'
import type { PageFiles } from '../page/page-files.ts'
import { appHost, appScheme } from './app-origin.ts'

/** Must run before the app is ready. Standard and secure: it has an origin, and may use workers and WebAssembly. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: appScheme,
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
  ])
}

export function servePage(session: Session, pages: PageFiles): void {
  session.protocol.handle(appScheme, (request) => answer(pages, request))
}

function answer(pages: PageFiles, request: { readonly url: string; readonly method: string }): Response {
  const { host, pathname } = new URL(request.url)
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const file = host === appHost && isRead ? pages.find(pathname) : undefined
  if (!file) return new Response('There is nothing here\n', { status: 404, headers: { ...securityHeaders } })
  const headers = { ...securityHeaders, ...file.headers }
  return new Response(request.method === 'HEAD' ? null : new Uint8Array(file.bytes), { headers })
}
