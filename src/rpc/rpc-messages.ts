/**
 * What the two ends of rpc say to each other: the heads of their messages, as schemas. Knows no row of any
 * contract; what a contract describes is opaque here and validated by the ends themselves.
 *
 * Ids are chosen by the client and only ever grow, which tells a request that is over from one that never was.
 */

import { integer, object, string, union, type Infer, type Schema } from '../contract/schema.ts'
import type { JsonValue } from './port.ts'

/** Chunks that one stream may have outstanding at most, whatever its client asks for. */
export const streamCreditLimit = 64

/** Credit that may be asked for or granted at once. */
export const creditSchema = integer(1, streamCreditLimit)

const requestId = integer(1)
const methodName = string(256)
const opaque: Schema<unknown> = { parse: (value) => value }

/** Client to server. */
const clientMessageSchema = union({
  call: object({ id: requestId, name: methodName, params: opaque }),
  /** `credit`: how many chunks may come before more is granted. */
  stream: object({ id: requestId, name: methodName, params: opaque, credit: creditSchema }),
  /** `count` more chunks may come. */
  credit: object({ id: requestId, count: creditSchema }),
  /** The client has turned away; nothing more is answered. */
  cancel: object({ id: requestId }),
})
export type ClientMessage = Infer<typeof clientMessageSchema>

/** Server to client. */
const serverMessageSchema = union({
  /** A call or stream ended well. */
  result: object({ id: requestId, value: opaque }),
  /** A call or stream failed; `error` is a WireError. */
  error: object({ id: requestId, error: opaque }),
  chunk: object({ id: requestId, value: opaque }),
  event: object({ name: methodName, payload: opaque }),
})
export type ServerMessage = Infer<typeof serverMessageSchema>

/** Throws `invalid-argument`. */
export function parseClientMessage(head: JsonValue): ClientMessage {
  return clientMessageSchema.parse(head, 'message')
}

/** Throws `invalid-argument`. */
export function parseServerMessage(head: JsonValue): ServerMessage {
  return serverMessageSchema.parse(head, 'message')
}

/** A head from a message; that its opaque parts are JSON-safe is checked where ports encode it. */
export function messageHead(message: ClientMessage | ServerMessage): JsonValue {
  return message as unknown as JsonValue
}
