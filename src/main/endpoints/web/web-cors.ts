/**
 * What pages of other origins are told of the web endpoint (Fetch, section 3.3): the one origin that asked, if it is
 * on the list, and never `*` nor credentials. Decides nothing that the guard has not decided before.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendRefusal, sendReply } from '../http-reply.ts'
import { headerValues } from '../request-guard.ts'
import type { RequestRoute } from './web-access.ts'

/** For so long a browser need not ask again, in seconds; an origin that is taken off the list is refused at once. */
const preflightSeconds = 600
/** Every page may send these, if it may send anything. */
const plainHeaders = ['content-type', 'authorization']

/** Lets the page that asked read the answer. The guard has let its origin in. */
export function allowOrigin(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Vary', 'Origin')
  const [origin] = headerValues(request, 'origin')
  if (origin !== undefined) response.setHeader('Access-Control-Allow-Origin', origin)
}

/** Answers the preflight before a request to `route`. */
export function answerPreflight(
  request: IncomingMessage,
  response: ServerResponse,
  route: RequestRoute,
): void {
  const hasOrigin = headerValues(request, 'origin').length === 1
  const [method] = headerValues(request, 'access-control-request-method')
  if (!hasOrigin || method === undefined) {
    sendRefusal(response, { status: 405, message: 'Send POST' })
    return
  }
  sendReply(response, {
    status: 204,
    headers: {
      'Access-Control-Allow-Methods': 'POST',
      'Access-Control-Allow-Headers': [...plainHeaders, ...route.headers].join(', '),
      'Access-Control-Max-Age': String(preflightSeconds),
    },
  })
}
