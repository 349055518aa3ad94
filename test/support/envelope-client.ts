/**
 * A client of the envelope protocol that does nothing by itself: sends the envelopes it is given, keeps every frame
 * that comes, and grants credit only where it is told to.
 */

import { once } from 'node:events'
import type { WebSocket } from 'ws'
import { present } from '../../src/base/assert.ts'
import { ColumnBatch } from '../../src/contract/column-batch.ts'
import type { AnswerEnvelope } from '../../src/protocol/answer-frame.ts'
import { readJsonMessage, writeJsonMessage } from '../../src/protocol/json-message.ts'
import { makePart, PartCodec } from '../../src/protocol/message-parts.ts'
import type { Encoding } from '../../src/protocol/protocol-limits.ts'
import { rowsOf } from './engine-fixture.ts'

export interface ClientOptions {
  readonly encoding: Encoding
  /** null: no hello. */
  readonly token: string | null
  readonly tenant: string
  /** Grants credit for every `rows` frame. */
  readonly isReading: boolean
}

/** A frame as it came; rows of batches as texts. */
export interface ReceivedFrame extends AnswerEnvelope {
  readonly data?: {
    readonly rows?: readonly (readonly (string | null)[])[]
    readonly columns?: readonly { readonly name: string; readonly type: number }[]
    readonly [name: string]: unknown
  }
}

export interface SentMeta {
  readonly type: string
  readonly request_id?: string
  readonly [name: string]: unknown
}

/** Frames that answer a request and are not its last. */
const partialTypes = new Set(['rows'])

export class EnvelopeClient {
  readonly frames: ReceivedFrame[] = []
  readonly socket: WebSocket
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  /** Messages, of which each may hold several frames. */
  messageCount = 0
  readonly #options: Partial<ClientOptions> & { readonly encoding: Encoding }
  readonly #codec = new PartCodec()
  readonly #waiting = new Map<string, ((frame: ReceivedFrame) => void)[]>()
  #requestCount = 0

  constructor(socket: WebSocket, options: Partial<ClientOptions> & { readonly encoding: Encoding }) {
    this.socket = socket
    this.#options = options
    socket.on('message', (data: Buffer) => this.#onMessage(data))
    socket.on('error', () => undefined)
    this.closed = once(socket, 'close').then(([code, reason]: unknown[]) => ({
      code: Number(code),
      reason: String(reason),
    }))
  }

  /** Sends one message of these envelopes. */
  send(...envelopes: readonly { readonly meta: SentMeta; readonly data?: unknown }[]): void {
    if (this.#options.encoding === 'json') this.socket.send(writeJsonMessage(envelopes))
    else
      this.socket.send(
        Buffer.concat(envelopes.map((envelope) => makePart(this.#codec.encode(envelope), null))),
      )
  }

  /** Sends a request; resolves with its terminal frame. */
  ask(type: string, data: unknown, meta: object = {}): Promise<ReceivedFrame> {
    const requestId = `r${(this.#requestCount += 1)}`
    const answer = this.answer(requestId)
    this.send({ meta: { type, request_id: requestId, ...meta }, data })
    return answer
  }

  query(sql: string, params: readonly unknown[] = [], meta: object = {}): Promise<ReceivedFrame> {
    return this.ask('query', { sql, params }, meta)
  }

  /** The next terminal frame under that id. */
  answer(requestId: string): Promise<ReceivedFrame> {
    const { promise, resolve } = Promise.withResolvers<ReceivedFrame>()
    const waiting = this.#waiting.get(requestId) ?? []
    waiting.push(resolve)
    this.#waiting.set(requestId, waiting)
    return promise
  }

  hello(token: string): Promise<ReceivedFrame> {
    const { tenant = 'shop' } = this.#options
    return this.ask('hello', { token, client: 'test/1' }, { tenant })
  }

  /** All rows under that id, of whatever frames. */
  rows(requestId: string): (readonly (string | null)[])[] {
    return this.frames
      .filter(({ meta }) => meta.request_id === requestId)
      .flatMap(({ data }) => data?.rows ?? [])
  }

  of(requestId: string): ReceivedFrame[] {
    return this.frames.filter(({ meta }) => meta.request_id === requestId)
  }

  async close(): Promise<void> {
    this.socket.close(1000)
    await this.closed
  }

  #onMessage(message: Buffer): void {
    this.messageCount += 1
    for (const frame of this.#read(message)) this.#take(frame)
  }

  #read(message: Buffer): ReceivedFrame[] {
    if (this.#options.encoding === 'json') return readJsonMessage(message.toString()) as ReceivedFrame[]
    return this.#codec.read(message).map(({ envelope, payload }) => {
      const frame = envelope as ReceivedFrame
      if (payload.length === 0) return frame
      const batch = new ColumnBatch(new Uint8Array(payload).buffer)
      return { ...frame, data: { ...frame.data, rows: rowsOf(batch) } }
    })
  }

  #take(frame: ReceivedFrame): void {
    this.frames.push(frame)
    const { request_id: id = '', type } = frame.meta
    if (partialTypes.has(type)) {
      if (this.#options.isReading) {
        this.send({ meta: { type: 'credit' }, data: { request_id: id, frames: 1 } })
      }
      return
    }
    const waiting = this.#waiting.get(id)
    if (!waiting) return
    present(waiting.shift(), 'a listener')(frame)
    if (waiting.length === 0) this.#waiting.delete(id)
  }
}
