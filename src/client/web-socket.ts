/**
 * The WebSocket of whatever runtime this is, described structurally: of a browser, of Node 22, or of the `ws` package,
 * which Node 20 needs. Also where it connects to. Knows no protocol.
 */

import { invalidArgument, WardianError } from './wardian-error.ts'

/** The members that are used. */
export interface WebSocketLike {
  binaryType: string
  readonly readyState: number
  readonly protocol: string
  send(message: string | ArrayBuffer): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(
    type: 'close',
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void
}

/** Such as `globalThis.WebSocket`, or `WebSocket` of the package `ws`. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike

/** The first path of the envelope protocol (docs/protocol.md, "Connecting"). */
const defaultPath = '/v1'

/** The one that was given, or the runtime's. */
export function webSocketOf(given: WebSocketConstructor | undefined): WebSocketConstructor {
  const found: unknown = given ?? Reflect.get(globalThis, 'WebSocket')
  if (typeof found === 'function') return found as WebSocketConstructor
  throw invalidArgument(
    'This runtime has no WebSocket: pass one, such as that of the package ws, as webSocket',
  )
}

/**
 * `ws:`, `wss:`, `http:` and `https:` are taken; without a path it is that of the protocol. What could carry a secret
 * is refused, since addresses are written into logs and histories.
 */
export function socketUrl(text: string): string {
  const url = parsed(text)
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw invalidArgument(
      'url must have no user, password, query or fragment; the token is an option of its own',
    )
  }
  const scheme = url.protocol.replace(/^http/, 'ws')
  if (scheme !== 'ws:' && scheme !== 'wss:')
    throw invalidArgument('url must begin with ws://, wss://, http:// or https://')
  if (url.pathname === '/' || url.pathname === '') url.pathname = defaultPath
  url.protocol = scheme
  return url.toString()
}

function parsed(text: string): URL {
  try {
    return new URL(text)
  } catch {
    // The platform's error quotes the text, which may have a secret in it.
    throw invalidArgument('url is no address; it should be like ws://127.0.0.1:5480/v1')
  }
}

/** Why a socket ended (docs/protocol.md, "Close codes"). */
export function closedError(code: number): WardianError {
  const reason = reasonOf(code)
  if (code === unauthorizedCode) return new WardianError('unauthorized', reason, { sqlstate: '28000' })
  return new WardianError('connection_lost', reason, { isRetryable: true })
}

/** What that means for a request without an answer. */
export function lostError(code: number, wasSent: boolean): WardianError {
  const reason = reasonOf(code)
  if (!wasSent)
    return new WardianError('connection_lost', `${reason}; nothing was done`, { isRetryable: true })
  return new WardianError('unknown_outcome', `${reason}; whether the request took effect is not known`)
}

function reasonOf(code: number): string {
  return knownCloses[code] ?? `The connection was lost (code ${code})`
}

const unauthorizedCode = 4401

const knownCloses: Readonly<Record<number, string>> = {
  1001: 'The host has stopped',
  1009: 'A message was larger than the endpoint takes',
  4400: 'The endpoint took a message for no envelope',
  4401: 'The token is wrong, expired or revoked',
  4408: 'The endpoint had no hello in time',
  4413: 'This client did not read its answers in time',
  4429: 'Too many requests were outstanding',
}
