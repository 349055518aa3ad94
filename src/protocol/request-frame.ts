/**
 * What clients send, before it is looked at what for: the envelope and its `meta` (docs/protocol.md, "The
 * envelope"). Everything comes from outside and is checked; unknown fields are dropped. Knows no request's data.
 */

import { WorkbenchError } from '../contract/error.ts'
import { integer, object, optional, string, type Infer } from '../contract/schema.ts'
import { creditMax, deadlineMaxMs, idempotencyKeyLengthMax, nameLengthMax } from './protocol-limits.ts'

/** A text that names something of a client's. */
export const nameSchema = string(nameLengthMax, 1)

/** W3C Trace Context, version 00: https://www.w3.org/TR/trace-context/#traceparent-header. */
const traceparentPattern = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

const metaSchema = object({
  tenant: optional(string(nameLengthMax, 1)),
  session: optional(nameSchema),
  deadline_ms: optional(integer(1, deadlineMaxMs)),
  traceparent: optional({
    parse(value, path): string {
      if (typeof value === 'string' && traceparentPattern.test(value)) return value
      throw new WorkbenchError('invalid-argument', `${path} must be a traceparent of W3C Trace Context`)
    },
  }),
  idempotency_key: optional(string(idempotencyKeyLengthMax, 1)),
  credit: optional(integer(1, creditMax)),
})

/** `meta` of a request. */
export type RequestMeta = { readonly type: string; readonly request_id: string } & Infer<typeof metaSchema>

/** Who asks for what, before the rest is looked at. */
export interface RequestHead {
  readonly type: string
  /** Empty where a `credit` has none. */
  readonly requestId: string
  readonly meta: object
  readonly data: unknown
}

/** The head of an envelope; null for what is none, and cannot even be answered. */
export function readRequestHead(value: unknown): RequestHead | null {
  if (!isObject(value)) return null
  const meta = own(value, 'meta')
  if (!isObject(meta)) return null
  const type = own(meta, 'type')
  if (typeof type !== 'string' || type.length > nameLengthMax) return null
  const requestId = own(meta, 'request_id')
  const data = own(value, 'data')
  if (requestId === undefined && type === 'credit') return { type, requestId: '', meta, data }
  if (typeof requestId !== 'string' || requestId.length === 0 || requestId.length > nameLengthMax) return null
  return { type, requestId, meta, data }
}

/** The whole `meta`; throws `invalid-argument` naming the field. */
export function readRequestMeta({ type, requestId, meta }: RequestHead): RequestMeta {
  return { type, request_id: requestId, ...metaSchema.parse(meta, 'meta') }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Nothing inherited passes for a field. */
function own(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
}
