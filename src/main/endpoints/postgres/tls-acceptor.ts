/**
 * TLS on sockets that are open already, as Postgres negotiates it: the endpoint's certificate, optional client
 * certificates, and what channel binding needs. Owns no socket; knows no message.
 */

import { createHash, constants, X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import { WorkbenchError } from '../../../contract/error.ts'

/** PG_ALPN_PROTOCOL (PostgreSQL, libpq/pqcomm.h; section 54.2.2 of the documentation). */
export const alpnProtocol = 'postgresql'

export interface TlsOptions {
  /** PEM, followed by the chain if there is one. */
  readonly certificate: string
  /** PEM. */
  readonly key: string
  /** Connections over TCP without TLS are refused with 28000. */
  readonly isRequired: boolean
  readonly clientCertificates: ClientCertificates | null
}

export interface ClientCertificates {
  /** PEM of those who may sign them. */
  readonly authority: string
  /**
   * `required`: without one that the authority signed nobody gets in, and a password is needed all the same.
   * `log-in`: the common name of the certificate is the role, and no password is asked for.
   */
  readonly use: 'required' | 'log-in'
}

export class TlsAcceptor {
  readonly options: TlsOptions
  /** The hash of the certificate, for tls-server-end-point; null when its signature has none to go by. */
  readonly channelBinding: Buffer | null
  readonly #server: Server
  readonly #waiting = new Map<string, (socket: TLSSocket | null) => void>()

  private constructor(options: TlsOptions, channelBinding: Buffer | null) {
    this.options = options
    this.channelBinding = channelBinding
    const { certificate, key, clientCertificates } = options
    // It never listens: sockets are handed in after they have asked for TLS.
    this.#server = createServer({
      cert: certificate,
      key,
      minVersion: 'TLSv1.2',
      ALPNProtocols: [alpnProtocol],
      // A resumed session would skip the client's certificate; Postgres turns tickets and renegotiation off, too.
      secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
      requestCert: clientCertificates !== null,
      rejectUnauthorized: false,
      ...(clientCertificates === null ? {} : { ca: clientCertificates.authority }),
    })
    this.#server.on('secureConnection', (socket) => this.#waiting.get(addressOf(socket))?.(socket))
    this.#server.on('tlsClientError', (_error, socket) => socket.destroy())
  }

  /** Throws `invalid-argument` when certificate and key are not what they should be. */
  static async create(options: TlsOptions): Promise<TlsAcceptor> {
    try {
      const certificate = new X509Certificate(options.certificate)
      return new TlsAcceptor(options, await endPointHash(certificate.raw))
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      const message = `The certificate and key for TLS cannot be used: ${why}`
      throw new WorkbenchError('invalid-argument', message, { cause })
    }
  }

  /** The encrypted socket over `socket`; null when the handshake failed, and `socket` is gone. */
  accept(socket: Socket): Promise<TLSSocket | null> {
    const address = addressOf(socket)
    return new Promise((resolve) => {
      const settle = (encrypted: TLSSocket | null): void => {
        this.#waiting.delete(address)
        socket.off('close', fail)
        // From here on its client may close its own side alone, as before.
        if (encrypted) encrypted.allowHalfOpen = true
        resolve(encrypted)
      }
      const fail = (): void => settle(null)
      this.#waiting.set(address, settle)
      socket.on('close', fail)
      // Half a handshake is none, and only the encrypted socket, which nobody has yet, hears of the end of it.
      socket.allowHalfOpen = false
      this.#server.emit('connection', socket)
    })
  }
}

/** Unique among the open connections of one endpoint. TLS is for TCP alone, so there is a port. */
function addressOf(socket: Socket): string {
  return `${socket.remoteAddress}#${socket.remotePort}#${socket.localAddress}`
}

/** RFC 5929, section 4.1: the hash of the certificate's signature, with SHA-256 in place of MD5 and SHA-1. */
async function endPointHash(certificate: Buffer): Promise<Buffer | null> {
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const { signatureAlgorithm } = new x509.X509Certificate(new Uint8Array(certificate))
  const hash: unknown = Reflect.get(signatureAlgorithm, 'hash')
  const name = typeof hash === 'object' && hash !== null ? String(Reflect.get(hash, 'name')) : ''
  const algorithm = name === 'SHA-1' || name === 'MD5' ? 'SHA-256' : name
  return /^SHA-\d+$/.test(algorithm)
    ? createHash(algorithm.replace('-', '')).update(certificate).digest()
    : null
}
