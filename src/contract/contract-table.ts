/**
 * The form of a contract: a table whose rows are calls, streams and events, as data. The rpc layer moves any
 * table of this form; clients, handlers and validators derive their types from it. Knows no row of any table.
 */

import type { Infer, Schema } from './schema.ts'

/** One question, one answer. `buffersMax` bounds the raw buffers that may travel beside the parameters. */
export interface CallSpec<P = unknown, R = unknown> {
  readonly kind: 'call'
  readonly params: Schema<P>
  readonly result: Schema<R>
  readonly buffersMax: number
}

/** One question, chunks under credit, one result at the end. Chunks may carry raw buffers. */
export interface StreamSpec<P = unknown, C = unknown, R = unknown> {
  readonly kind: 'stream'
  readonly params: Schema<P>
  readonly chunk: Schema<C>
  readonly result: Schema<R>
  readonly buffersMax: number
}

/** An announcement from the serving side to every client. */
export interface EventSpec<T = unknown> {
  readonly kind: 'event'
  readonly payload: Schema<T>
}

export type ContractTable = Readonly<Record<string, CallSpec | StreamSpec | EventSpec>>

export function call<P, R>(spec: {
  params: Schema<P>
  result: Schema<R>
  buffersMax?: number
}): CallSpec<P, R> {
  return { kind: 'call', params: spec.params, result: spec.result, buffersMax: spec.buffersMax ?? 0 }
}

export function stream<P, C, R>(spec: {
  params: Schema<P>
  chunk: Schema<C>
  result: Schema<R>
  buffersMax?: number
}): StreamSpec<P, C, R> {
  const { params, chunk, result, buffersMax = 0 } = spec
  return { kind: 'stream', params, chunk, result, buffersMax }
}

export function event<T>(payload: Schema<T>): EventSpec<T> {
  return { kind: 'event', payload }
}

/** The names of all rows of one kind. */
export type NamesOf<T extends ContractTable, K extends 'call' | 'stream' | 'event'> = {
  [N in keyof T & string]: T[N] extends { kind: K } ? N : never
}[keyof T & string]

export type ParamsOf<S> = S extends { params: infer P } ? Infer<P> : never
export type ResultOf<S> = S extends { result: infer R } ? Infer<R> : never
export type ChunkOf<S> = S extends { chunk: infer C } ? Infer<C> : never
export type PayloadOf<S> = S extends { payload: infer P } ? Infer<P> : never
