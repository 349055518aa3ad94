/**
 * The Postgres protocol over WebSockets: each is a client's connection, with everything that one over TCP has. What the
 * client asks to be connected to by `?address=` is never looked at, let alone dialled. Knows no message.
 */

import { ClientConnection, type ConnectionContext } from '../postgres/client-connection.ts'
import { closeGraceMs } from '../postgres/client-socket.ts'
import type { AcceptedSocket, SocketRoute } from '../web/web-access.ts'
import { WebSocketStream } from './web-socket-stream.ts'

/**
 * Of one message of a WebSocket. Clients send what they write in one turn as one, and so a whole value of a parameter;
 * Neon's own proxy takes 64 MB, which so many clients at once could not have here.
 */
export const wireMessageBytesMax = 16 << 20

export class WireSockets implements SocketRoute {
  readonly subprotocols = null
  readonly messageBytesMax = wireMessageBytesMax
  readonly #context: ConnectionContext
  readonly #connections = new Map<ClientConnection, Promise<void>>()

  constructor(context: ConnectionContext) {
    this.#context = context
  }

  accept({ socket, address, port, request, encryption }: AcceptedSocket): void {
    const { localAddress = null, localPort = null } = request.socket
    const place = { address, port, serverAddress: localAddress, serverPort: localPort }
    const stream = new WebSocketStream(socket)
    const connection = new ClientConnection(this.#context, { stream, place, mayEncrypt: false, encryption })
    const done = connection.run().finally(() => this.#connections.delete(connection))
    this.#connections.set(connection, done)
  }

  /** Cuts those that have not logged in, and waits a moment for the others, whom the registry tells. */
  async close(): Promise<void> {
    const timer = this.#context.clock.after(closeGraceMs, () => this.#cut(() => true))
    this.#cut((connection) => !connection.hasLoggedIn)
    await Promise.all(this.#connections.values())
    timer.dispose()
  }

  #cut(isMeant: (connection: ClientConnection) => boolean): void {
    for (const connection of this.#connections.keys()) if (isMeant(connection)) connection.cut()
  }
}
