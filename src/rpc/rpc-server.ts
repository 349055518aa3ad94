/**
 * The serving end of a contract: validates what comes in and what goes out, runs handlers, and bounds how much
 * one client can ask for at once. Knows no row of any table and no carrier.
 *
 * A request that breaks the contract is answered with an error; a message that breaks the protocol itself ends
 * the port with a reason, since nothing that follows it could be trusted.
 */

import { systemClock, type Clock } from '../base/clock.ts'
import type { Disposable } from '../base/disposable.ts'
import type { Event } from '../base/event.ts'
import type { CallSpec, ContractTable, NamesOf, PayloadOf, StreamSpec } from '../contract/contract-table.ts'
import { toWireError, WorkbenchError } from '../contract/error.ts'
import { openRequestsMax } from '../contract/limits.ts'
import type { Schema } from '../contract/schema.ts'
import { CloseEvent } from './close-event.ts'
import { Reply, type Connection, type HandlerContext, type Handlers, type StreamChunk } from './handlers.ts'
import type { Port, PortListener, PortMessage } from './port.ts'
import { messageHead, parseClientMessage, type ClientMessage, type ServerMessage } from './rpc-messages.ts'
import { ServerRequest } from './server-request.ts'

export interface ServeOptions<T extends ContractTable> {
  readonly handlers: Handlers<T>
  /** Told of every error that is a defect of the product, with the name of the call or stream; log it. */
  readonly onDefect?: (error: unknown, name: string) => void
  readonly clock?: Clock
}

/** A contract being served to one client. */
export interface ContractServer<T extends ContractTable> extends Disposable {
  /** The same object that handlers get. */
  readonly connection: Connection
  /** Calls and streams whose handlers have not ended. */
  readonly openRequestCount: number
  /** Announces to this client; dropped when it is gone. */
  emit<N extends NamesOf<T, 'event'>>(name: N, payload: PayloadOf<T[N]>): void
  /**
   * Refuses new requests, gives open ones `graceMs` to end, aborts the rest, closes the port, and resolves when
   * every handler has ended.
   */
  shutdown(graceMs: number): Promise<void>
  /** Closes the port, which aborts every open request. */
  dispose(): void
}

/** Serves `table` over `port`, from now until either side closes. */
export function serveContract<T extends ContractTable>(
  table: T,
  port: Port,
  options: ServeOptions<T>,
): ContractServer<T> {
  return new RpcServer(table, port, options)
}

type CallHandler = (params: unknown, context: HandlerContext) => Promise<unknown>
type StreamHandler = (
  params: unknown,
  context: HandlerContext,
) => AsyncGenerator<StreamChunk<unknown>, unknown, void>
type OpenMessage = Extract<ClientMessage, { kind: 'call' | 'stream' }>

class RpcServer<T extends ContractTable> implements ContractServer<T>, PortListener {
  readonly #table: T
  readonly #port: Port
  readonly #handlers: Handlers<T>
  readonly #onDefect: (error: unknown, name: string) => void
  readonly #clock: Clock
  readonly #open = new Map<number, ServerRequest>()
  readonly #didClose = new CloseEvent()
  readonly connection: Connection
  readonly #idleWaiters: (() => void)[] = []
  #lastTurn: Promise<void> = Promise.resolve()
  #lastId = 0
  #isDraining = false

  constructor(table: T, port: Port, options: ServeOptions<T>) {
    this.#table = table
    this.#port = port
    this.#handlers = options.handlers
    this.#onDefect = options.onDefect ?? (() => undefined)
    this.#clock = options.clock ?? systemClock
    this.connection = new ServedConnection(this.#didClose)
    port.listen(this)
  }

  get openRequestCount(): number {
    return this.#open.size
  }

  emit<N extends NamesOf<T, 'event'>>(name: N, payload: PayloadOf<T[N]>): void {
    if (this.#didClose.hasFired) return
    const spec = this.#table[name]
    if (spec?.kind !== 'event') throw new WorkbenchError('internal', `The contract has no event ${name}`)
    this.#send({ kind: 'event', name, payload: checkOutgoing(spec.payload, payload, name) })
  }

  async shutdown(graceMs: number): Promise<void> {
    this.#isDraining = true
    const deadline = this.#clock.after(graceMs, () => this.dispose())
    await this.#idle()
    deadline.dispose()
    this.dispose()
  }

  dispose(): void {
    this.#port.dispose()
  }

  onMessage(message: PortMessage): void {
    let parsed: ClientMessage
    try {
      parsed = parseClientMessage(message.head)
    } catch (error) {
      return this.#port.close(`The client broke the protocol: ${toWireError(error).message}`)
    }
    if (parsed.kind === 'call' || parsed.kind === 'stream') return this.#admit(parsed, message.buffers)
    if (parsed.id > this.#lastId) return this.#port.close('The client broke the protocol: unknown request id')
    // A request that is over is unknown here: its end and this message crossed on the way.
    const request = this.#open.get(parsed.id)
    if (parsed.kind === 'cancel') {
      request?.abort(new WorkbenchError('cancelled', 'The client cancelled the request'))
    } else if (request && !request.grant(parsed.count)) {
      this.#port.close('The client broke the protocol: too much credit')
    }
  }

  onClose(reason: string): void {
    this.#isDraining = true
    const gone = new WorkbenchError('disconnected', `The client is gone: ${reason}`)
    try {
      this.#didClose.fire(reason)
    } catch (error) {
      this.#onDefect(error, 'onDidClose')
    }
    for (const request of this.#open.values()) request.abort(gone)
  }

  #admit(message: OpenMessage, buffers: readonly ArrayBuffer[]): void {
    if (message.id <= this.#lastId) return this.#port.close('The client broke the protocol: id used before')
    this.#lastId = message.id
    const { id, name } = message
    const request = new ServerRequest({ id, name, credit: message.kind === 'stream' ? message.credit : 0 })
    const context = { signal: request.signal, buffers, connection: this.connection }
    void this.#run(request, () => this.#dispatch(message, request, context))
  }

  /** Runs `work` with `request` open; nothing that it throws gets past here. */
  async #run(request: ServerRequest, work: () => Promise<void>): Promise<void> {
    try {
      this.#checkRoom()
      this.#open.set(request.id, request)
      // Whoever serves has finished its turn, and thus its own setting up, before a handler of it runs.
      await Promise.resolve()
      if (!request.signal.aborted) await work()
    } catch (error) {
      this.#answerError(request, error)
    } finally {
      request.dispose()
      this.#open.delete(request.id)
      if (this.#open.size === 0) for (const resolve of this.#idleWaiters.splice(0)) resolve()
    }
  }

  #checkRoom(): void {
    if (this.#isDraining) throw new WorkbenchError('closed', 'Wardian is shutting down; start it again')
    if (this.#open.size < openRequestsMax) return
    throw new WorkbenchError('limit-exceeded', `At most ${openRequestsMax} requests may be open at once`)
  }

  #dispatch(message: OpenMessage, request: ServerRequest, context: HandlerContext): Promise<void> {
    const spec = Object.hasOwn(this.#table, message.name) ? this.#table[message.name] : undefined
    if (!spec || spec.kind !== message.kind) {
      throw new WorkbenchError('invalid-argument', `There is no ${message.kind} named ${message.name}`)
    }
    if (context.buffers.length > spec.buffersMax) {
      throw new WorkbenchError('invalid-argument', `${message.name} takes at most ${spec.buffersMax} buffers`)
    }
    const params = spec.params.parse(message.params, 'params')
    const handler: unknown = Reflect.get(this.#handlers, message.name)
    if (spec.kind === 'call') {
      return this.#runCall(spec, request, () =>
        (handler as CallHandler).call(this.#handlers, params, context),
      )
    }
    return this.#runStream(spec, request, (handler as StreamHandler).call(this.#handlers, params, context))
  }

  async #runCall(spec: CallSpec, request: ServerRequest, work: () => Promise<unknown>): Promise<void> {
    const answer = await work()
    const { value, buffers } = answer instanceof Reply ? answer : new Reply(answer, [])
    checkBufferCount(buffers, spec.buffersMax, request.name)
    this.#answer(request, checkOutgoing(spec.result, value, request.name), buffers)
  }

  async #runStream(
    spec: StreamSpec,
    request: ServerRequest,
    chunks: AsyncGenerator<StreamChunk<unknown>, unknown, void>,
  ): Promise<void> {
    try {
      while (await this.#hasRoom(request)) {
        const next = await chunks.next()
        if (next.done) {
          this.#answer(request, checkOutgoing(spec.result, next.value, request.name))
          return
        }
        await this.#sendChunk(spec, request, next.value)
      }
    } finally {
      await chunks.return(undefined)
    }
  }

  async #sendChunk(spec: StreamSpec, request: ServerRequest, chunk: StreamChunk<unknown>): Promise<void> {
    const { buffers = [] } = chunk
    checkBufferCount(buffers, spec.buffersMax, request.name)
    const value = checkOutgoing(spec.chunk, chunk.value, request.name)
    await this.#postInTurn(() => {
      if (request.signal.aborted) return
      request.spend()
      this.#send({ kind: 'chunk', id: request.id, value }, buffers)
    })
  }

  #answer(request: ServerRequest, value: unknown, buffers: readonly ArrayBuffer[] = []): void {
    if (!request.signal.aborted) this.#send({ kind: 'result', id: request.id, value }, buffers)
  }

  /** Resolves when a chunk may be made; false when the request is aborted. */
  async #hasRoom(request: ServerRequest): Promise<boolean> {
    await request.room()
    if (!request.signal.aborted) await this.#port.drained()
    return !request.signal.aborted
  }

  /**
   * Posts once the port has drained, one chunk at a time: many streams that wait for the same slow reader would
   * otherwise all post in the moment in which it has caught up.
   */
  async #postInTurn(post: () => void): Promise<void> {
    const before = this.#lastTurn
    const turn = Promise.withResolvers<void>()
    this.#lastTurn = turn.promise
    try {
      await before
      await this.#port.drained()
      post()
    } finally {
      turn.resolve()
    }
  }

  #answerError(request: ServerRequest, error: unknown): void {
    const wire = toWireError(error)
    if (wire.code === 'internal') this.#onDefect(error, request.name)
    if (request.signal.aborted || this.#didClose.hasFired) return
    try {
      this.#send({ kind: 'error', id: request.id, error: wire })
    } catch (failure) {
      // The error itself was too large to send: say so, in few words.
      this.#send({ kind: 'error', id: request.id, error: toWireError(failure) })
    }
  }

  #send(message: ServerMessage, buffers: readonly ArrayBuffer[] = []): void {
    this.#port.post({ head: messageHead(message), buffers })
  }

  #idle(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idleWaiters.push(resolve))
  }
}

class ServedConnection implements Connection {
  readonly onDidClose: Event<string>
  readonly #didClose: CloseEvent

  constructor(didClose: CloseEvent) {
    this.onDidClose = didClose.event
    this.#didClose = didClose
  }

  get isClosed(): boolean {
    return this.#didClose.hasFired
  }
}

/** What a handler answers against its own contract is a defect of the product, not of the client. */
function checkOutgoing(schema: Schema<unknown>, value: unknown, name: string): unknown {
  try {
    return schema.parse(value, name)
  } catch (error) {
    throw new WorkbenchError('internal', `The answer breaks the contract: ${toWireError(error).message}`, {
      cause: error,
    })
  }
}

function checkBufferCount(buffers: readonly ArrayBuffer[], buffersMax: number, name: string): void {
  if (buffers.length <= buffersMax) return
  throw new WorkbenchError('internal', `The answer of ${name} has more than ${buffersMax} buffers`)
}
