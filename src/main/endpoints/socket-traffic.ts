/** Counts the bytes that the sockets of a server have moved, closed ones included. Knows nothing of what they carry. */

import type { Socket } from 'node:net'

export class SocketTraffic {
  readonly #open = new Set<Socket>()
  #receivedBytes = 0
  #sentBytes = 0

  add(socket: Socket): void {
    this.#open.add(socket)
    socket.once('close', () => {
      this.#open.delete(socket)
      this.#receivedBytes += socket.bytesRead
      this.#sentBytes += socket.bytesWritten
    })
  }

  /** So far; what is written counts when it is handed to the socket. */
  get count(): { readonly receivedBytes: number; readonly sentBytes: number } {
    let [receivedBytes, sentBytes] = [this.#receivedBytes, this.#sentBytes]
    for (const { bytesRead, bytesWritten } of this.#open) {
      receivedBytes += bytesRead
      sentBytes += bytesWritten
    }
    return { receivedBytes, sentBytes }
  }
}
