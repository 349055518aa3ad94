/**
 * The answer to a request of the app's own scheme. The same files and headers as the headless shell sends; imports
 * nothing of Electron, so that it is tested.
 */

import { securityHeaders } from '../page/content-security-policy.ts'
import type { PageFiles } from '../page/page-files.ts'
import { isAppUrl } from './app-origin.ts'

export function pageResponse(
  pages: PageFiles,
  request: { readonly url: string; readonly method: string },
): Response {
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const file = isRead && isAppUrl(request.url) ? pages.find(new URL(request.url).pathname) : undefined
  if (!file) {
    return new Response('There is nothing here\n', { status: 404, headers: { ...securityHeaders } })
  }
  const headers = { ...securityHeaders, ...file.headers }
  return new Response(request.method === 'HEAD' ? null : new Uint8Array(file.bytes), { headers })
}
