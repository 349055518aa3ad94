/**
 * One raw connection to a Postgres server: any bytes out, backend messages in, one at a time and each with a
 * deadline. Knows framing and nothing of what messages mean; logging in is WireClient's.
 */

import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { SSL_REQUEST, int32, untyped } from './frontend-messages.ts'

/** How long a test waits for one message before it calls it a hang. */
const READ_DEADLINE_MS = Number(process.env['WARDIAN_WIRE_DEADLINE_MS'] ?? 10_000)

/** One backend message. */
export interface BackendMessage {
  readonly type: string
  readonly body: Buffer
}

export interface SocketAddress {
  readonly host: string
  readonly port: number
  readonly tls?: boolean
}

const HEAD_BYTES = 5

export class WireSocket {
  #socket: Socket
  readonly #messages: BackendMessage[] = []
  #chunks: Buffer[] = []
  #bytes = 0
  #needed = 1
  #isFramed = true
  #isEnded = false
  #wake: () => void = () => undefined
  /** Of the connection, such as ECONNRESET; a reset is a way to close. */
  error: Error | null = null

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#listen()
  }

  /** Connects, and speaks TLS if `tls`. Certificates are not verified. */
  static async open(address: SocketAddress): Promise<WireSocket> {
    const socket = connectTcp({ host: address.host, port: address.port, noDelay: true })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    const wire = new WireSocket(socket)
    if (address.tls) await wire.startTls()
    return wire
  }

  async startTls(): Promise<void> {
    const answer = await this.ask(untyped(int32(SSL_REQUEST)))
    if (answer !== 'S') throw new Error(`The server answered ${JSON.stringify(answer)} to SSLRequest`)
    const plain = this.#socket
    plain.removeAllListeners('data').removeAllListeners('end').removeAllListeners('close')
    this.#socket = connectTls({ socket: plain, rejectUnauthorized: false })
    await new Promise<void>((resolve, reject) => {
      this.#socket.once('secureConnect', resolve)
      this.#socket.once('error', reject)
    })
    this.#listen()
  }

  /** Sends a request that is answered with one byte without a frame, and returns that; '' if it closed. */
  async ask(request: Buffer): Promise<string> {
    this.#isFramed = false
    await this.write(request)
    await this.#until(() => this.#bytes > 0 || this.#isEnded, 'one byte')
    this.#isFramed = true
    const all = Buffer.concat(this.#chunks)
    this.#chunks = [all.subarray(1)]
    this.#bytes = Math.max(0, all.length - 1)
    this.#frame()
    return all.subarray(0, 1).toString('latin1')
  }

  /** Resolves when the bytes have gone to the kernel, or never will. */
  write(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.destroyed || !this.#socket.writable) resolve()
      else this.#socket.write(bytes, () => resolve())
    })
  }

  /** Sends each piece only when the one before has left, with a turn of the event loop between. */
  async writeInPieces(pieces: Iterable<Buffer>): Promise<void> {
    for (const piece of pieces) {
      await this.write(piece)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** The next message; null when the server has closed. */
  async read(deadlineMs = READ_DEADLINE_MS): Promise<BackendMessage | null> {
    await this.#until(() => this.#messages.length > 0 || this.#isEnded, 'a message', deadlineMs)
    return this.#messages.shift() ?? null
  }

  /** Messages that have come and that nobody has read. */
  get unread(): number {
    return this.#messages.length
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Half-closes: nothing more is sent, everything is still read. */
  end(): void {
    this.#socket.end()
  }

  /** Closes without a word of the protocol. */
  destroy(): void {
    this.#socket.destroy()
  }

  /** Closes with a TCP reset. */
  reset(): void {
    this.#socket.resetAndDestroy()
  }

  #listen(): void {
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    this.#socket.on('end', () => this.#finish())
    this.#socket.on('close', () => this.#finish())
    this.#socket.on('error', (error) => (this.error = error))
  }

  #finish(): void {
    this.#isEnded = true
    this.#wake()
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#isFramed && this.#bytes >= this.#needed) this.#frame()
    this.#wake()
  }

  #frame(): void {
    const bytes = Buffer.concat(this.#chunks)
    let at = 0
    this.#needed = HEAD_BYTES
    while (bytes.length - at >= HEAD_BYTES) {
      const size = 1 + bytes.readInt32BE(at + 1)
      this.#needed = size
      if (size < HEAD_BYTES) throw new Error(`The server sent a message of ${size} bytes`)
      if (bytes.length - at < size) break
      const type = String.fromCharCode(bytes[at] ?? 0)
      this.#messages.push({ type, body: bytes.subarray(at + HEAD_BYTES, at + size) })
      at += size
      this.#needed = HEAD_BYTES
    }
    this.#chunks = [bytes.subarray(at)]
    this.#bytes = bytes.length - at
  }

  async #until(isTrue: () => boolean, what: string, deadlineMs = READ_DEADLINE_MS): Promise<void> {
    if (isTrue()) return
    const deadline = AbortSignal.timeout(deadlineMs)
    const expire = (): void => this.#wake()
    deadline.addEventListener('abort', expire)
    try {
      while (!isTrue()) {
        if (deadline.aborted) throw new Error(`The server did not send ${what} within ${deadlineMs} ms`)
        await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    } finally {
      deadline.removeEventListener('abort', expire)
    }
  }
}
