/**
 * Serves the page to the app's own windows under app://page, from the same table of files and with the same headers
 * as the headless shell. No file is looked up when a request comes.
 */

import { protocol, type Session } from 'electron'
import type { PageFiles } from '../page/page-files.ts'
import { appScheme } from './app-origin.ts'
import { pageResponse } from './page-response.ts'

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
  session.protocol.handle(appScheme, (request) => pageResponse(pages, request))
}
