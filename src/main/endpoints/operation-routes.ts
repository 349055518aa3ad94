/**
 * What programs that look after a host ask over HTTP: whether it lives, whether it is ready, its metrics. Runs after
 * the guard and after whoever asks has been let in. Tells no secret and no name of a file.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendReply } from './http-reply.ts'

/** What a host tells of itself. */
export interface Operations {
  /** Why the host is not ready, in words without a secret; null: it is. */
  unreadiness(): Promise<string | null>
  /** The metrics in the form that an Accept header asks for. */
  metrics(accept: string): Promise<{ readonly contentType: string; readonly text: string }>
  /** With which metrics, and nothing else, may be asked for. */
  metricsToken(): Promise<string>
}

const paths = new Set(['/healthz', '/readyz', '/metrics'])
const plainText = { 'Content-Type': 'text/plain; charset=utf-8' }

export function isOperation(pathname: string): boolean {
  return paths.has(pathname)
}

/** Answers with 200, or with 503 where the host is not ready. */
export async function sendOperation(
  operations: Operations,
  exchange: {
    readonly request: IncomingMessage
    readonly response: ServerResponse
    readonly pathname: string
  },
): Promise<void> {
  const { request, response, pathname } = exchange
  if (pathname === '/metrics') {
    const { contentType, text } = await operations.metrics(request.headers.accept ?? '')
    sendReply(response, { status: 200, headers: { 'Content-Type': contentType }, body: text })
    return
  }
  // That it is answered at all is what /healthz tells.
  const reason = pathname === '/readyz' ? await operations.unreadiness() : null
  const status = reason === null ? 200 : 503
  sendReply(response, { status, headers: plainText, body: `${reason ?? 'ok'}\n` })
}
