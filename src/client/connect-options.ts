/** What a client is made with, checked and with its defaults. Knows nothing of what is done with it. */

import type { Clock } from '../base/clock.ts'
import type { Encoding } from '../protocol/protocol-limits.ts'
import { defaultBackoff, type BackoffOptions } from './backoff.ts'
import type { TokenProvider } from './token-store.ts'
import type { TypeParser } from './type-parsers.ts'
import type { WebSocketConstructor } from './web-socket.ts'
import { invalidArgument } from './wardian-error.ts'

export interface PoolOptions {
  /**
   * Sockets at most; another one is opened when all are busy. 1 unless given: an instance runs one statement at a
   * time, and one socket carries many requests. More are for instances on a server elsewhere, which runs several.
   */
  readonly max?: number
  /** Requests that wait for room; beyond, they fail with `queue_full`. 10,000 unless given. */
  readonly queueMax?: number
  /** Unanswered requests on one socket; 256 unless given, and never more than the endpoint takes. */
  readonly outstandingMax?: number
  /** A socket that nobody used for so long is closed, unless it is the last; 60,000 unless given. */
  readonly idleTimeoutMs?: number
}

export interface ReconnectOptions extends Partial<BackoffOptions> {
  /** Attempts in a row that may fail before waiting requests do; 8 unless given. */
  readonly attemptsMax?: number
}

export interface ConnectOptions {
  /** Such as `ws://127.0.0.1:5480`; the path is that of the protocol unless given. */
  readonly url: string
  /** A token of the endpoint; one of `token` and `tokenProvider`. */
  readonly token?: string
  /** Answers a token, for each connection and whenever one is about to expire. */
  readonly tokenProvider?: TokenProvider
  /** The name of the instance. */
  readonly tenant: string
  /** What the endpoint shows of this program; up to 64 characters. */
  readonly clientName?: string
  readonly pool?: PoolOptions
  readonly reconnect?: ReconnectOptions
  /** Of every request that has none of its own; none unless given. */
  readonly timeoutMs?: number
  /** For a socket and its hello; 10,000 unless given. */
  readonly connectTimeoutMs?: number
  /** How often a request is sent again whose error says that it may be; 3 unless given. */
  readonly retriesMax?: number
  /** Rows of one result in memory; beyond, it is `result_too_large`: use `stream`. 256 MiB unless given. */
  readonly resultBytesMax?: number
  /** Parsers by type OID, above those of the table. They get the text that Postgres prints. */
  readonly parsers?: Readonly<Record<number, TypeParser>>
  /** `msgpack` (column batches) unless given; `json` can be read in a browser's tools. */
  readonly encoding?: Encoding
  /** For runtimes without one, such as Node 20: that of the package `ws`. */
  readonly webSocket?: WebSocketConstructor
  /** For tests. */
  readonly clock?: Clock
  /** From 0 to below 1; for tests. */
  readonly random?: () => number
}

/** Options with every default. */
export interface Settings {
  readonly max: number
  readonly queueMax: number
  readonly outstandingMax: number
  readonly idleTimeoutMs: number
  readonly backoff: BackoffOptions
  readonly attemptsMax: number
  readonly timeoutMs: number | null
  readonly connectTimeoutMs: number
  readonly retriesMax: number
  readonly resultBytesMax: number
  readonly random: () => number
}

/** Throws `invalid_argument` for numbers that make no sense. */
export function settingsOf(options: ConnectOptions): Settings {
  const { pool = {}, reconnect = {} } = options
  return {
    max: whole('pool.max', pool.max ?? 1, 1),
    queueMax: whole('pool.queueMax', pool.queueMax ?? 10_000, 0),
    outstandingMax: whole('pool.outstandingMax', pool.outstandingMax ?? 256, 1),
    idleTimeoutMs: whole('pool.idleTimeoutMs', pool.idleTimeoutMs ?? 60_000, 1),
    backoff: {
      delayMs: whole('reconnect.delayMs', reconnect.delayMs ?? defaultBackoff.delayMs, 0),
      delayMaxMs: whole('reconnect.delayMaxMs', reconnect.delayMaxMs ?? defaultBackoff.delayMaxMs, 0),
    },
    attemptsMax: whole('reconnect.attemptsMax', reconnect.attemptsMax ?? 8, 1),
    timeoutMs: options.timeoutMs === undefined ? null : whole('timeoutMs', options.timeoutMs, 1),
    connectTimeoutMs: whole('connectTimeoutMs', options.connectTimeoutMs ?? 10_000, 1),
    retriesMax: whole('retriesMax', options.retriesMax ?? 3, 0),
    resultBytesMax: whole('resultBytesMax', options.resultBytesMax ?? 256 << 20, 1),
    random: options.random ?? Math.random,
  }
}

/** The token or its provider; throws unless exactly one is there. */
export function tokenSourceOf({ token, tokenProvider }: ConnectOptions): string | TokenProvider {
  const source = token ?? tokenProvider
  if (source === undefined || (token !== undefined && tokenProvider !== undefined)) {
    throw invalidArgument('connect needs one of token and tokenProvider')
  }
  if (source === '') throw invalidArgument('token is empty')
  return source
}

/** Timers and counters take no more. */
const wholeMax = 2 ** 31 - 1

function whole(name: string, value: number, min: number): number {
  if (Number.isInteger(value) && value >= min && value <= wholeMax) return value
  throw invalidArgument(`${name} must be a whole number from ${min} on`)
}
