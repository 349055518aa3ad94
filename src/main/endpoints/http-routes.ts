/**
 * The HTTP side of an endpoint: the page's files, the log-in of a browser, and the proof by which programs know
 * the host. Runs after the guard. It can neither read nor change any data: that is what /port is for.
 *
 * The page's files need no log-in: they are the program's public code, the same in every installation, and they
 * must load before the token in the address's fragment (which browsers never send) can be read and shown.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { PageFiles } from '../page/page-files.ts'
import { equalSecrets, type AccessControl } from './access-control.ts'
import { findCookie, setCookieHeader } from './cookie.ts'
import { sendRefusal, sendReply } from './http-reply.ts'
import { isOperation, sendOperation, type Operations } from './operation-routes.ts'
import type { LoginLimiter } from './login-limiter.ts'
import { headerValues, refuseWithoutOrigin, type Refusal } from './request-guard.ts'

/** `{"token":"…"}`: a token of 512 characters and its wrapping. */
const loginBodyBytesMax = 1_024

/** 128 to 512 bits as base64url or hex: enough that no answer is ever of use twice. */
const noncePattern = /^[\w-]{22,128}$/

export interface RouteContext {
  readonly access: AccessControl
  readonly limiter: LoginLimiter
  /** Null where the endpoint serves programs alone. */
  readonly pages: PageFiles | null
  readonly port: number
  /** null: nobody looks after the host here. */
  readonly operations: Operations | null
}

const unauthorized: Refusal = { status: 401, message: 'The token is not the one of this start of Wardian' }
const metricsUnauthorized: Refusal = {
  status: 401,
  message: 'Send Authorization: Bearer and the token; `wardian metrics --config` tells where it is',
}
const notFound: Refusal = { status: 404, message: 'There is nothing here' }
const wrongMethod: Refusal = { status: 405, message: 'This address does not take that method' }

/** Answers one guarded request. */
export async function answer(
  context: RouteContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://endpoint')
  const refusal = await route(context, { request, response, pathname, searchParams })
  if (refusal !== null) sendRefusal(response, refusal)
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly pathname: string
  readonly searchParams: URLSearchParams
}

async function route(context: RouteContext, exchange: Exchange): Promise<Refusal | null> {
  const { request, pathname } = exchange
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (pathname === '/session' && request.method === 'POST') return logIn(context, exchange)
  if (pathname === '/login-codes' && request.method === 'POST') return sendLoginCode(context, exchange)
  if (!isRead) return wrongMethod
  if (pathname === '/session') return tellSession(context, exchange)
  if (pathname === '/proof') return prove(context, exchange)
  if (context.operations && isOperation(pathname)) return operate(context, context.operations, exchange)
  return sendPage(context, exchange)
}

/** GET /session: 204 when this browser is logged in, else 401. */
function tellSession(context: RouteContext, { request, response }: Exchange): Refusal | null {
  if (!hasValidCookie(context, request)) return unauthorized
  sendReply(response, { status: 204 })
  return null
}

/** GET /proof?nonce=…: shows that this is the host that wrote host.json, before a program shows its token. */
function prove(context: RouteContext, { response, searchParams }: Exchange): Refusal | null {
  const nonce = searchParams.get('nonce') ?? ''
  if (!noncePattern.test(nonce))
    return { status: 400, message: 'nonce must be 22 to 128 base64url characters' }
  const body = JSON.stringify({ proof: context.access.proofOf(nonce) })
  sendReply(response, { status: 200, headers: { 'Content-Type': 'application/json' }, body })
  return null
}

/** POST /session {"token"}: 204 and the cookie. JSON alone, which no form of another site can send. */
async function logIn(context: RouteContext, { request, response }: Exchange): Promise<Refusal | null> {
  const withoutOrigin = refuseWithoutOrigin(request)
  if (withoutOrigin !== null) return withoutOrigin
  const [contentType = ''] = headerValues(request, 'content-type')
  if (!/^application\/json(; ?charset=utf-8)?$/i.test(contentType)) {
    return { status: 415, message: 'Send application/json' }
  }
  const body = await readBody(request)
  if (body === null) return { status: 413, message: `Send at most ${loginBodyBytesMax} bytes` }
  const waitMs = context.limiter.waitMs()
  if (waitMs > 0) return tooManyFailures(waitMs)
  const token = tokenIn(body)
  if (token === null) return { status: 400, message: 'Send {"token": "…"}' }
  if (!context.access.acceptsLogin(token)) {
    context.limiter.didFail()
    return unauthorized
  }
  const cookie = setCookieHeader(context.port, context.access.cookieValue(context.port))
  sendReply(response, { status: 204, headers: { 'Set-Cookie': cookie } })
  return null
}

/** POST /login-codes: {"code"}, which logs a browser in once. For programs of the same user, which have a token. */
function sendLoginCode(context: RouteContext, { request, response }: Exchange): Refusal | null {
  const [authorization, ...others] = headerValues(request, 'authorization')
  if (authorization === undefined || others.length > 0) return unauthorized
  const refusal = refuseBearer(context, authorization)
  if (refusal !== null) return refusal
  if (context.pages === null) return notFound
  const body = JSON.stringify({ code: context.access.issueLoginCode() })
  sendReply(response, { status: 200, headers: { 'Content-Type': 'application/json' }, body })
  return null
}

/** GET /metrics for who has a token or is logged in; GET /healthz and /readyz for everybody on this machine. */
async function operate(
  context: RouteContext,
  operations: Operations,
  { request, response, pathname }: Exchange,
): Promise<Refusal | null> {
  const isOpen = pathname !== '/metrics' || hasValidCookie(context, request)
  if (!isOpen) {
    const [authorization, ...others] = headerValues(request, 'authorization')
    if (authorization === undefined || others.length > 0) return metricsUnauthorized
    const token = await operations.metricsToken()
    const refusal = refuseBearer(context, authorization, (shown) => equalSecrets(shown, token))
    if (refusal !== null) return refusal
  }
  await sendOperation(operations, { request, response, pathname })
  return null
}

function sendPage(context: RouteContext, { request, response, pathname }: Exchange): Refusal | null {
  const file = context.pages?.find(pathname)
  if (!file) return notFound
  const isKnown = request.headers['if-none-match'] === file.headers['ETag']
  if (isKnown) sendReply(response, { status: 304, headers: file.headers })
  else sendReply(response, { status: 200, headers: file.headers, body: file.bytes })
  return null
}

/** Whether the upgrade to /port may happen: a bearer token, or the cookie together with our own Origin. */
export function refusePort(context: RouteContext, request: IncomingMessage): Refusal | null {
  const { pathname } = new URL(request.url ?? '/', 'http://endpoint')
  if (pathname !== '/port') return notFound
  if (request.method !== 'GET') return wrongMethod
  const [authorization, ...others] = headerValues(request, 'authorization')
  if (authorization !== undefined && others.length === 0) return refuseBearer(context, authorization)
  return refuseWithoutOrigin(request) ?? (hasValidCookie(context, request) ? null : unauthorized)
}

/** `acceptsToo`: whether another token than those for everything does. */
function refuseBearer(
  context: RouteContext,
  authorization: string,
  acceptsToo: (shown: string) => boolean = () => false,
): Refusal | null {
  const waitMs = context.limiter.waitMs()
  if (waitMs > 0) return tooManyFailures(waitMs)
  const token = /^Bearer (\S+)$/.exec(authorization)?.[1]
  if (token !== undefined && (context.access.acceptsBearer(token) || acceptsToo(token))) return null
  context.limiter.didFail()
  return unauthorized
}

function tooManyFailures(waitMs: number): Refusal {
  return { status: 429, message: 'Too many wrong tokens; wait half a minute', retryAfterMs: waitMs }
}

function hasValidCookie(context: RouteContext, request: IncomingMessage): boolean {
  const shown = findCookie(headerValues(request, 'cookie'), context.port)
  return shown !== null && context.access.acceptsCookie(shown, context.port)
}

/** The whole body as text, or null when it is too long. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > loginBodyBytesMax) return null
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function tokenIn(body: string): string | null {
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value !== 'object' || value === null || !('token' in value)) return null
    return typeof value.token === 'string' ? value.token : null
  } catch {
    return null
  }
}
