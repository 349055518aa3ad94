/**
 * Backend messages as lines of a transcript that two servers can be compared by: types, SQLSTATEs, tags, rows and
 * states stay, what differs between any two servers (pids, keys, OIDs of own relations, source lines) does not.
 * Formats: PostgreSQL 18 docs, 54.7. Knows no connection.
 */

import { createHash } from 'node:crypto'
import type { BackendMessage } from './wire-socket.ts'

/** OIDs from here on are of objects that a test made (FirstNormalObjectId, access/transam.h). */
const OWN_OID_MIN = 16_384
/** Longer values are told by their length and digest. */
const VALUE_CHARACTERS_MAX = 200
/** Longer runs of rows or copied data are told by their count and digest. */
const RUN_LINES_MAX = 30
/** Of errors and notices: everything but where in the server's source it was (F, L, R), and S, which is V here. */
const ERROR_FIELDS = new Set(['M', 'D', 'H', 'P', 'p', 'q', 's', 't', 'c', 'd', 'n'])
/** Their values are the server's own. */
const OWN_PARAMETERS = new Set(['server_version', 'TimeZone'])
const AUTHENTICATION: Readonly<Record<number, string>> = {
  0: 'Ok',
  3: 'CleartextPassword',
  5: 'MD5Password',
  10: 'SASL',
  11: 'SASLContinue',
  12: 'SASLFinal',
}

class Reader {
  readonly #body: Buffer
  #at = 0

  constructor(body: Buffer) {
    this.#body = body
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#body.length
  }

  byte(): number {
    return this.#body[this.#at++] ?? 0
  }

  int16(): number {
    this.#at += 2
    return this.#body.readInt16BE(this.#at - 2)
  }

  int32(): number {
    this.#at += 4
    return this.#body.readInt32BE(this.#at - 4)
  }

  text(): string {
    const end = this.#body.indexOf(0, this.#at)
    const text = this.#body.toString('utf8', this.#at, end < 0 ? this.#body.length : end)
    this.#at = end < 0 ? this.#body.length : end + 1
    return text
  }

  bytes(length: number): Buffer {
    this.#at += length
    return this.#body.subarray(this.#at - length, this.#at)
  }
}

const digest = (bytes: Buffer | string): string =>
  createHash('sha256').update(bytes).digest('hex').slice(0, 12)

/** Printable text as JSON, anything else as hexadecimal digits, long ones by their digest. */
export function showValue(value: Buffer): string {
  if (value.length > VALUE_CHARACTERS_MAX) return `<${value.length} bytes ${digest(value)}>`
  const text = value.toString('utf8')
  const isText =
    Buffer.from(text).equals(value) && value.every((byte) => byte >= 0x20 || byte === 9 || byte === 10)
  return isText ? JSON.stringify(text) : `\\x${value.toString('hex')}`
}

/** The fields of an ErrorResponse or NoticeResponse by their type byte. */
export function errorFields(body: Buffer): Map<string, string> {
  const reader = new Reader(body)
  const fields = new Map<string, string>()
  for (let code = reader.byte(); code !== 0; code = reader.byte()) {
    fields.set(String.fromCharCode(code), reader.text())
  }
  return fields
}

function showError(body: Buffer): string {
  const fields = errorFields(body)
  const more = [...fields].filter(([code]) => code !== 'M' && ERROR_FIELDS.has(code))
  const rest = more.map(([code, text]) => ` | ${code}=${text}`).join('')
  return `${fields.get('V') ?? ''} ${fields.get('C') ?? ''} ${fields.get('M') ?? ''}${rest}`
}

const showOid = (oid: number): string => (oid >>> 0 >= OWN_OID_MIN ? 'own' : String(oid))

function showColumns(body: Buffer): string {
  const reader = new Reader(body)
  const columns = Array.from({ length: reader.int16() }, () => {
    const name = reader.text()
    const table = reader.int32() === 0 ? '' : ' of a table'
    const number = reader.int16()
    const type = showOid(reader.int32())
    const size = reader.int16()
    const modifier = reader.int32()
    const format = reader.int16() === 1 ? ' binary' : ''
    return `${name} ${type}/${size}/${modifier}${format}${table}${number === 0 ? '' : ` #${number}`}`
  })
  return `[${columns.join(', ')}]`
}

function showRow(body: Buffer): string {
  const reader = new Reader(body)
  const values = Array.from({ length: reader.int16() }, () => {
    const length = reader.int32()
    return length < 0 ? 'null' : showValue(reader.bytes(length))
  })
  return `[${values.join(', ')}]`
}

function showFormats(body: Buffer): string {
  const reader = new Reader(body)
  const overall = reader.byte()
  const columns = Array.from({ length: reader.int16() }, () => reader.int16())
  return `${overall === 1 ? 'binary' : 'text'} [${columns.join(', ')}]`
}

function showParameterTypes(body: Buffer): string {
  const reader = new Reader(body)
  return `[${Array.from({ length: reader.int16() }, () => showOid(reader.int32())).join(', ')}]`
}

function showParameterStatus(body: Buffer): string {
  const reader = new Reader(body)
  const name = reader.text()
  const value = reader.text()
  return OWN_PARAMETERS.has(name) ? name : `${name}=${value}`
}

function showVersionNegotiation(body: Buffer): string {
  const reader = new Reader(body)
  const version = reader.int32()
  const options = Array.from({ length: reader.int32() }, () => reader.text())
  return `${version >> 16}.${version & 0xffff} [${options.join(', ')}]`
}

function showNotification(body: Buffer, nameOf: (pid: number) => string): string {
  const reader = new Reader(body)
  const from = nameOf(reader.int32())
  const channel = reader.text()
  return `${channel} ${JSON.stringify(reader.text())} from ${from}`
}

/** How the bodies of a type are shown; types that are not here have none worth it. */
const BODIES: Readonly<Record<string, (body: Buffer, nameOf: (pid: number) => string) => string>> = {
  A: showNotification,
  C: (body) => new Reader(body).text(),
  D: showRow,
  E: showError,
  G: showFormats,
  H: showFormats,
  K: (body) => `a pid and a key of ${body.length - 4} bytes`,
  N: showError,
  R: (body) => AUTHENTICATION[body.readInt32BE(0)] ?? String(body.readInt32BE(0)),
  S: showParameterStatus,
  T: showColumns,
  V: (body) => (body.readInt32BE(0) < 0 ? 'null' : showValue(body.subarray(4))),
  Z: (body) => body.toString('latin1'),
  d: showValue,
  t: showParameterTypes,
  v: showVersionNegotiation,
}

/** One message as a line; `nameOf` names the client whose backend has a pid. */
export function messageLine(message: BackendMessage, nameOf: (pid: number) => string): string {
  const show = BODIES[message.type]
  return show ? `${message.type} ${show(message.body, nameOf)}` : message.type
}

/** Rows, copied data and notices. */
const FOLDED = new Set(['D ', 'd ', 'N '])

/** Long runs of lines of one of those types become one line with their count and digest. */
export function foldRuns(lines: readonly string[]): string[] {
  const folded: string[] = []
  for (let at = 0; at < lines.length;) {
    const type = lines[at]?.slice(0, 2)
    let end = at + 1
    if (type && FOLDED.has(type)) while (lines[end]?.startsWith(type)) end += 1
    const run = lines.slice(at, end)
    if (run.length <= RUN_LINES_MAX) folded.push(...run)
    else folded.push(`${type}× ${run.length} ${digest(run.join('\n'))}`)
    at = end
  }
  return folded
}
