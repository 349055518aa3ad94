/**
 * The asking end of a contract: numbers requests, matches answers, validates what goes out and what comes in, and
 * settles everything when the port closes, so that nobody waits for an answer that cannot come. Knows no row of
 * any table and no carrier.
 */

import { onDispose, type Disposable } from '../base/disposable.ts'
import { Emitter, type Event } from '../base/event.ts'
import type {
  CallSpec,
  ChunkOf,
  ContractTable,
  NamesOf,
  ParamsOf,
  PayloadOf,
  ResultOf,
  StreamSpec,
} from '../contract/contract-table.ts'
import { fromWireError, toWireError, WorkbenchError } from '../contract/error.ts'
import { openRequestsMax, streamCreditMax } from '../contract/limits.ts'
import type { Schema } from '../contract/schema.ts'
import { CloseEvent } from './close-event.ts'
import { ClientStream, type ContractStream, type ReceivedChunk } from './client-stream.ts'
import type { Port, PortListener, PortMessage } from './port.ts'
import {
  creditSchema,
  messageHead,
  parseServerMessage,
  type ClientMessage,
  type ServerMessage,
} from './rpc-messages.ts'
import { parseWireError } from './wire-error.ts'

export interface CallOptions {
  /** Aborting it rejects with `cancelled` at once and tells the other side. */
  readonly signal?: AbortSignal | undefined
  /** Raw buffers to send along; they are given away. */
  readonly buffers?: readonly ArrayBuffer[] | undefined
}

export interface StreamOptions extends CallOptions {
  /** Chunks that may be on the way or unread; `streamCreditMax` when not given, at most `streamCreditLimit`. */
  readonly credit?: number | undefined
}

/** A contract as its user sees it. Every failure is a WorkbenchError. */
export interface ContractClient<T extends ContractTable> extends Disposable {
  call<N extends NamesOf<T, 'call'>>(
    name: N,
    params: ParamsOf<T[N]>,
    options?: CallOptions,
  ): Promise<ResultOf<T[N]>>
  /** Like `call`, for rows whose answers bring raw buffers. */
  callWithBuffers<N extends NamesOf<T, 'call'>>(
    name: N,
    params: ParamsOf<T[N]>,
    options?: CallOptions,
  ): Promise<ReceivedChunk<ResultOf<T[N]>>>
  /** Opens a stream at once; what is wrong with the request shows when it is read. */
  stream<N extends NamesOf<T, 'stream'>>(
    name: N,
    params: ParamsOf<T[N]>,
    options?: StreamOptions,
  ): ContractStream<ChunkOf<T[N]>, ResultOf<T[N]>>
  on<N extends NamesOf<T, 'event'>>(name: N, listener: (payload: PayloadOf<T[N]>) => void): Disposable
  /** The port closed; the value says why. Told to late subscribers too. */
  readonly onDidClose: Event<string>
  readonly isClosed: boolean
  /** Closes the port; what is open rejects with `closed`. */
  dispose(): void
}

/** Uses `table` over `port`, whose other end serves it. */
export function connectContract<T extends ContractTable>(table: T, port: Port): ContractClient<T> {
  return new RpcClient(table, port)
}

/** An open request: what to do with its answers. Each of `complete` and `fail` ends it. */
interface Pending {
  readonly spec: CallSpec | StreamSpec
  readonly name: string
  complete(answer: ReceivedChunk<unknown>): void
  fail(error: WorkbenchError): void
  receive(chunk: ReceivedChunk<unknown>): boolean
  release(): void
}

type Outcome = Omit<Pending, 'spec' | 'name' | 'release'>

interface Request {
  readonly name: string
  readonly params: unknown
  readonly options: StreamOptions
}

class RpcClient<T extends ContractTable> implements ContractClient<T>, PortListener {
  readonly #table: T
  readonly #port: Port
  readonly #pending = new Map<number, Pending>()
  readonly #events = new Map<string, Emitter<unknown>>()
  readonly #didClose = new CloseEvent()
  readonly onDidClose = this.#didClose.event
  #lastId = 0
  #closed: WorkbenchError | null = null
  #isDisposed = false

  constructor(table: T, port: Port) {
    this.#table = table
    this.#port = port
    port.listen(this)
  }

  get isClosed(): boolean {
    return this.#closed !== null
  }

  async call<N extends NamesOf<T, 'call'>>(
    name: N,
    params: ParamsOf<T[N]>,
    options: CallOptions = {},
  ): Promise<ResultOf<T[N]>> {
    return (await this.callWithBuffers(name, params, options)).value
  }

  async callWithBuffers<N extends NamesOf<T, 'call'>>(
    name: N,
    params: ParamsOf<T[N]>,
    options: CallOptions = {},
  ): Promise<ReceivedChunk<ResultOf<T[N]>>> {
    const { promise, resolve, reject } = Promise.withResolvers<ReceivedChunk<unknown>>()
    this.#start(
      'call',
      { name, params, options },
      {
        complete: resolve,
        fail: reject,
        receive: () => false,
      },
    )
    return (await promise) as ReceivedChunk<ResultOf<T[N]>>
  }

  stream<N extends NamesOf<T, 'stream'>>(
    name: N,
    params: ParamsOf<T[N]>,
    options: StreamOptions = {},
  ): ContractStream<ChunkOf<T[N]>, ResultOf<T[N]>> {
    let id = 0
    const stream = new ClientStream<unknown, unknown>(options.credit ?? streamCreditMax, {
      grant: (count) => this.#tell({ kind: 'credit', id, count }),
      cancel: (error) => this.#cancel(id, error),
    })
    id = this.#start(
      'stream',
      { name, params, options },
      {
        complete: ({ value }) => stream.complete(value),
        fail: (error) => stream.fail(error),
        receive: (chunk) => stream.receive(chunk),
      },
    )
    return stream as ContractStream<ChunkOf<T[N]>, ResultOf<T[N]>>
  }

  on<N extends NamesOf<T, 'event'>>(name: N, listener: (payload: PayloadOf<T[N]>) => void): Disposable {
    const emitter = this.#events.get(name) ?? new Emitter<unknown>()
    this.#events.set(name, emitter)
    return emitter.event(listener as (payload: unknown) => void)
  }

  dispose(): void {
    this.#isDisposed = true
    this.#port.dispose()
  }

  onMessage({ head, buffers }: PortMessage): void {
    let message: ServerMessage
    try {
      message = parseServerMessage(head)
    } catch (error) {
      return this.#port.close(`The serving side broke the protocol: ${toWireError(error).message}`)
    }
    if (message.kind === 'event') return this.#announce(message.name, message.payload)
    if (message.id > this.#lastId)
      return this.#port.close('The serving side broke the protocol: unknown request id')
    // A request that is over is unknown here: its cancellation and this message crossed on the way.
    const pending = this.#pending.get(message.id)
    if (pending) this.#answer(pending, message, buffers)
  }

  onClose(reason: string): void {
    this.#closed = this.#isDisposed
      ? new WorkbenchError('closed', 'The connection was closed')
      : new WorkbenchError('disconnected', `The connection was lost: ${reason}`)
    for (const id of [...this.#pending.keys()]) this.#take(id)?.fail(this.#closed)
    guard(() => this.#didClose.fire(reason))
    for (const emitter of this.#events.values()) emitter.dispose()
  }

  /** Sends a request and answers its id; when that fails, `outcome` is told. */
  #start(kind: 'call' | 'stream', request: Request, outcome: Outcome): number {
    const { signal, buffers = [], credit = streamCreditMax } = request.options
    const id = ++this.#lastId
    try {
      const spec = this.#admit(kind, request)
      const params = spec.params.parse(request.params, 'params')
      const { name } = request
      const head: ClientMessage =
        kind === 'call' ? { kind, id, name, params } : { kind, id, name, params, credit }
      // Registered first: posting may close the port, which must then fail this request too.
      this.#pending.set(id, { ...outcome, spec, name, release: this.#watch(id, signal) })
      this.#port.post({ head: messageHead(head), buffers })
    } catch (error) {
      this.#take(id)
      outcome.fail(asWorkbenchError(error))
    }
    return id
  }

  #admit(kind: 'call' | 'stream', { name, options }: Request): CallSpec | StreamSpec {
    creditSchema.parse(options.credit ?? streamCreditMax, 'credit')
    if (this.#closed) throw new WorkbenchError(this.#closed.code, this.#closed.message)
    if (options.signal?.aborted) throw cancelled(options.signal)
    const spec = Object.hasOwn(this.#table, name) ? this.#table[name] : undefined
    if (spec?.kind !== kind) throw new WorkbenchError('invalid-argument', `There is no ${kind} named ${name}`)
    if (this.#pending.size < openRequestsMax) return spec
    throw new WorkbenchError('limit-exceeded', `At most ${openRequestsMax} requests may be open at once`)
  }

  /** Counts the request as open and follows its signal, until the returned function is called. */
  #watch(id: number, signal: AbortSignal | undefined): () => void {
    const onAbort = (): void => {
      if (signal) this.#cancel(id, cancelled(signal))
    }
    signal?.addEventListener('abort', onAbort)
    const tracking = onDispose('rpc-client-request', () => signal?.removeEventListener('abort', onAbort))
    return () => tracking.dispose()
  }

  #cancel(id: number, error: WorkbenchError): void {
    const pending = this.#take(id)
    if (!pending) return
    this.#tell({ kind: 'cancel', id })
    pending.fail(error)
  }

  #tell(message: ClientMessage): void {
    this.#port.post({ head: messageHead(message), buffers: [] })
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    pending?.release()
    return pending
  }

  #answer(
    pending: Pending,
    message: Exclude<ServerMessage, { kind: 'event' }>,
    buffers: readonly ArrayBuffer[],
  ): void {
    try {
      this.#deliver(pending, message, buffers)
    } catch (error) {
      this.#cancel(message.id, asWorkbenchError(error))
    }
  }

  #deliver(
    { spec, name, receive }: Pending,
    message: Exclude<ServerMessage, { kind: 'event' }>,
    buffers: readonly ArrayBuffer[],
  ): void {
    if (message.kind === 'error') {
      const error = fromWireError(parseWireError(message.error))
      this.#take(message.id)?.fail(error)
      return
    }
    if (buffers.length > spec.buffersMax) {
      throw new WorkbenchError(
        'invalid-message',
        `The answer of ${name} has more than ${spec.buffersMax} buffers`,
      )
    }
    if (message.kind === 'result') {
      const value = checkIncoming(spec.result, message.value, name)
      this.#take(message.id)?.complete({ value, buffers })
      return
    }
    if (spec.kind !== 'stream')
      throw new WorkbenchError('invalid-message', `The answer of ${name} is a stream`)
    const value = checkIncoming(spec.chunk, message.value, name)
    if (!receive({ value, buffers }))
      throw new WorkbenchError('invalid-message', `${name} went over its credit`)
  }

  #announce(name: string, payload: unknown): void {
    const spec = Object.hasOwn(this.#table, name) ? this.#table[name] : undefined
    // A newer host may announce what this side has not heard of.
    if (spec?.kind !== 'event') return
    let value: unknown
    try {
      value = checkIncoming(spec.payload, payload, name)
    } catch (error) {
      return this.#port.close(toWireError(error).message)
    }
    guard(() => this.#events.get(name)?.fire(value))
  }
}

function checkIncoming(schema: Schema<unknown>, value: unknown, name: string): unknown {
  try {
    return schema.parse(value, name)
  } catch (error) {
    throw new WorkbenchError(
      'invalid-message',
      `The serving side broke the contract: ${toWireError(error).message}`,
      {
        cause: error,
      },
    )
  }
}

function cancelled(signal: AbortSignal): WorkbenchError {
  return new WorkbenchError('cancelled', 'The request was cancelled', { cause: signal.reason })
}

function asWorkbenchError(error: unknown): WorkbenchError {
  if (error instanceof WorkbenchError) return error
  return new WorkbenchError('internal', toWireError(error).message, { cause: error })
}

/** A listener that throws is a defect of its own: it surfaces as one, and the connection goes on. */
function guard(announce: () => void): void {
  try {
    announce()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
