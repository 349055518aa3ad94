/**
 * Frontend messages as bytes, for test clients that speak the wire protocol themselves, and lie in it. What
 * pg-protocol serialises is taken from there; the rest is framed here (PostgreSQL 18 docs, 54.7 Message Formats).
 * Knows no socket.
 */

import { serialize } from 'pg-protocol'

export const { query, flush, sync, copyDone, copyFail } = serialize
export const terminate = serialize.end
export const copyData = (chunk: Buffer | string): Buffer => serialize.copyData(Buffer.from(chunk))

/** Protocol versions: major << 16 | minor. */
export const PROTOCOL_3_0 = 0x0003_0000
export const PROTOCOL_3_2 = 0x0003_0002
/** Request codes in place of a version (docs 54.2.10 to 54.2.13, 54.7). */
export const CANCEL_REQUEST = 80_877_102
export const SSL_REQUEST = 80_877_103
export const GSSENC_REQUEST = 80_877_104

/** What a Bind holds; everything has the protocol's default. */
export interface BindFields {
  readonly portal?: string
  readonly statement?: string
  readonly values?: readonly (string | Buffer | null)[]
  /** Of the parameters: none, one for all, or one each; 1 is binary. */
  readonly formats?: readonly number[]
  readonly resultFormats?: readonly number[]
}

/** A message of `type` with any body; `length` lies about it when given. */
export function frame(type: string, body: Buffer = Buffer.alloc(0), length = body.length + 4): Buffer {
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(length, 1)
  return Buffer.concat([head, body])
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value & 0xffff)
  return bytes
}

export function cstring(text: string): Buffer {
  return Buffer.concat([Buffer.from(text), Buffer.from([0])])
}

/** A message without a type, as at the start of a connection. */
export function untyped(body: Buffer): Buffer {
  return Buffer.concat([int32(body.length + 4), body])
}

/** A start-up packet of any version. */
export function startup(version: number, parameters: Readonly<Record<string, string>>): Buffer {
  const pairs = Object.entries(parameters).flatMap(([name, value]) => [cstring(name), cstring(value)])
  return untyped(Buffer.concat([int32(version), ...pairs, Buffer.from([0])]))
}

export function cancelRequest(pid: number, key: Buffer): Buffer {
  return untyped(Buffer.concat([int32(CANCEL_REQUEST), int32(pid), key]))
}

export function parse(text: string, name = '', types: readonly number[] = []): Buffer {
  return serialize.parse({ text, name, types: [...types] })
}

export function bind(fields: BindFields = {}): Buffer {
  const { portal = '', statement = '', values = [], formats = [], resultFormats = [] } = fields
  const list = (codes: readonly number[]): Buffer[] => [int16(codes.length), ...codes.map(int16)]
  const encoded = values.flatMap((value) => {
    if (value === null) return [int32(-1)]
    const bytes = Buffer.from(value)
    return [int32(bytes.length), bytes]
  })
  const parts = [cstring(portal), cstring(statement), ...list(formats), int16(values.length)]
  return frame('B', Buffer.concat([...parts, ...encoded, ...list(resultFormats)]))
}

export function describeStatement(name = ''): Buffer {
  return serialize.describe({ type: 'S', name })
}

export function describePortal(name = ''): Buffer {
  return serialize.describe({ type: 'P', name })
}

export function execute(portal = '', rows = 0): Buffer {
  return frame('E', Buffer.concat([cstring(portal), int32(rows)]))
}

export function closeStatement(name = ''): Buffer {
  return serialize.close({ type: 'S', name })
}

export function closePortal(name = ''): Buffer {
  return serialize.close({ type: 'P', name })
}

/** Parse, Bind, Describe, Execute of the unnamed statement, without the Sync. */
export function extended(text: string, values: BindFields['values'] = []): Buffer {
  return Buffer.concat([parse(text), bind({ values }), describePortal(), execute()])
}

/** The fast-path call of a function with int4 arguments, in text or binary (docs 54.2.5). */
export function functionCall(oid: number, values: readonly string[]): Buffer {
  const encoded = values.flatMap((value) => [int32(Buffer.byteLength(value)), Buffer.from(value)])
  return frame('F', Buffer.concat([int32(oid), int16(0), int16(values.length), ...encoded, int16(0)]))
}
