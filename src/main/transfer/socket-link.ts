/**
 * A link to a Postgres server elsewhere: a connection of its own, which ends with the link. Knows no message; how
 * connections are opened and cancelled is the engine's for such servers.
 */

import type { Socket } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import { onDispose, type Disposable } from '../../base/disposable.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { sendCancelRequest } from '../engine/postgres/cancel-request.ts'
import { addressWords, lossOf } from '../engine/postgres/connection-failure.ts'
import {
  connectTimeoutMsDefault,
  openSocket,
  type OpenedSocket,
  type ServerLogin,
} from '../engine/postgres/open-socket.ts'
import { LinkInput } from './link-input.ts'
import type { ProtocolLink } from './protocol-link.ts'

const applicationName = 'Wardian'

/** Terminate (PostgreSQL 18 documentation, section 54.7). */
const terminate = Uint8Array.of(0x58, 0, 0, 0, 4)

export interface SocketLinkOptions {
  readonly clock: Clock
  /** Ends connecting. */
  readonly signal: AbortSignal
}

/** Throws what connecting throws. */
export async function openSocketLink(
  login: ServerLogin,
  { clock, signal }: SocketLinkOptions,
): Promise<ProtocolLink> {
  const opened = await openSocket(login, { applicationName, timeoutMs: connectTimeoutMsDefault, signal })
  return new SocketLink(opened, login, clock)
}

class SocketLink implements ProtocolLink {
  readonly title: string
  readonly role: string
  readonly database: string
  readonly parameters: ReadonlyMap<string, string>
  readonly #socket: Socket
  readonly #input: LinkInput
  readonly #end: Disposable
  readonly #cancelNow: () => void
  #drained: PromiseWithResolvers<void> | null = null

  constructor(opened: OpenedSocket, { connection }: ServerLogin, clock: Clock) {
    const { socket } = opened
    const { host, port, user, database } = connection
    this.title = `${database} on ${addressWords(connection)}`
    this.role = user
    this.database = database
    this.parameters = opened.parameters
    this.#socket = socket
    this.#input = new LinkInput((isHeld) => (isHeld ? socket.pause() : socket.resume()))
    this.#cancelNow = () => {
      // If it does not arrive, the connection's end has the same effect, later.
      sendCancelRequest({ ...opened, host, port }, { clock, timeoutMs: connectTimeoutMsDefault }).catch(
        () => undefined,
      )
    }
    this.#end = onDispose('socket-link', () => {
      this.#lose(new WorkbenchError('closed', 'The connection was closed'))
      if (socket.writable && !socket.destroyed) socket.end(terminate)
      socket.destroySoon()
    })
    let failure: Error | null = null
    socket.on('error', (error) => (failure = error))
    socket.on('close', () => this.#lose(lossOf(failure, connection)))
    socket.on('drain', () => this.#tellDrained())
    socket.on('data', (bytes: Buffer) => this.#input.put(bytes))
    if (socket.destroyed) this.#lose(lossOf(null, connection))
    else socket.resume()
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#socket.destroyed || this.#socket.write(bytes)) return
    this.#drained ??= Promise.withResolvers()
    await this.#drained.promise
  }

  read(): Promise<Uint8Array> {
    return this.#input.read()
  }

  cancel(): void {
    this.#cancelNow()
  }

  dispose(): void {
    this.#end.dispose()
  }

  /** Who reads is told; who writes finds out by reading. */
  #lose(error: WorkbenchError): void {
    this.#input.end(error)
    this.#tellDrained()
  }

  #tellDrained(): void {
    this.#drained?.resolve()
    this.#drained = null
  }
}
