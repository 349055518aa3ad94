/**
 * A client of the wire endpoint played by hand: any bytes at any time, and what comes back as messages. Knows the
 * protocol well enough to log in, and keeps no rule of it.
 */

import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { scramFinal, scramFirstBare } from './lying-scram-client.ts'
import { cstring, frame, int32, startup } from './wire/frontend-messages.ts'

/** One backend message. */
export interface WireMessage {
  readonly type: string
  readonly body: Buffer
}

export interface LogIn {
  readonly user?: string
  readonly password?: string
  /** Protocol 3.0 unless given. */
  readonly version?: number
  /** Beside `user`. */
  readonly parameters?: Readonly<Record<string, string>>
}

export class RawWireClient<Stream extends Duplex = Socket> {
  readonly socket: Stream
  readonly #messages: WireMessage[] = []
  #rest: Buffer = Buffer.alloc(0)
  #isEnded = false
  /** Bytes without a frame that are waited for, as after SSLRequest. */
  #unframedBytes = 0
  #wake: () => void = () => undefined

  /** `socket` is connected. */
  constructor(socket: Stream) {
    this.socket = socket
    socket.on('data', (bytes: Buffer) => this.#receive(bytes))
    socket.on('error', () => socket.destroy())
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#isEnded = true
        this.#wake()
      })
    }
  }

  send(...parts: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(parts))
  }

  /** What comes next is `count` bytes that are no message. Call before they can come. */
  expectBytes(count: number): void {
    this.#unframedBytes = count
  }

  /** Those bytes; fewer when the endpoint has closed. */
  async bytes(): Promise<string> {
    const count = this.#unframedBytes
    while (this.#rest.length < count && !this.#isEnded)
      await new Promise<void>((resolve) => (this.#wake = resolve))
    const found = this.#rest.toString('latin1', 0, count)
    this.#rest = this.#rest.subarray(count)
    this.#unframedBytes = 0
    return found
  }

  /** The next message; null when the endpoint has closed. */
  async next(): Promise<WireMessage | null> {
    for (;;) {
      const message = this.#messages.shift()
      if (message) return message
      if (this.#isEnded) return null
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  /** Everything up to a message of type `type`, or to the end. */
  async until(type: string): Promise<WireMessage[]> {
    const found: WireMessage[] = []
    for (let message = await this.next(); message; message = await this.next()) {
      found.push(message)
      if (message.type === type) break
    }
    return found
  }

  /** Everything up to the end, as `short` has it. */
  async rest(): Promise<string> {
    const found = await this.until('')
    return short(found)
  }

  /** Logs in; answers what came, up to the ready session or to the end. */
  async logIn({
    user = 'postgres',
    password = '',
    version = 3 << 16,
    parameters = {},
  }: LogIn): Promise<WireMessage[]> {
    const found: WireMessage[] = []
    this.send(startup(version, { user, ...parameters }))
    for (let message = await this.next(); message; message = await this.next()) {
      found.push(message)
      if (message.type === 'Z') break
      if (message.type === 'R') this.#answer(message.body, password)
    }
    return found
  }

  /** Closes, and resolves when both sides have. */
  async close(): Promise<void> {
    if (this.socket.closed) return
    const closed = once(this.socket, 'close')
    this.socket.destroy()
    await closed
  }

  #answer(body: Buffer, password: string): void {
    const kind = body.readInt32BE(0)
    if (kind === 3) this.send(frame('p', cstring(password)))
    if (kind === 10) this.send(saslInitial(`n,,${scramFirstBare}`))
    if (kind === 11) this.send(frame('p', Buffer.from(scramFinal(body.toString('latin1', 4), password))))
  }

  #receive(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes])
    while (
      this.#unframedBytes === 0 &&
      this.#rest.length >= 5 &&
      this.#rest.length > this.#rest.readInt32BE(1)
    ) {
      const end = this.#rest.readInt32BE(1) + 1
      this.#messages.push({
        type: String.fromCharCode(this.#rest[0] ?? 0),
        body: this.#rest.subarray(5, end),
      })
      this.#rest = this.#rest.subarray(end)
    }
    this.#wake()
  }
}

/** SASLInitialResponse. */
export function saslInitial(data: string, mechanism = 'SCRAM-SHA-256'): Buffer {
  const response = Buffer.from(data, 'latin1')
  return frame('p', Buffer.concat([cstring(mechanism), int32(response.length), response]))
}

/** The fields of an ErrorResponse by their type. */
export function errorFields({ body }: WireMessage): Record<string, string> {
  const parts = body.toString('utf8').split('\0').filter(Boolean)
  return Object.fromEntries(parts.map((part) => [part.slice(0, 1), part.slice(1)]))
}

/** Types in a row, with the kind of authentication, SQLSTATE or state in brackets. */
export function short(messages: readonly WireMessage[]): string {
  const told = messages.map((found) => {
    if (found.type === 'E') return `E(${errorFields(found)['C']})`
    if (found.type === 'R') return `R(${found.body.readInt32BE(0)})`
    return found.type === 'Z' ? `Z(${found.body.toString()})` : found.type
  })
  return told.join('').replaceAll(/S+/g, 'S')
}
