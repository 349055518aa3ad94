/** Requests about another request, and about nothing: cancel and ping (docs/protocol.md, "Requests"). */

import { pingBytesMax } from '../../../protocol/protocol-limits.ts'
import { readCancelData } from '../../../protocol/request-data.ts'
import { EnvelopeFailure } from './envelope-failure.ts'
import type { RequestHandler } from './request-handler.ts'

/** `cancelled` when the other request has ended so, which may take a while. */
export const handleCancel: RequestHandler = (request, peer) => {
  const { request_id: id } = readCancelData(request.data)
  const target = peer.request(id)
  if (!target || target === request) {
    request.complete({ outcome: peer.hasEnded(id) ? 'too_late' : 'unknown' })
    return
  }
  target.whenEnded((error) => {
    request.complete({ outcome: error?.code === 'cancelled' ? 'cancelled' : 'too_late' })
  })
  target.cancel('cancelled')
}

/** The same data come back. */
export const handlePing: RequestHandler = (request) => {
  const { data } = request
  if (jsonLength(data) > pingBytesMax) {
    throw new EnvelopeFailure('invalid_request', `data of a ping has at most ${pingBytesMax} bytes as JSON`)
  }
  request.complete(data, 'pong')
}

/** Infinity for what cannot be written. */
function jsonLength(data: unknown): number {
  try {
    return JSON.stringify(data ?? null).length
  } catch {
    return Infinity
  }
}
