/**
 * A client: a pool of connections to one instance, and what can be asked through it. Made by `connect`. Owns everything
 * that it opens, and ends it in `close`.
 */

import { systemClock, type Clock } from '../base/clock.ts'
import type { NativeReaders } from './native-readers.ts'
import { ConnectionPool } from './connection-pool.ts'
import { settingsOf, tokenSourceOf, type ConnectOptions, type Settings } from './connect-options.ts'
import type { Connection } from './connection.ts'
import type { ReceivedFrame } from './envelope-codec.ts'
import type { SchemaDescription } from './introspection.ts'
import { LiveQueries } from './live-queries.ts'
import { greet, openConnection, type ConnectionSource } from './open-connection.ts'
import { Queryable } from './queryable.ts'
import type { QueryOptions } from './query-options.ts'
import { Requester } from './requester.ts'
import type { ReadingContext } from './result-field.ts'
import { Session, type TransactionBody } from './session.ts'
import { SessionLane } from './session-lane.ts'
import type { SqlText } from './sql-text.ts'
import type { Subscription } from './subscription.ts'
import { SubscriptionHub } from './subscription-hub.ts'
import type {
  ChannelEvent,
  GapEvent,
  LiveStatement,
  QueryEvent,
  SubscribeOptions,
} from './subscription-options.ts'
import { TokenStore } from './token-store.ts'
import type { TransactionOptions } from './transaction-text.ts'
import { TypeParsers } from './type-parsers.ts'
import { socketUrl, webSocketOf } from './web-socket.ts'
import { invalidArgument, WardianError } from './wardian-error.ts'

/** Shown by the endpoint unless the program says what it is. */
const clientNameDefault = '@wardian/client'

/** What a client is made of. */
interface ClientParts {
  readonly settings: Settings
  readonly clock: Clock
  readonly source: ConnectionSource
  readonly context: ReadingContext
  readonly pool: ConnectionPool
  readonly requester: Requester
}

/** How many sockets there are, and who waits for one. */
export interface PoolStatus {
  readonly connections: number
  readonly waiting: number
}

export class WardianClient extends Queryable {
  readonly #parts: ClientParts
  readonly #hub: SubscriptionHub
  readonly #live: LiveQueries
  #isClosed = false

  /** Connects; rejects if that is not possible now. */
  static async open(options: ConnectOptions, readers: NativeReaders): Promise<WardianClient> {
    const parts = partsOf(options, readers)
    const client = new WardianClient(parts)
    try {
      // A wrong address or token is told at once, not with the first query.
      await parts.pool.start()
    } catch (error) {
      client.close()
      throw error
    }
    return client
  }

  private constructor(parts: ClientParts) {
    const { requester, context, settings } = parts
    super({ requester, context, resultBytesMax: settings.resultBytesMax })
    this.#parts = parts
    this.#hub = new SubscriptionHub({
      clock: parts.clock,
      settings,
      open: (events, resume) => openConnection(parts.source, events, resume),
      onNotice: noticeHandler(parts.source),
    })
    this.#live = new LiveQueries(this.#hub, context)
  }

  /** Runs `body` with a session of its own, and ends that. */
  async session<T>(body: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.openSession()
    try {
      return await body(session)
    } finally {
      session.close()
    }
  }

  /** A session that lasts until it is closed. It holds a place on its connection, which has 31. */
  async openSession(signal?: AbortSignal): Promise<Session> {
    this.#checkOpen()
    const { pool, settings, clock, context } = this.#parts
    const connection = await pool.hold(signal)
    return new Session({
      lane: new SessionLane(pool, connection, settings.queueMax),
      clock,
      settings,
      context,
    })
  }

  /**
   * Runs `body` in a transaction: committed when it resolves, rolled back when it rejects. With `retriesMax` all of
   * `body` is run again when Postgres says that it may be; otherwise once.
   */
  async transaction<T>(body: TransactionBody<T>, options: TransactionOptions = {}): Promise<T> {
    const { retriesMax = 0, signal } = options
    for (let attempt = 0; ; attempt += 1) {
      const session = await this.openSession(signal)
      try {
        return await session.transaction(body, options)
      } catch (error) {
        if (attempt >= retriesMax || !(error instanceof WardianError) || !error.isRetryable) throw error
      } finally {
        session.close()
      }
    }
  }

  /** What is said on a channel (LISTEN), from when this resolves on. */
  subscribe(channel: string, options?: SubscribeOptions): Promise<Subscription<ChannelEvent | GapEvent>>
  /** A query's result, and then what each commit changes of it. */
  subscribe<Row = Record<string, unknown>>(
    query: SqlText | LiveStatement,
    options?: SubscribeOptions,
  ): Promise<Subscription<QueryEvent<Row>>>
  async subscribe<Row>(
    what: string | SqlText | LiveStatement,
    options: SubscribeOptions = {},
  ): Promise<Subscription<ChannelEvent | GapEvent> | Subscription<QueryEvent<Row>>> {
    this.#checkOpen()
    if (typeof what === 'string') return this.#live.channel(what, options)
    return this.#live.query<Row>(what, options)
  }

  /** A query's whole result, whenever it changes. Rows have no order but that in which they came. */
  async live<Row = Record<string, unknown>>(
    query: SqlText | LiveStatement,
    options: SubscribeOptions = {},
  ): Promise<Subscription<readonly Row[]>> {
    this.#checkOpen()
    return this.#live.rows<Row>(query, options)
  }

  /** Tables, views, columns, keys, indexes, types and functions that the token's role may see. */
  async introspect(
    options: QueryOptions & { readonly schemas?: readonly string[] } = {},
  ): Promise<readonly SchemaDescription[]> {
    const { schemas, ...rest } = options
    const data = await this.#parts.requester.ask('introspect', schemas ? { schemas } : {}, rest)
    return (data as { readonly schemas: readonly SchemaDescription[] }).schemas
  }

  /** The time to the endpoint and back, in milliseconds. */
  async ping(options: QueryOptions = {}): Promise<number> {
    const { clock, requester } = this.#parts
    const startMs = clock.monotonicMs()
    await requester.ask('ping', {}, options)
    return clock.monotonicMs() - startMs
  }

  get pool(): PoolStatus {
    return { connections: this.#parts.pool.size, waiting: this.#parts.pool.waiting }
  }

  /** Ends all connections and forgets the token. What is under way rejects with `closed`. May be called again. */
  close(): void {
    this.#isClosed = true
    this.#hub.close()
    this.#parts.pool.close()
    this.#parts.source.tokens.close()
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new WardianError('closed', 'The client is closed')
  }
}

function partsOf(options: ConnectOptions, { texts, makeFrameCodec }: NativeReaders): ClientParts {
  const settings = settingsOf(options)
  const clock = options.clock ?? systemClock
  if (typeof options.tenant !== 'string' || options.tenant === '')
    throw invalidArgument('connect needs a tenant')
  const source: ConnectionSource = {
    url: socketUrl(options.url),
    webSocket: webSocketOf(options.webSocket),
    encoding: options.encoding ?? 'msgpack',
    makeFrameCodec,
    tenant: options.tenant,
    clientName: options.clientName ?? clientNameDefault,
    tokens: new TokenStore(tokenSourceOf(options), clock),
    clock,
    connectTimeoutMs: settings.connectTimeoutMs,
  }
  const context = { parsers: new TypeParsers(options.parsers), texts }
  const pool = new ConnectionPool({
    settings,
    clock,
    open: (events) => openConnection(source, events),
    onNotice: noticeHandler(source),
    onLost: () => undefined,
  })
  const requester = new Requester({ provider: pool, clock, settings, session: null })
  return { settings, clock, source, context, pool, requester }
}

/** The endpoint says when a token is about to expire; whoever has another one says hello again. */
function noticeHandler(source: ConnectionSource) {
  return (connection: Connection, { envelope }: ReceivedFrame): void => {
    if (envelope.meta.type !== 'auth_expiring' || !source.tokens.isRenewable) return
    renew(source, connection).catch(() => {
      // The connection goes on until the endpoint closes it, which says why.
    })
  }
}

async function renew(source: ConnectionSource, connection: Connection): Promise<void> {
  const token = await source.tokens.get()
  if (connection.isOpen) await greet(connection, source, { token })
}
