/**
 * One WebSocket of the envelope protocol, from its opening to its close: hello, requests in and frames out, and the
 * end of everything that belongs to it. Knows no type of request but hello and credit.
 */

import { randomUUID } from 'node:crypto'
import type { WebSocket } from 'ws'
import { onDispose, type Disposable } from '../../../base/disposable.ts'
import { Emitter, type Event } from '../../../base/event.ts'
import { toWireError } from '../../../contract/error.ts'
import type { AnswerEnvelope } from '../../../protocol/answer-frame.ts'
import { envelopeError, type EnvelopeError } from '../../../protocol/envelope-error.ts'
import { readJsonMessage } from '../../../protocol/json-message.ts'
import { PartCodec } from '../../../protocol/message-parts.ts'
import {
  closeCodes,
  helloTimeMaxMs,
  outstandingMax,
  subprotocols,
} from '../../../protocol/protocol-limits.ts'
import type { Encoding } from '../../../protocol/protocol-limits.ts'
import { readCreditData } from '../../../protocol/request-data.ts'
import { readRequestHead, readRequestMeta, type RequestHead } from '../../../protocol/request-frame.ts'
import type { RowDecoder } from '../../../../native-wasm/js/row-decoder.ts'
import type { ClientMeter } from '../postgres/traffic-meter.ts'
import type { WireBackend } from '../postgres/wire-backend.ts'
import type { AcceptedSocket, TokenGrant, WebContext } from '../web/web-access.ts'
import { BatchRows } from './batch-rows.ts'
import { EnvelopeFailure, isDefect, toEnvelopeError } from './envelope-failure.ts'
import type { EnvelopeSession } from './envelope-session.ts'
import { JsonOutput, MsgpackOutput, type FrameSink } from './frame-output.ts'
import { Greeting } from './greeting.ts'
import { Heartbeat } from './heartbeat.ts'
import { JsonRows } from './json-rows.ts'
import { LiveRequest } from './live-request.ts'
import { Outbox } from './outbox.ts'
import type { EnvelopePeer, HelloExtension, RequestHandlers } from './request-handler.ts'
import type { RowEncoder } from './row-encoder.ts'
import { sessionOpener } from './session-opening.ts'
import { SocketSessions } from './socket-sessions.ts'

/** How long the other side may take to close. */
const closeGraceMs = 1_000
/** How long a request whose outcome is kept may go on after its socket. */
const keptTimeMaxMs = 30_000
/** Ids of requests that have ended, to tell them from those that never were. */
const endedIdsMax = 256

export interface EnvelopeSocketOptions {
  readonly context: WebContext
  readonly accepted: AcceptedSocket
  readonly handlers: RequestHandlers
  readonly extensions: readonly HelloExtension[]
  /** That all sockets share. */
  readonly decoder: RowDecoder
}

export class EnvelopeSocket implements EnvelopePeer, Disposable {
  readonly socketId: string = randomUUID()
  readonly context: WebContext
  readonly accepted: AcceptedSocket
  readonly encoding: Encoding
  readonly sessions: SocketSessions
  readonly onDidEase: Event<void>
  readonly onDidClose: Event<void>
  readonly #options: EnvelopeSocketOptions
  readonly #socket: WebSocket
  readonly #outbox: Outbox
  readonly #codec = new PartCodec()
  readonly #sink: FrameSink
  readonly #greeting: Greeting
  readonly #heartbeat: Heartbeat
  readonly #eased = new Emitter<void>()
  readonly #closed = new Emitter<void>()
  readonly #count: Disposable
  readonly #live = new Map<string, LiveRequest>()
  readonly #endedIds = new Set<string>()
  readonly #timers = new Set<Disposable>()
  /** Came before hello was answered. */
  #early: RequestHead[] = []
  #meter: ClientMeter | null = null
  #isClosing = false

  constructor(options: EnvelopeSocketOptions) {
    const { context, accepted } = options
    const { clock } = context
    this.#options = options
    this.context = context
    this.accepted = accepted
    this.#socket = accepted.socket
    this.onDidEase = this.#eased.event
    this.onDidClose = this.#closed.event
    this.encoding = this.#socket.protocol === subprotocols.msgpack ? 'msgpack' : 'json'
    this.#outbox = new Outbox({
      ...{ socket: this.#socket, encoding: this.encoding, clock },
      onEased: () => this.#onEased(),
      onStalled: () => this.close(closeCodes.slowReader, 'Answers wait that nobody reads'),
      onSent: (byteCount) => this.#meter?.sent(byteCount),
    })
    const { encoding } = this
    this.#sink =
      encoding === 'json' ? new JsonOutput(this.#outbox) : new MsgpackOutput(this.#outbox, this.#codec)
    this.sessions = new SocketSessions(sessionOpener(this))
    this.#greeting = new Greeting({
      ...{ peer: this, extensions: options.extensions },
      onGreeted: () => this.#onGreeted(),
      onRefused: (why) => this.close(closeCodes.unauthorized, why),
    })
    this.#heartbeat = new Heartbeat(this.#socket, clock, () => this.#socket.terminate())
    this.#timers.add(
      clock.after(helloTimeMaxMs, () => {
        if (!this.#greeting.hasBegun)
          this.close(closeCodes.helloTimeout, 'There was no hello within 3 seconds')
      }),
    )
    this.#count = onDispose('envelope-socket', () => this.#end())
    this.#listen()
  }

  get grant(): TokenGrant {
    return this.#greeting.grant
  }

  get client(): string {
    return this.#greeting.client
  }

  get isCongested(): boolean {
    return this.#outbox.isCongested && !this.#isClosing
  }

  request(id: string): LiveRequest | null {
    return this.#live.get(id) ?? null
  }

  hasEnded(id: string): boolean {
    return this.#endedIds.has(id)
  }

  tenantOf({ meta }: LiveRequest): string {
    const tenant = meta.tenant ?? this.#greeting.tenant
    if (tenant !== null) return tenant
    throw new EnvelopeFailure('invalid_request', 'meta.tenant is missing, in hello too')
  }

  sessionOf({ meta }: LiveRequest): EnvelopeSession {
    const tenant = meta.tenant ?? (meta.session === undefined ? this.#greeting.tenant : null)
    if (meta.session !== undefined && tenant === null && !this.sessions.named(meta.session)) {
      return this.sessions.of(meta, this.#greeting.tenant)
    }
    return this.sessions.of(meta, tenant)
  }

  async backend(tenant: string): Promise<WireBackend> {
    const backend = await this.context.access.backend(tenant, this.grant)
    if (backend) return backend
    throw new EnvelopeFailure('unknown_tenant', `There is no instance ${tenant}, or the token may not see it`)
  }

  makeEncoder(): RowEncoder {
    return this.encoding === 'json' ? new JsonRows() : new BatchRows(this.#options.decoder)
  }

  send(envelope: AnswerEnvelope): void {
    this.#sink.envelope(envelope)
  }

  onDefect(error: unknown): void {
    this.context.log.error(`web: a request of ${this.#title} has failed`, error)
  }

  /** Says goodbye, and ends everything. */
  close(code: number, reason: string): void {
    if (this.#isClosing) return
    if (code !== closeCodes.done) this.context.log.info(`web: closed ${this.#title} with ${code}: ${reason}`)
    if (code !== closeCodes.slowReader) this.#outbox.flush()
    this.#isClosing = true
    this.#socket.close(code, reason)
    const grace = this.context.clock.after(closeGraceMs, () => this.#socket.terminate())
    this.#socket.once('close', () => grace.dispose())
    this.dispose()
  }

  dispose(): void {
    this.#count.dispose()
  }

  get #title(): string {
    const name = this.#greeting.client === '' ? 'a client' : this.#greeting.client
    return `${name} (${this.accepted.address ?? 'local'}:${this.accepted.port ?? ''})`
  }

  #listen(): void {
    this.#socket.on('message', (data, isBinary) => {
      if (!this.#isClosing) this.#onMessage(data, isBinary)
    })
    // What is wrong with its messages ws closes it for; what is wrong with its connection has closed it.
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', () => {
      this.#isClosing = true
      this.dispose()
    })
  }

  #onMessage(data: unknown, isBinary: boolean): void {
    if (!Buffer.isBuffer(data) || isBinary === (this.encoding === 'json')) {
      this.close(closeCodes.noEnvelope, 'The message is not what the subprotocol has')
      return
    }
    this.#meter?.received(data.length)
    try {
      for (const envelope of this.#read(data)) {
        if (this.#isClosing) return
        const head = readRequestHead(envelope)
        if (head) this.#takeChecked(head)
        else this.close(closeCodes.noEnvelope, 'What came is no envelope')
      }
    } catch (error) {
      this.close(closeCodes.noEnvelope, toWireError(error).message)
    }
  }

  #takeChecked(head: RequestHead): void {
    try {
      this.#take(head)
    } catch (error) {
      this.close(closeCodes.noEnvelope, toWireError(error).message)
    }
  }

  #read(message: Buffer): readonly unknown[] {
    if (this.encoding === 'json') return readJsonMessage(message.toString())
    return this.#codec.read(message).map(({ envelope }) => envelope)
  }

  #take(head: RequestHead): void {
    if (head.type === 'credit') {
      const { request_id: id, frames } = readCreditData(head.data)
      this.#live.get(id)?.grant(frames)
      return
    }
    if (!this.#greeting.isDone && (head.type !== 'hello' || this.#greeting.hasBegun)) {
      if (this.#early.length >= outstandingMax) this.close(closeCodes.tooManyRequests, tooMany)
      else if (this.#greeting.hasBegun) this.#early.push(head)
      else this.#refuse(head, envelopeError('unauthorized', 'hello is to be the first envelope'))
      return
    }
    if (this.#live.size >= outstandingMax) this.close(closeCodes.tooManyRequests, tooMany)
    else this.#begin(head)
  }

  #refuse(head: RequestHead, error: EnvelopeError): void {
    this.send({ meta: { type: 'error', request_id: head.requestId }, error })
    this.close(closeCodes.unauthorized, error.message)
  }

  #begin(head: RequestHead): void {
    const { requestId } = head
    if (this.#live.has(requestId)) {
      const error = envelopeError('duplicate_request_id', `There is a request ${requestId} already`)
      this.send({ meta: { type: 'error', request_id: requestId }, error })
      return
    }
    const request = this.#makeRequest(head)
    if (!request) return
    const { handlers } = this.#options
    const handle = Object.hasOwn(handlers, head.type) ? handlers[head.type] : undefined
    try {
      if (head.type === 'hello') this.#greeting.greet(request)
      else if (handle) handle(request, this)?.catch((error: unknown) => this.#failed(request, error))
      else request.fail(envelopeError('unknown_type', `There is no type ${head.type}`))
    } catch (error) {
      this.#failed(request, error)
    }
  }

  #makeRequest(head: RequestHead): LiveRequest | null {
    try {
      const request = new LiveRequest({
        ...{ meta: readRequestMeta(head), data: head.data, sink: this.#sink, clock: this.context.clock },
        onEnd: (ended, error) => this.#ended(ended, error),
      })
      this.#live.set(head.requestId, request)
      return request
    } catch (error) {
      this.send({ meta: { type: 'error', request_id: head.requestId }, error: toEnvelopeError(error) })
      return null
    }
  }

  #failed(request: LiveRequest, error: unknown): void {
    if (isDefect(error)) this.onDefect(error)
    request.fail(toEnvelopeError(error))
  }

  #ended({ meta }: LiveRequest, error: EnvelopeError | null): void {
    const { request_id: id, traceparent, type } = meta
    this.#live.delete(id)
    if (this.#isClosing) return
    if (traceparent !== undefined) {
      this.context.log.info(
        `web: ${type} of ${this.#title}: ${error?.code ?? 'done'}, traceparent ${traceparent}`,
      )
    }
    this.#endedIds.add(id)
    if (this.#endedIds.size <= endedIdsMax) return
    for (const oldest of this.#endedIds) {
      this.#endedIds.delete(oldest)
      return
    }
  }

  /** What came meanwhile is looked at. */
  #onGreeted(): void {
    this.#meter = this.context.meter.open(this.#greeting.tenant ?? '')
    const early = this.#early
    this.#early = []
    for (const head of early) if (!this.#isClosing) this.#takeChecked(head)
  }

  #onEased(): void {
    for (const session of [...this.sessions]) session.process()
    this.#eased.fire()
  }

  /** Somebody ends it from outside. */
  stop(error: unknown): void {
    this.close(closeCodes.hostStops, toWireError(error).message)
  }

  /** Everything that belongs to it ends; what is kept goes on for a while. */
  #end(): void {
    this.#isClosing = true
    this.#outbox.dispose()
    this.#greeting.dispose()
    this.#heartbeat.dispose()
    for (const timer of this.#timers) timer.dispose()
    const kept = [...this.#live.values()].filter(({ isKept }) => isKept)
    if (kept.length === 0) this.#endSessions()
    else void this.#endAfter(kept)
    this.#closed.fire()
    this.#closed.dispose()
    this.#eased.dispose()
  }

  #endSessions(): void {
    this.sessions.dispose()
    for (const request of [...this.#live.values()]) request.abandon()
  }

  async #endAfter(kept: readonly LiveRequest[]): Promise<void> {
    this.sessions.disposeNamed()
    for (const request of [...this.#live.values()]) if (!request.isKept) request.cancel('cancelled')
    const over = Promise.withResolvers<void>()
    const bound = this.context.clock.after(keptTimeMaxMs, () => over.resolve())
    const ended = kept.map((request) => {
      const end = Promise.withResolvers<void>()
      request.whenEnded(() => end.resolve())
      request.detach()
      return end.promise
    })
    await Promise.race([Promise.all(ended), over.promise])
    bound.dispose()
    this.#endSessions()
  }
}

const tooMany = `More than ${outstandingMax} requests are not answered`
