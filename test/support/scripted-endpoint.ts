/**
 * An endpoint of the envelope protocol in memory, which does what a test tells it: WebSockets that connect to it, what
 * came on each, and whatever is to be answered. Speaks JSON, so that tests can be read. Runs no SQL.
 */

import type { WebSocketConstructor, WebSocketLike } from '../../src/client/web-socket.ts'

/** An envelope as it travels. */
export interface ScriptedEnvelope {
  readonly meta: Readonly<Record<string, unknown>>
  readonly data?: unknown
  readonly error?: unknown
}

type Listener = (event: { readonly data: unknown; readonly code: number; readonly reason: string }) => void

/** One socket, seen from the endpoint. */
export class ScriptedSocket implements WebSocketLike {
  binaryType = ''
  readyState = 0
  readonly protocol: string
  readonly url: string
  /** Messages as they came, hello included. */
  readonly messages: string[] = []
  /** Requests that came and were not answered by `onRequest`. */
  readonly requests: ScriptedEnvelope[] = []
  readonly #endpoint: ScriptedEndpoint
  readonly #listeners = new Map<string, Listener[]>()

  constructor(endpoint: ScriptedEndpoint, url: string, protocols: readonly string[]) {
    this.#endpoint = endpoint
    this.url = url
    this.protocol = protocols[0] ?? ''
    queueMicrotask(() => {
      if (endpoint.isRefusing) return this.drop(1006)
      this.readyState = 1
      this.#emit('open', {})
    })
  }

  addEventListener(type: string, listener: Listener | (() => void)): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener])
  }

  send(message: string | ArrayBuffer): void {
    if (this.readyState !== 1) throw new Error('The socket is not open')
    const text = typeof message === 'string' ? message : ''
    this.messages.push(text)
    const content: unknown = JSON.parse(text)
    const envelopes = (Array.isArray(content) ? content : [content]) as ScriptedEnvelope[]
    for (const envelope of envelopes) this.#endpoint.receive(this, envelope)
  }

  close(): void {
    this.drop(1000)
  }

  /** Ends the socket with `code`, as seen by the client. */
  drop(code: number): void {
    if (this.readyState === 3) return
    this.readyState = 3
    queueMicrotask(() => this.#emit('close', { code }))
  }

  /** Sends envelopes to the client, in one message. */
  say(...envelopes: ScriptedEnvelope[]): void {
    this.#emit('message', { data: JSON.stringify(envelopes) })
  }

  /** Answers a request with a terminal frame. */
  complete(request: ScriptedEnvelope, data: unknown = { command: 'SELECT', row_count: 0 }): void {
    this.say({ meta: { type: 'complete', request_id: request.meta['request_id'] }, data })
  }

  fail(request: ScriptedEnvelope, error: Readonly<Record<string, unknown>>): void {
    const whole = { message: 'scripted', sqlstate: 'XX000', retryable: false, ...error }
    this.say({ meta: { type: 'error', request_id: request.meta['request_id'] }, error: whole })
  }

  #emit(type: string, event: { data?: unknown; code?: number }): void {
    for (const listener of this.#listeners.get(type) ?? [])
      listener({ data: null, code: 1006, reason: '', ...event })
  }
}

export class ScriptedEndpoint {
  readonly sockets: ScriptedSocket[] = []
  /** New sockets end at once. */
  isRefusing = false
  /** Fields of hello_ok. */
  hello: Record<string, unknown> = {}
  /** Answers a request by itself; what it answers false for is left to the test. */
  onRequest: (socket: ScriptedSocket, request: ScriptedEnvelope) => boolean = () => false
  /** Called for hellos; false: it is left to the test. */
  onHello: (socket: ScriptedSocket, hello: ScriptedEnvelope) => boolean = () => true

  /** What a client takes as its WebSocket. */
  get webSocket(): WebSocketConstructor {
    const make = (url: string, protocols: string[]): ScriptedSocket => {
      const socket = new ScriptedSocket(this, url, protocols)
      this.sockets.push(socket)
      return socket
    }
    // Called with `new`, and answers an object of its own.
    return function Socket(url: string, protocols: string[]) {
      return make(url, protocols)
    } as unknown as WebSocketConstructor
  }

  /** The newest one. */
  get socket(): ScriptedSocket {
    const socket = this.sockets.at(-1)
    if (!socket) throw new Error('Nobody has connected')
    return socket
  }

  receive(socket: ScriptedSocket, envelope: ScriptedEnvelope): void {
    const { type, request_id: id } = envelope.meta
    if (type === 'hello') {
      if (!this.onHello(socket, envelope)) return
      const limits = {
        outstanding: 256,
        message_bytes: 1 << 20,
        sessions: 32,
        cursors: 64,
        subscriptions: 64,
      }
      const rights = { access: 'read-write', tenants: null, token_expires_at_ms: null }
      const socketId = `socket-${this.sockets.indexOf(socket)}`
      const data = { protocol: 1, epoch: 'e1', socket_id: socketId, ...rights, limits, ...this.hello }
      socket.say({ meta: { type: 'hello_ok', request_id: id }, data })
    } else if (!this.onRequest(socket, envelope)) socket.requests.push(envelope)
  }
}

/** One row of one text column, as a `complete` has it. */
export function oneRow(value: string | null, type = 25): Record<string, unknown> {
  return { columns: [{ name: 'value', type }], rows: [[value]], command: 'SELECT', row_count: 1 }
}
