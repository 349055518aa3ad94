/**
 * Encodes the backend messages that the endpoint itself sends: log-in, and the errors it tells (PostgreSQL 18
 * documentation, sections 54.2, 54.7 and 54.8). Knows no state of a conversation.
 */

import type { SqlErrorFields } from '../../../contract/error.ts'

/** Type byte and length. */
const headBytes = 5

export function authenticationOk(): Buffer {
  return authentication(0, Buffer.alloc(0))
}

export function authenticationCleartextPassword(): Buffer {
  return authentication(3, Buffer.alloc(0))
}

/** AuthenticationSASL: the mechanisms, in order of preference. */
export function authenticationSasl(mechanisms: readonly string[]): Buffer {
  return authentication(10, Buffer.concat([...mechanisms.map(cString), Buffer.alloc(1)]))
}

export function authenticationSaslContinue(data: string): Buffer {
  return authentication(11, Buffer.from(data))
}

export function authenticationSaslFinal(data: string): Buffer {
  return authentication(12, Buffer.from(data))
}

export function parameterStatus(name: string, value: string): Buffer {
  return message('S', Buffer.from(`${withoutNul(name)}\0${withoutNul(value)}\0`))
}

/** 4 bytes of key for protocol 3.0, up to 256 for 3.2. */
export function backendKeyData(processId: number, key: Uint8Array): Buffer {
  return message('K', int32(processId), key)
}

/** Which newest version is spoken, as a whole number (3.2 is 196610), and which options are not known. */
export function negotiateProtocolVersion(version: number, unknownOptions: readonly string[]): Buffer {
  return message('v', int32(version), int32(unknownOptions.length), ...unknownOptions.map(cString))
}

/** Outside a transaction. */
export function readyForQuery(): Buffer {
  return message('Z', Buffer.from('I'))
}

export function errorResponse(fields: SqlErrorFields): Buffer {
  const parts = fieldsOf(fields).map(([type, value]) =>
    Buffer.concat([Buffer.from(type), cString(String(value))]),
  )
  return message('E', ...parts, Buffer.alloc(1))
}

function fieldsOf(fields: SqlErrorFields): readonly (readonly [string, string | number])[] {
  const all: readonly (readonly [string, string | number | null])[] = [
    ['S', fields.severity],
    ['V', fields.severity],
    ['C', fields.code],
    ['M', fields.message],
    ['D', fields.detail],
    ['H', fields.hint],
    ['P', fields.position],
    ['p', fields.internalPosition],
    ['q', fields.internalQuery],
    ['W', fields.where],
    ['s', fields.schema],
    ['t', fields.table],
    ['c', fields.column],
    ['d', fields.dataType],
    ['n', fields.constraint],
    ['F', fields.file],
    ['L', fields.line],
    ['R', fields.routine],
  ]
  return all.flatMap(([type, value]) => (value === null ? [] : [[type, value]]))
}

function authentication(kind: number, data: Uint8Array): Buffer {
  return message('R', int32(kind), data)
}

function message(type: string, ...parts: readonly Uint8Array[]): Buffer {
  let bytes = headBytes
  for (const part of parts) bytes += part.length
  const whole = Buffer.allocUnsafe(bytes)
  whole[0] = type.charCodeAt(0)
  whole.writeUInt32BE(bytes - 1, 1)
  let at = headBytes
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function cString(text: string): Buffer {
  return Buffer.from(`${withoutNul(text)}\0`)
}

/** A NUL inside a text would end it early, and the client would misread what follows. */
function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\u{FFFD}') : text
}
