/**
 * Reads the packets that may come before log-in: StartupMessage, SSLRequest, GSSENCRequest, CancelRequest
 * (PostgreSQL 18 documentation, sections 54.2 and 54.7). They have no type byte. Knows no socket.
 */

import { protocolViolation, refusal } from './wire-failure.ts'

/** Length field, then version or request code; the length counts itself. */
export const packetHeadBytes = 8
/** MAX_STARTUP_PACKET_LENGTH (PostgreSQL, libpq/pqcomm.h), without the length field. */
export const packetBytesMax = 10_000 + 4

/** 3.2, the newest version spoken here (PG_PROTOCOL_LATEST). */
export const protocolLatest = (3 << 16) | 2
/** Cancel keys may be longer than 4 bytes from here on (section 54.2.1). */
export const protocolWithLongKeys = (3 << 16) | 2

const majorVersion = 3
const minorLatest = protocolLatest & 0xffff
const requestCodes = { cancel: (1234 << 16) | 5678, ssl: (1234 << 16) | 5679, gssenc: (1234 << 16) | 5680 }
/** Section 54.7, CancelRequest: the longest key. */
const cancelKeyBytesMax = 256

/** What a client wants before it has said who it is. */
export type StartUpPacket =
  | { readonly kind: 'ssl' }
  | { readonly kind: 'gssenc' }
  | { readonly kind: 'cancel'; readonly processId: number; readonly key: Buffer }
  /** Of a major version before 3, whose clients read errors in another format. */
  | { readonly kind: 'unsupported'; readonly version: number }
  | StartUpMessage

/** A client that wants to log in. */
export interface StartUpMessage {
  readonly kind: 'start-up'
  /** As the client asked: major version in the upper half. */
  readonly version: number
  /** In the client's order; of one that comes twice the last. Without protocol options. */
  readonly parameters: ReadonlyMap<string, string>
  /** Names that begin with `_pq_.`, none of which is known here. */
  readonly unknownOptions: readonly string[]
}

/** The length of the packet that begins with `head`; throws 08P01 when no packet can have it. */
export function packetBytes(head: Buffer): number {
  const length = head.readInt32BE(0)
  if (length >= packetHeadBytes && length <= packetBytesMax) return length
  throw protocolViolation(`invalid length of startup packet: ${length}`)
}

/** Reads a whole packet; throws 08P01 when it is malformed, 0A000 for a later major version. */
export function readStartUpPacket(packet: Buffer): StartUpPacket {
  const code = packet.readInt32BE(4)
  const body = packet.subarray(packetHeadBytes)
  if (code === requestCodes.cancel) return readCancel(body)
  if (code === requestCodes.ssl) return withoutBody(body, { kind: 'ssl' })
  if (code === requestCodes.gssenc) return withoutBody(body, { kind: 'gssenc' })
  return readStartUp(code, body)
}

function withoutBody<T>(body: Buffer, packet: T): T {
  if (body.length > 0) throw protocolViolation('invalid length of encryption request')
  return packet
}

function readCancel(body: Buffer): StartUpPacket {
  const key = body.subarray(4)
  if (key.length < 1 || key.length > cancelKeyBytesMax) {
    throw protocolViolation('invalid length of cancel request packet')
  }
  return { kind: 'cancel', processId: body.readInt32BE(0), key: Buffer.from(key) }
}

function readStartUp(version: number, body: Buffer): StartUpPacket {
  const major = version >>> 16
  if (major < majorVersion) return { kind: 'unsupported', version }
  if (major > majorVersion) throw refusal('0A000', unsupportedMessage(version))
  const pairs = readPairs(body)
  return {
    kind: 'start-up',
    version,
    parameters: new Map(pairs.filter(([name]) => !isProtocolOption(name))),
    unknownOptions: pairs.map(([name]) => name).filter(isProtocolOption),
  }
}

/** What is told to a client of another major version. */
export function unsupportedMessage(version: number): string {
  const spoken = `${majorVersion}.0 to ${majorVersion}.${minorLatest}`
  return `unsupported frontend protocol ${version >>> 16}.${version & 0xffff}: server supports ${spoken}`
}

function isProtocolOption(name: string): boolean {
  return name.startsWith('_pq_.')
}

/** Names and values, each ended by a NUL, and a NUL after the last. */
function readPairs(body: Buffer): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = []
  let at = 0
  const text = (): string => {
    const end = body.indexOf(0, at)
    if (end < 0) throw protocolViolation('invalid startup packet layout: expected terminator as last byte')
    const value = decoded(body.subarray(at, end))
    at = end + 1
    return value
  }
  for (let name = text(); name !== ''; name = text()) pairs.push([name, text()])
  if (at === body.length) return pairs
  throw protocolViolation('invalid startup packet layout: expected terminator as last byte')
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decoded(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (error) {
    throw refusal('22021', 'invalid byte sequence for encoding "UTF8" in startup packet', { cause: error })
  }
}
