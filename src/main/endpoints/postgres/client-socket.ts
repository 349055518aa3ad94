/**
 * A client's socket before log-in: exact reads, one at a time, and the change to TLS. Nothing is read ahead of
 * what was asked for, so nothing sent in clear can be taken for something sent encrypted. Knows no message, and of
 * what is no socket of the system only that bytes go both ways.
 */

import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { assert } from '../../../base/assert.ts'
import { WorkbenchError } from '../../../contract/error.ts'
import type { TlsAcceptor } from './tls-acceptor.ts'

/** How long a client may take to close its side after the endpoint has closed its own, and to read the last words. */
export const closeGraceMs = 1_000

/** After each of these there is more to read, or never will be. */
const arrivals = ['readable', 'end', 'close'] as const

export class ClientSocket {
  #socket: Duplex
  #tls: TLSSocket | null = null
  #wake: () => void = () => undefined
  // One listener for as long as there is something to read: each new one would be told at once of bytes that are
  // too few, and waiting for more would turn without end.
  readonly #arrived = (): void => this.#wake()

  /** `socket` must have been created with `allowHalfOpen`. */
  constructor(socket: Duplex) {
    this.#socket = socket
    // A failed socket is a closed one: reads answer null, writes reach nobody.
    socket.on('error', () => socket.destroy())
    this.#listen()
  }

  /** The socket to talk through: the encrypted one once there is one. */
  get socket(): Duplex {
    return this.#socket
  }

  get tls(): TLSSocket | null {
    return this.#tls
  }

  /** Whether bytes have arrived that nobody has read. */
  get hasUnread(): boolean {
    return this.#socket.readableLength > 0
  }

  /** The next `count` bytes; null when the client has ended or failed before. */
  async read(count: number): Promise<Buffer | null> {
    for (;;) {
      const bytes: unknown = this.#socket.read(count)
      if (Buffer.isBuffer(bytes)) return bytes.length === count ? bytes : null
      if (this.#socket.readableEnded || this.#socket.destroyed) return null
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  /** Puts bytes back that were read too many. */
  unread(bytes: Buffer): void {
    this.#socket.unshift(bytes)
  }

  write(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes)
  }

  /**
   * Keeps what is written from now on, to send it as one with what comes next: until `sendGathered`, or the end. For
   * messages behind which the client waits for more, each of which would wake it.
   */
  gather(): void {
    this.#socket.cork()
  }

  sendGathered(): void {
    this.#socket.uncork()
  }

  /** Changes to TLS; false when the handshake failed, and the socket is gone. For sockets of the system alone. */
  async encrypt(acceptor: TlsAcceptor): Promise<boolean> {
    const socket = this.#socket
    assert(socket instanceof Socket, 'TLS is for sockets of the system')
    this.release()
    const encrypted = await acceptor.accept(socket)
    if (encrypted === null) return false
    encrypted.on('error', () => encrypted.destroy())
    this.#tls = encrypted
    this.#socket = encrypted
    this.#listen()
    return true
  }

  /** Reads no more: whoever listens to the socket next gets every byte from here on. */
  release(): void {
    for (const event of arrivals) this.#socket.off(event, this.#arrived)
  }

  /**
   * What `work` answers, unless the socket is closed before: then it throws `disconnected`, and what comes all the
   * same is given to `onLate`.
   */
  async untilClosed<T>(work: Promise<T>, onLate: (value: T) => void = () => undefined): Promise<T> {
    const socket = this.#socket
    const closed = Promise.withResolvers<never>()
    const fail = (): void => {
      work.then(onLate, () => undefined)
      closed.reject(new WorkbenchError('disconnected', 'The client went away'))
    }
    socket.once('close', fail)
    if (socket.closed) fail()
    try {
      return await Promise.race([work, closed.promise])
    } finally {
      socket.off('close', fail)
    }
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #listen(): void {
    for (const event of arrivals) this.#socket.on(event, this.#arrived)
  }
}
