/**
 * Addresses of sockets as Postgres keeps them (SockAddr, libpq/pqcomm.h) with the structures of Emscripten's C
 * library. Knows no connection.
 */

/** struct sockaddr_storage, then its length. */
export const socketAddressBytes = 132
const lengthOffset = 128
/** Each family: its number, and the length of its structure. */
const internet = { family: 2, bytes: 16 } as const
const internet6 = { family: 10, bytes: 28 } as const
const unix = { family: 1, bytes: 2 } as const

/** A null address is that of a Unix-domain socket. */
export interface PlainAddress {
  readonly address: string | null
  readonly port: number | null
}

export function socketAddress({ address, port }: PlainAddress): Uint8Array {
  const bytes = new Uint8Array(socketAddressBytes)
  const view = new DataView(bytes.buffer)
  const plain = address?.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  const kind = plain === undefined ? unix : plain.includes(':') ? internet6 : internet
  view.setUint16(0, kind.family, true)
  view.setInt32(lengthOffset, kind.bytes, true)
  if (plain === undefined) return bytes
  view.setUint16(2, port ?? 0)
  if (kind === internet6) bytes.set(internet6Bytes(plain), 8)
  else bytes.set(plain.split('.').map(Number), 4)
  return bytes
}

/** The 16 bytes of an IPv6 address in text (RFC 4291, section 2.2), without an IPv4 address inside. */
function internet6Bytes(text: string): Uint8Array {
  const [head = '', tail] = text.split('::')
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const before = groups(head)
  const after = tail === undefined ? [] : groups(tail)
  const all = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
  const bytes = new Uint8Array(16)
  all.forEach((group, index) => new DataView(bytes.buffer).setUint16(2 * index, group))
  return bytes
}
