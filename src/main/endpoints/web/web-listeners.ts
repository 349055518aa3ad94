/**
 * The HTTP servers of the web endpoint: on both loopback addresses, or on the one that was chosen; with TLS or without;
 * with the bounds that keep slow and numerous clients from being a burden. Knows no route.
 */

import { createServer, type Server, type ServerOptions } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { constants, X509Certificate } from 'node:crypto'
import { isIP, type AddressInfo, type Socket } from 'node:net'
import { WorkbenchError } from '../../../contract/error.ts'
import type { TlsOptions } from '../postgres/tls-acceptor.ts'

/** Request line and headers: a connection string and a token, and room. */
const headerBytesMax = 16 << 10
/** From connecting, or from the end of the request before, to the end of the headers. TLS has as long before that. */
const headersTimeoutMs = 3_000
/** A whole request: 16 MiB over a slow line. */
const requestTimeoutMs = 30_000
const idleConnectionTimeoutMs = 5_000
/** How often the bounds above are looked at: they hold to this. */
const boundsCheckMs = 500
/** Of one other machine: a browser opens six, and a pool some dozens. */
const perAddressMax = 64
/** Beside those that have shown a token: as many that are about to, and refusals on top. */
const extraConnectionsMax = 64
const loopbackAddresses = ['127.0.0.1', '::1'] as const
/** A machine without IPv6 has no second loopback address. */
const missingAddressCodes = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT'])

export interface WebPlace {
  /** null: this machine alone. */
  readonly address: string | null
  /** 0 takes a free one. */
  readonly port: number
  readonly connectionsMax: number
  readonly tls: WebTls | null
}

export interface WebTls {
  readonly options: Pick<TlsOptions, 'certificate' | 'key' | 'clientCertificates'>
  /** null while nothing has changed. Does not reject. */
  renew(): Promise<TlsOptions | null>
}

/** Servers that listen on the same port. Throws `in-use`, `permission-denied`, `invalid-argument`. */
export async function listenForWeb(place: WebPlace): Promise<{ servers: readonly Server[]; port: number }> {
  const { address, tls } = place
  if (address !== null && tls === null && !isLoopback(address)) {
    const message = `Listening on ${address} lets other machines in: demand TLS, or leave the address out`
    throw new WorkbenchError('invalid-argument', message)
  }
  const first = await listenOn(newServer(place), address ?? loopbackAddresses[0], place.port)
  const port = (first.address() as AddressInfo).port
  if (address !== null) return { servers: [first], port }
  try {
    return { servers: [first, await listenOn(newServer(place), loopbackAddresses[1], port)], port }
  } catch (error) {
    const cause = error instanceof WorkbenchError ? error.cause : null
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    if (missingAddressCodes.has(code)) return { servers: [first], port }
    first.close()
    throw error
  }
}

export function isLoopback(address: string): boolean {
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))
}

function newServer({ connectionsMax, tls }: WebPlace): Server {
  const bounds: ServerOptions = {
    maxHeaderSize: headerBytesMax,
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: idleConnectionTimeoutMs,
    connectionsCheckingInterval: boundsCheckMs,
    keepAlive: true,
    noDelay: true,
  }
  const server = tls === null ? createServer(bounds) : newSecureServer(bounds, tls)
  server.maxConnections = 2 * connectionsMax + extraConnectionsMax
  server.on('clientError', (_error, socket) => socket.destroy())
  countByAddress(server)
  return server
}

function newSecureServer(bounds: ServerOptions, tls: WebTls): Server {
  const context = ({ certificate, key, clientCertificates }: WebTls['options']): object => ({
    ...{ cert: certificate, key, minVersion: 'TLSv1.2' },
    // A resumed session would skip the client's certificate.
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
    ...(clientCertificates === null ? {} : { ca: clientCertificates.authority }),
  })
  const asked = tls.options.clientCertificates !== null
  try {
    // What cannot be parsed is better said now than with the first client.
    new X509Certificate(tls.options.certificate)
    const server = createSecureServer({
      ...bounds,
      ...context(tls.options),
      ...{ handshakeTimeout: headersTimeoutMs, requestCert: asked, rejectUnauthorized: asked },
    })
    server.on('tlsClientError', (_error, socket) => socket.destroy())
    // For the connections after this one: a handshake does not wait for files to be read.
    server.on('connection', () => {
      void tls.renew().then((renewed) => {
        if (renewed) server.setSecureContext(context(renewed))
      })
    })
    return server
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const message = `The certificate and key for TLS cannot be used: ${why}`
    throw new WorkbenchError('invalid-argument', message, { cause })
  }
}

/** All programs of this machine have one address, so the bound is for other machines alone. */
function countByAddress(server: Server): void {
  const counts = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    if (isLoopback(address)) return
    const count = (counts.get(address) ?? 0) + 1
    if (count > perAddressMax) {
      socket.destroy()
      return
    }
    counts.set(address, count)
    socket.once('close', () => {
      const left = (counts.get(address) ?? 1) - 1
      if (left > 0) counts.set(address, left)
      else counts.delete(address)
    })
  })
}

async function listenOn(server: Server, host: string, port: number): Promise<Server> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error): void => reject(listenError(error, host, port))
    server.once('error', fail)
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', fail)
      resolve()
    })
  })
  return server
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): WorkbenchError {
  const options = { cause: error }
  if (error.code === 'EADDRINUSE') {
    const message = `Another program listens on port ${port} of ${host} already: choose another port`
    return new WorkbenchError('in-use', message, options)
  }
  if (error.code === 'EACCES') {
    const message = `The system does not let you listen on port ${port}: choose one above 1023`
    return new WorkbenchError('permission-denied', message, options)
  }
  if (error.code === 'EADDRNOTAVAIL') {
    const message = `This machine has no address ${host}: choose one that it has, or none`
    return new WorkbenchError('invalid-argument', message, options)
  }
  return new WorkbenchError('internal', `Listening on ${host} failed: ${error.message}`, options)
}
