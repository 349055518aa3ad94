/**
 * What the bytes of a client come over: a socket of the system, or something else that carries bytes both ways. Tells
 * where the client is and what is encrypted below; knows no message.
 */

import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ConnectionEncryption } from '../../../contract/connection-encryption.ts'

/** The two ends of a connection. */
export interface ClientPlace {
  /** Where the client is; null, null on a Unix-domain socket. */
  readonly address: string | null
  readonly port: number | null
  /** Where it has connected to; left out on a Unix-domain socket. */
  readonly serverAddress?: string | null
  readonly serverPort?: number | null
}

export interface ClientCarrier {
  /** Created with `allowHalfOpen`. */
  readonly stream: Duplex
  readonly place: ClientPlace
  /** Whether the client may ask for TLS inside of it. */
  readonly mayEncrypt: boolean
  /** Of the channel below; null where nothing is encrypted there. */
  readonly encryption: ConnectionEncryption | null
}

/** A connection over TCP; `isLocal`: over a Unix-domain socket, where there is no TLS. */
export function socketCarrier(socket: Socket, isLocal: boolean): ClientCarrier {
  const place = isLocal ? { address: null, port: null } : placeOf(socket)
  return { stream: socket, place, mayEncrypt: !isLocal, encryption: null }
}

/** Both ends of a TCP connection. */
export function placeOf(socket: Socket): ClientPlace {
  const { remoteAddress = null, remotePort = null, localAddress = null, localPort = null } = socket
  return { address: remoteAddress, port: remotePort, serverAddress: localAddress, serverPort: localPort }
}
