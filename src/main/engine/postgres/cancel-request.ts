/**
 * Asks a server to end what one of its backends runs: a CancelRequest over a connection of its own, encrypted as the
 * first one (PostgreSQL 18 documentation, section 54.2.9). Nothing is answered; the server closes the connection
 * when the backend has been told.
 */

import type { Clock } from '../../../base/clock.ts'
import type { OpenedSocket } from './open-socket.ts'
import { createWire } from './pg-client.ts'
import { isSocketDirectory } from './tls-options.ts'

export interface CancelTarget extends Pick<OpenedSocket, 'processId' | 'secretKey' | 'ssl'> {
  readonly host: string
  readonly port: number
}

export interface CancelTime {
  readonly clock: Clock
  readonly timeoutMs: number
}

/** Resolves when the server has closed the connection; rejects when it could not be told in time. */
export function sendCancelRequest(target: CancelTarget, { clock, timeoutMs }: CancelTime): Promise<void> {
  const { host, port, ssl, processId, secretKey } = target
  const wire = createWire(ssl)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const fail = (error: unknown): void => {
    wire.stream.destroy()
    reject(error instanceof Error ? error : new Error(String(error)))
  }
  const timer = clock.after(timeoutMs, () => fail(new Error('timeout expired')))
  wire.on('error', fail)
  wire.on('end', () => resolve())
  if (ssl === false) wire.on('connect', () => wire.cancel(processId, secretKey))
  else {
    wire.on('connect', () => wire.requestSsl())
    wire.on('sslconnect', () => wire.cancel(processId, secretKey))
  }
  if (isSocketDirectory(host)) wire.connect(`${host}/.s.PGSQL.${port}`)
  else wire.connect(port, host)
  return promise.finally(() => timer.dispose())
}
