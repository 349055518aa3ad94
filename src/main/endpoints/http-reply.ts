/**
 * Writing answers: whole bodies with fixed headers, refusals as plain text, and refusals of upgrades on the bare
 * socket. Decides nothing.
 */

import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { securityHeaders } from '../page/content-security-policy.ts'
import type { Refusal } from './request-guard.ts'

export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** Sends `reply` with the headers that every answer has. */
export function sendReply(response: ServerResponse, reply: Reply): void {
  const body = reply.body ?? ''
  response.writeHead(reply.status, {
    ...securityHeaders,
    'Cache-Control': 'no-store',
    ...reply.headers,
    // Statuses that have no body must not announce one (RFC 9110, section 8.6).
    ...(reply.status === 204 || reply.status === 304 ? {} : { 'Content-Length': Buffer.byteLength(body) }),
  })
  response.end(body)
}

/** Sends a refusal as text and ends the connection, so that an unread body is not taken for a request. */
export function sendRefusal(response: ServerResponse, refusal: Refusal): void {
  sendReply(response, {
    status: refusal.status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close', ...retryAfter(refusal) },
    body: `${refusal.message}\n`,
  })
}

/** Answers a refused upgrade, whose socket has left the HTTP server's hands. */
export function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  const body = `${refusal.message}\n`
  const lines = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...Object.entries(retryAfter(refusal)).map(([name, value]) => `${name}: ${value}`),
  ]
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`)
  // A peer that never reads must not keep the socket.
  socket.once('finish', () => socket.destroy())
}

function retryAfter(refusal: Refusal): Record<string, string> {
  if (refusal.retryAfterMs === undefined) return {}
  return { 'Retry-After': String(Math.ceil(refusal.retryAfterMs / 1_000)) }
}
