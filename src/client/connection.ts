/**
 * One socket to the endpoint: says hello, sends requests, gives each frame to whoever waits for it, and tells all of
 * them when it is lost. Knows no pool and no retry; what a request means is its listener's.
 */

import type { Clock } from '../base/clock.ts'
import type { AnswerEnvelope, HelloOkData } from '../protocol/answer-frame.ts'
import type { EnvelopeCodec, ReceivedFrame } from './envelope-codec.ts'
import { Heartbeat } from './heartbeat.ts'
import { answeredError, WardianError } from './wardian-error.ts'
import { closedError, lostError, type WebSocketLike } from './web-socket.ts'

/** A request, without what the connection adds. */
export interface OutgoingRequest {
  readonly type: string
  readonly session?: string | undefined
  readonly tenant?: string | undefined
  readonly deadlineMs?: number | undefined
  readonly idempotencyKey?: string | undefined
  readonly traceparent?: string | undefined
  readonly credit?: number | undefined
  readonly data: unknown
}

/** Who waits for the answer. `onEnd` or `onLost` is called, once, last. */
export interface AnswerListener {
  onRows(frame: ReceivedFrame): void
  /** The terminal frame, which may be an error. */
  onEnd(frame: ReceivedFrame): void
  onLost(error: WardianError): void
}

/** What happens to a connection. */
export interface ConnectionEvents {
  /** A frame that answers no request, such as an event of a subscription. */
  onNotice(connection: Connection, frame: ReceivedFrame): void
  /** Some request has been answered: there is room for another one. */
  onRoom(): void
  /** The socket is gone. Called once. */
  onEnd(connection: Connection, error: WardianError): void
}

export interface ConnectionParts {
  readonly socket: WebSocketLike
  readonly codec: EnvelopeCodec
  readonly clock: Clock
  readonly events: ConnectionEvents
}

interface Pending {
  readonly listener: AnswerListener
  wasSent: boolean
}

/** Without a close frame (RFC 6455, section 7.4.1). */
const closedCode = 1006

/** What is gathered goes out at once from here on. */
const flushBytes = 64 << 10

const noDeadline: Partial<HelloOkData> = {}

/** A socket that is open. Made by `openConnection`, which says hello first. */
export class Connection {
  readonly #parts: ConnectionParts
  readonly #pending = new Map<string, Pending>()
  readonly #heartbeat: Heartbeat
  #unsent: Pending[] = []
  #isFlushing = false
  #nextId = 1
  #hello: Partial<HelloOkData> = noDeadline
  #end: WardianError | null = null
  /** Someone needs it although nothing is outstanding, such as a session or a subscription. */
  holders = 0
  /** When the last request was answered, by the monotonic clock. */
  idleSinceMs: number

  constructor(parts: ConnectionParts) {
    this.#parts = parts
    this.idleSinceMs = parts.clock.monotonicMs()
    this.#heartbeat = new Heartbeat(parts.clock, {
      isNeeded: () => this.#pending.size > 0 || this.holders > 0,
      ping: () => this.#ping(),
      giveUp: () => this.#lose(closedCode),
    })
    parts.socket.addEventListener('message', ({ data }) => this.#receive(data))
    parts.socket.addEventListener('close', ({ code }) => this.#lose(code))
  }

  /** What the endpoint said in its hello. */
  get hello(): Partial<HelloOkData> {
    return this.#hello
  }

  set hello(hello: Partial<HelloOkData>) {
    this.#hello = hello
  }

  get isOpen(): boolean {
    return this.#end === null
  }

  /** Why it is no longer open; null while it is. */
  get end(): WardianError | null {
    return this.#end
  }

  get isBinary(): boolean {
    return this.#parts.codec.isBinary
  }

  /** Requests without a terminal frame. */
  get outstanding(): number {
    return this.#pending.size
  }

  /** A name that nothing else on this connection has. */
  nextName(prefix: string): string {
    return `${prefix}${this.#nextId++}`
  }

  /** Sends a request with the others of this turn; answers its id. Throws what cannot be sent at all. */
  request(outgoing: OutgoingRequest, listener: AnswerListener): string {
    if (this.#end) throw lostError(closedCode, false)
    const id = String(this.#nextId++)
    this.#parts.codec.add(envelopeOf(id, outgoing))
    const pending = { listener, wasSent: false }
    this.#pending.set(id, pending)
    this.#unsent.push(pending)
    this.#flushSoon()
    return id
  }

  /** The one answer of a request without rows. */
  ask(outgoing: OutgoingRequest): Promise<AnswerEnvelope> {
    return new Promise((resolve, reject) => {
      this.request(outgoing, {
        onRows: () => undefined,
        onEnd: ({ envelope }) => (envelope.error ? reject(answeredError(envelope.error)) : resolve(envelope)),
        onLost: reject,
      })
    })
  }

  /** Asks for the end of a request, which ends with its own terminal frame. */
  cancel(requestId: string): void {
    if (this.#end || !this.#pending.has(requestId)) return
    this.request({ type: 'cancel', data: { request_id: requestId } }, ignoredAnswer)
  }

  /** Allows `frames` more frames of rows. */
  grant(requestId: string, frames: number): void {
    if (this.#end || !this.#pending.has(requestId)) return
    const meta = { type: 'credit' }
    this.#parts.codec.add({ meta, data: { request_id: requestId, frames } })
    this.#flushSoon()
  }

  /** Ends the socket; what is outstanding is told. */
  close(): void {
    if (this.#end) return
    this.#flush()
    this.#parts.socket.close(1000)
    this.#finish(new WardianError('closed', 'The client was closed'))
  }

  /** Ends a socket on which something was wrong. */
  fail(error: WardianError): void {
    if (this.#end) return
    this.#parts.socket.close(1000)
    this.#finish(error)
  }

  #receive(message: unknown): void {
    if (this.#end) return
    this.#heartbeat.heard()
    try {
      for (const frame of this.#parts.codec.read(message)) this.#deliver(frame)
    } catch (error) {
      if (!(error instanceof WardianError)) throw error
      this.fail(error)
    }
  }

  #deliver(frame: ReceivedFrame): void {
    const { type, request_id: id } = frame.envelope.meta
    const pending = id === undefined ? undefined : this.#pending.get(id)
    if (id === undefined || !pending) {
      // An answer to nobody is one whose request was given up.
      if (id === undefined) this.#parts.events.onNotice(this, frame)
      return
    }
    if (type === 'rows') {
      pending.listener.onRows(frame)
      return
    }
    this.#pending.delete(id)
    if (this.#pending.size === 0) this.idleSinceMs = this.#parts.clock.monotonicMs()
    pending.listener.onEnd(frame)
    this.#parts.events.onRoom()
  }

  #flushSoon(): void {
    this.#heartbeat.start()
    if (this.#parts.codec.waitingBytes >= flushBytes) this.#flush()
    if (this.#isFlushing) return
    this.#isFlushing = true
    // Everything that this turn asks for goes as one message.
    queueMicrotask(() => {
      this.#isFlushing = false
      this.#flush()
    })
  }

  #flush(): void {
    if (this.#end) return
    for (const pending of this.#unsent) pending.wasSent = true
    this.#unsent = []
    for (const message of this.#parts.codec.take()) this.#parts.socket.send(message)
  }

  #ping(): void {
    this.request({ type: 'ping', data: {} }, ignoredAnswer)
  }

  #lose(code: number): void {
    if (this.#end) return
    if (code === closedCode) this.#parts.socket.close()
    this.#finish(closedError(code), code)
  }

  #finish(error: WardianError, code: number | null = null): void {
    this.#end = error
    this.#heartbeat.dispose()
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    for (const { listener, wasSent } of pending) {
      listener.onLost(code === null ? error : lostError(code, wasSent))
    }
    this.#parts.events.onEnd(this, error)
  }
}

/** For requests whose answer changes nothing. */
const ignoredAnswer: AnswerListener = {
  onRows: () => undefined,
  onEnd: () => undefined,
  onLost: () => undefined,
}

/** Fields that are undefined are left out: MessagePack would send nulls. */
function envelopeOf(id: string, outgoing: OutgoingRequest): unknown {
  const { type, session, tenant, deadlineMs, idempotencyKey, traceparent, credit, data } = outgoing
  const meta: Record<string, unknown> = { type, request_id: id }
  if (session !== undefined) meta['session'] = session
  if (tenant !== undefined) meta['tenant'] = tenant
  if (deadlineMs !== undefined) meta['deadline_ms'] = Math.max(1, Math.ceil(deadlineMs))
  if (idempotencyKey !== undefined) meta['idempotency_key'] = idempotencyKey
  if (traceparent !== undefined) meta['traceparent'] = traceparent
  if (credit !== undefined) meta['credit'] = credit
  return { meta, data }
}
