/**
 * The first words of a connection: encryption is negotiated, then a client says who it is or what it wants to
 * cancel (PostgreSQL 18 documentation, section 54.2; ProcessStartupPacket in tcop/backend_startup.c). Authenticates
 * nobody.
 */

import type { ClientSocket } from './client-socket.ts'
import { packetBytes, readStartUpPacket, type StartUpPacket } from './start-up-packet.ts'
import { alpnProtocol, type TlsAcceptor } from './tls-acceptor.ts'
import { protocolViolation, refusal } from './wire-failure.ts'

/** The first byte of a TLS handshake record; no start-up packet is so long as to begin with it. */
const tlsHandshakeByte = 0x16

const refusedEncryption = Buffer.from('N')
const acceptedTls = Buffer.from('S')

/** What is left when encryption is settled. */
export type FirstWord = Exclude<StartUpPacket, { kind: 'ssl' | 'gssenc' }>

/**
 * Reads until the client has said what it wants; null when it went away. `acceptor` is null where there is no TLS.
 * Throws refusals of what is no start-up; the client has not been told of them.
 */
export async function readFirstWord(
  client: ClientSocket,
  acceptor: TlsAcceptor | null,
): Promise<FirstWord | null> {
  const first = await client.read(1)
  if (first === null) return null
  client.unread(first)
  if (first[0] === tlsHandshakeByte && acceptor !== null && !(await acceptDirectTls(client, acceptor)))
    return null
  let mayAskTls = client.tls === null
  let mayAskGss = client.tls === null
  for (;;) {
    const packet = await readPacket(client)
    if (packet?.kind === 'ssl' && mayAskTls) {
      mayAskTls = false
      if (acceptor === null) client.write(refusedEncryption)
      else if (!(await acceptTls(client, acceptor))) return null
      mayAskGss = client.tls === null && mayAskGss
    } else if (packet?.kind === 'gssenc' && mayAskGss) {
      mayAskGss = false
      client.write(refusedEncryption)
    } else if (packet?.kind === 'ssl' || packet?.kind === 'gssenc') {
      throw protocolViolation('encryption was asked for twice, or inside an encrypted connection')
    } else {
      return packet
    }
  }
}

async function readPacket(client: ClientSocket): Promise<StartUpPacket | null> {
  const length = await client.read(4)
  if (length === null) return null
  const body = await client.read(packetBytes(length) - length.length)
  return body === null ? null : readStartUpPacket(Buffer.concat([length, body]))
}

async function acceptTls(client: ClientSocket, acceptor: TlsAcceptor): Promise<boolean> {
  // Somebody in between could have put in what the client never said (CVE-2021-23222).
  if (client.hasUnread) throw protocolViolation('received unencrypted data after SSL request')
  client.write(acceptedTls)
  return client.encrypt(acceptor)
}

/** Section 54.2.2: without the ALPN name the other side might be speaking another protocol. */
async function acceptDirectTls(client: ClientSocket, acceptor: TlsAcceptor): Promise<boolean> {
  if (!(await client.encrypt(acceptor))) return false
  if (client.tls?.alpnProtocol === alpnProtocol) return true
  throw refusal('08P01', 'received direct SSL connection request without ALPN protocol negotiation extension')
}
