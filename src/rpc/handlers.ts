/**
 * What whoever serves a contract has to provide: one handler for each call and stream, typed from the table.
 * No behaviour besides the two forms of an answer.
 */

import type { Event } from '../base/event.ts'
import type { ChunkOf, ContractTable, NamesOf, ParamsOf, ResultOf } from '../contract/contract-table.ts'

/** One client of a served contract. Compare by identity, or use as the key of a WeakMap. */
export interface Connection {
  /** The client is gone; the value says why. Told once, before the handlers' signals abort; to late ones too. */
  readonly onDidClose: Event<string>
  readonly isClosed: boolean
}

/** What a handler gets besides the parameters. */
export interface HandlerContext {
  /** Aborts when the client cancels or is gone. Whatever is answered afterwards is dropped. */
  readonly signal: AbortSignal
  /** The raw buffers that came with the request; at most `buffersMax` of its row. */
  readonly buffers: readonly ArrayBuffer[]
  readonly connection: Connection
}

/** An answer with raw buffers beside it, which are given away. */
export class Reply<R> {
  readonly value: R
  readonly buffers: readonly ArrayBuffer[]

  constructor(value: R, buffers: readonly ArrayBuffer[]) {
    this.value = value
    this.buffers = buffers
  }
}

/** One piece of a stream; its buffers are given away. */
export interface StreamChunk<C> {
  readonly value: C
  readonly buffers?: readonly ArrayBuffer[]
}

/**
 * The handlers of a contract. A stream's generator is asked for a chunk only when the client has room for it
 * and the port has drained; it is returned early when the client turns away.
 */
export type Handlers<T extends ContractTable> = {
  readonly [N in NamesOf<T, 'call'>]: (
    params: ParamsOf<T[N]>,
    context: HandlerContext,
  ) => Promise<ResultOf<T[N]> | Reply<ResultOf<T[N]>>>
} & {
  readonly [N in NamesOf<T, 'stream'>]: (
    params: ParamsOf<T[N]>,
    context: HandlerContext,
  ) => AsyncGenerator<StreamChunk<ChunkOf<T[N]>>, ResultOf<T[N]>, void>
}
