/**
 * All subscriptions of a client, on a connection of their own: large results do not hold up events there. When it is
 * lost another one takes them up where they were, or begins them again where that cannot be. Knows no event's meaning.
 */

import type { Clock } from '../base/clock.ts'
import type { ResultColumn } from '../protocol/answer-frame.ts'
import type { EnvelopeError } from '../protocol/envelope-error.ts'
import { backoffMs } from './backoff.ts'
import type { Settings } from './connect-options.ts'
import type { AnswerListener, Connection, ConnectionEvents } from './connection.ts'
import type { ReceivedFrame } from './envelope-codec.ts'
import type { HelloAnswer, ResumeEntry } from './open-connection.ts'
import { wait } from './wait.ts'
import { answeredError, WardianError } from './wardian-error.ts'

/** One subscription as the hub sees it. */
export interface HubEntry {
  readonly tenant: string | undefined
  /** `data` of `subscribe`, without the name. */
  readonly data: Readonly<Record<string, unknown>>
  /** Its columns are known; called before its first event, and again when it begins anew. */
  onBegin(columns: readonly ResultColumn[], isFirst: boolean): void
  onEvent(data: unknown): void
  onEnd(error: unknown): void
}

interface Watched {
  readonly name: string
  readonly entry: HubEntry
  lastEventId: number
  /** The socket that it was begun on or taken up by; null before. */
  socketId: string | null
  isBeginning: boolean
  began?: (error: unknown) => void
}

export interface HubParts {
  readonly clock: Clock
  readonly settings: Settings
  open(events: ConnectionEvents, resume: readonly ResumeEntry[]): Promise<Connection>
  onNotice: ConnectionEvents['onNotice']
}

export class SubscriptionHub {
  readonly #parts: HubParts
  readonly #watched = new Map<string, Watched>()
  readonly #stop = new AbortController()
  #connection: Connection | null = null
  #isConnecting = false
  #nextName = 1

  constructor(parts: HubParts) {
    this.#parts = parts
  }

  /** Resolves when it has begun, with what ends it. */
  subscribe(entry: HubEntry): Promise<() => void> {
    const name = `w${this.#nextName++}`
    const watched: Watched = { name, entry, lastEventId: 0, socketId: null, isBeginning: false }
    this.#watched.set(name, watched)
    return new Promise((resolve, reject) => {
      watched.began = (error) => {
        delete watched.began
        if (error === null) resolve(() => this.#unsubscribe(watched))
        else reject(error)
      }
      if (this.#connection) this.#begin(watched, this.#connection)
      else void this.#connect()
    })
  }

  close(): void {
    this.#stop.abort(new WardianError('closed', 'The client is closed'))
    this.#connection?.close()
    this.#endAll(null)
  }

  async #connect(): Promise<void> {
    if (this.#isConnecting) return
    this.#isConnecting = true
    try {
      const connection = await this.#open()
      this.#connection = connection
      connection.holders += 1
      const { resumed = [], socket_id: socketId = '' } = connection.hello as Partial<HelloAnswer>
      for (const watched of [...this.#watched.values()]) {
        if (watched.socketId !== null && resumed.includes(watched.name)) watched.socketId = socketId
        else this.#begin(watched, connection)
      }
      if (this.#watched.size === 0) this.#letGo()
    } catch (error) {
      this.#endAll(error)
    } finally {
      this.#isConnecting = false
    }
  }

  /** As long as anything that had begun waits for it, there is no last attempt. */
  async #open(): Promise<Connection> {
    const { clock, settings, open } = this.#parts
    const events: ConnectionEvents = {
      onNotice: (connection, frame) => this.#receive(connection, frame),
      onRoom: () => undefined,
      onEnd: (connection) => this.#onLost(connection),
    }
    for (let attempt = 1; ; attempt += 1) {
      this.#stop.signal.throwIfAborted()
      try {
        return await open(events, this.#resumeEntries())
      } catch (error) {
        const isLasting =
          error instanceof WardianError && !error.isRetryable && error.code !== 'connection_lost'
        const hasBegun = [...this.#watched.values()].some(({ socketId }) => socketId !== null)
        if (isLasting || (!hasBegun && attempt >= settings.attemptsMax)) throw error
      }
      await wait(clock, backoffMs(attempt, settings.backoff, settings.random), this.#stop.signal)
    }
  }

  #resumeEntries(): ResumeEntry[] {
    return [...this.#watched.values()].flatMap(({ name, lastEventId, socketId }) =>
      socketId === null ? [] : [{ subscription: name, last_event_id: lastEventId, socket_id: socketId }],
    )
  }

  /** At once and in order: its first events may come in the same message as the answer. */
  #begin(watched: Watched, connection: Connection): void {
    if (watched.isBeginning) return
    const { entry, name } = watched
    const isFirst = watched.socketId === null
    watched.isBeginning = true
    const fail = (error: unknown): void => {
      watched.isBeginning = false
      // A lost connection begins it again; before it has begun, its caller is told.
      if (connection.isOpen || isFirst) this.#end(watched, error)
    }
    const data = { subscription: name, ...entry.data }
    const listener: AnswerListener = {
      onRows: () => undefined,
      onLost: fail,
      onEnd: ({ envelope }) => {
        if (envelope.meta.type === 'error') return fail(answeredError(envelope.error))
        const { columns = [], event_id: eventId = 0 } = envelope.data as Partial<SubscribeAnswer>
        watched.isBeginning = false
        watched.lastEventId = eventId
        watched.socketId = connection.hello.socket_id ?? ''
        entry.onBegin(columns, isFirst)
        watched.began?.(null)
      },
    }
    try {
      connection.request({ type: 'subscribe', tenant: entry.tenant, data }, listener)
    } catch (error) {
      fail(error)
    }
  }

  #receive(connection: Connection, frame: ReceivedFrame): void {
    const { meta, data } = frame.envelope
    const watched = meta.subscription === undefined ? undefined : this.#watched.get(meta.subscription)
    if (meta.type !== 'event') this.#parts.onNotice(connection, frame)
    if (meta.type !== 'event' || !watched) return
    const { kind, error } = (data ?? {}) as { readonly kind?: unknown; readonly error?: EnvelopeError }
    if (kind === 'error') return this.#end(watched, answeredError(error))
    if (kind === 'must_refetch') return this.#begin(watched, connection)
    // What was sent again, because the endpoint could not know that it had come.
    if (meta.event_id !== undefined && meta.event_id <= watched.lastEventId) return
    watched.lastEventId = meta.event_id ?? watched.lastEventId
    watched.entry.onEvent(data)
  }

  #onLost(connection: Connection): void {
    if (this.#connection !== connection) return
    this.#connection = null
    if (this.#watched.size > 0 && !this.#stop.signal.aborted) void this.#connect()
  }

  #unsubscribe(watched: Watched): void {
    if (!this.#watched.delete(watched.name)) return
    const connection = this.#connection
    if (connection?.isOpen) {
      // It may have ended by itself meanwhile.
      connection.ask({ type: 'unsubscribe', data: { subscription: watched.name } }).catch(() => undefined)
    }
    if (this.#watched.size === 0) this.#letGo()
  }

  /** The last subscription is gone. */
  #letGo(): void {
    const connection = this.#connection
    this.#connection = null
    connection?.close()
  }

  #end(watched: Watched, error: unknown): void {
    this.#watched.delete(watched.name)
    if (watched.began) watched.began(error)
    else watched.entry.onEnd(error)
    if (this.#watched.size === 0) this.#letGo()
  }

  #endAll(error: unknown): void {
    for (const watched of [...this.#watched.values()]) this.#end(watched, error)
  }
}

interface SubscribeAnswer {
  readonly columns: readonly ResultColumn[]
  readonly event_id: number
}
