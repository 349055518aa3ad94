/**
 * The bytes of a WebSocket as a stream, both ways and with backpressure both ways, for what was written for sockets of
 * the system. Where messages begin and end says nothing. Knows no protocol inside.
 */

import { Duplex } from 'node:stream'
import { WebSocket, type RawData } from 'ws'

/** What may wait in each direction before the other side is slowed down. */
const waitingBytesMax = 64 << 10
/** RFC 6455, section 7.4.1: done; a kind of data that is not taken; the connection was lost. */
const closeCodes = { done: 1000, unsupportedData: 1003, lost: 1006 }

export class WebSocketStream extends Duplex {
  readonly #socket: WebSocket

  /** `socket` is open; its messages are binary, and nobody else listens for them. */
  constructor(socket: WebSocket) {
    // After its client has closed a socket has no other half; what has come by then is read all the same.
    super({ allowHalfOpen: true, highWaterMark: waitingBytesMax })
    this.#socket = socket
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary))
    socket.on('error', () => this.destroy())
    socket.on('close', (code) => this.#onClose(code))
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#send(chunk, done)
  }

  /** As one message: each costs a head, and wakes the client. */
  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: () => void): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  override _final(done: () => void): void {
    this.#socket.close(closeCodes.done)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.terminate()
    done(error)
  }

  #send(bytes: Buffer, done: () => void): void {
    if (this.#socket.readyState === WebSocket.OPEN) {
      // A failure to send is told by its end.
      this.#socket.send(bytes, { binary: true, compress: false }, () => done())
      return
    }
    // As a socket of the system that is written to after its client has gone.
    done()
    this.destroy()
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (!isBinary) {
      this.#socket.close(closeCodes.unsupportedData, 'Postgres speaks in binary messages')
      this.destroy()
      return
    }
    const bytes = bytesOf(data)
    if (bytes.length > 0 && !this.push(bytes)) this.#socket.pause()
  }

  #onClose(code: number): void {
    if (code === closeCodes.lost) this.destroy()
    else this.push(null)
  }
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}
