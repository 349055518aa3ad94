/**
 * What follows one instance for one client: queries, and channels, in a session of its own with the client's role. The
 * session begins when it is first used. Knows no frame, and not when queries are run.
 */

import { onDispose, type Disposable } from '../../base/disposable.ts'
import { noSqlErrorFields, WorkbenchError } from '../../contract/error.ts'
import { textQuery } from '../cache/text-query.ts'
import type {
  ChannelListener,
  LiveListener,
  LiveQueryHandle,
  LiveQueryText,
  LiveReader,
} from '../endpoints/live-reader.ts'
import type { Engine, EngineSessionOptions, StatementSession } from '../engine/engine.ts'
import { BackendSession } from '../session/backend-session.ts'
import type { FollowedQuery } from './followed-query.ts'
import type { LiveQueries } from './live-queries.ts'
import type { LiveTurns } from './live-turns.ts'

export interface InstanceFollowerOptions {
  readonly session: EngineSessionOptions
  readonly queries: LiveQueries
  readonly liveTurns: LiveTurns
  onEnded(follower: InstanceFollower): void
}

export class InstanceFollower implements LiveReader {
  readonly #options: InstanceFollowerOptions
  readonly #backend: BackendSession
  readonly #queries = new Set<FollowedQuery>()
  readonly #channels = new Map<string, Set<ChannelListener>>()
  readonly #over = new AbortController()
  readonly #tracking: Disposable
  #heard: { readonly session: StatementSession; readonly subscription: Disposable } | null = null

  constructor(options: InstanceFollowerOptions) {
    this.#options = options
    this.#backend = new BackendSession(options.session, {
      onSignal: (signal) => (signal === 'terminate' ? this.#end(wasTerminated()) : this.#cancelQueries()),
      onEnd: (error) => this.#end(error),
    })
    this.#tracking = onDispose('live-reader', () => {
      this.#over.abort()
      for (const query of [...this.#queries]) query.dispose()
      this.#channels.clear()
      this.#heard?.subscription.dispose()
      this.#backend.dispose()
      options.onEnded(this)
    })
  }

  follow(text: LiveQueryText, listener: LiveListener): LiveQueryHandle {
    const query = this.#options.queries.follow({
      text,
      session: (engine) => this.#on(engine),
      listener: {
        onResult: (columns, rows) => listener.onResult(columns, rows),
        onDifference: (difference) => listener.onDifference(difference),
        onEnd: (error) => {
          this.#queries.delete(query)
          listener.onEnd(error)
        },
      },
    })
    this.#queries.add(query)
    return {
      hold: (isHeld) => query.hold(isHeld),
      dispose: () => {
        this.#queries.delete(query)
        query.dispose()
      },
    }
  }

  async listen(channel: string, listener: ChannelListener, signal: AbortSignal): Promise<Disposable> {
    const both = AbortSignal.any([signal, this.#over.signal])
    await this.#options.liveTurns.run(both, async (engine) => {
      const isFirst = !this.#channels.has(channel)
      if (isFirst) await textQuery(await this.#on(engine), `listen ${quoted(channel)}`)
      const listeners = this.#channels.get(channel) ?? new Set()
      this.#channels.set(channel, listeners.add(listener))
    })
    return { dispose: () => this.#leave(channel, listener) }
  }

  /** The engine has ended: what is notified until the next one runs is not heard. */
  noteLostEngine(): void {
    const error = new WorkbenchError('engine-crashed', 'The engine has ended, and does not listen any more')
    for (const [channel, listeners] of [...this.#channels]) {
      this.#channels.delete(channel)
      for (const listener of listeners) listener.onEnd(error)
    }
  }

  dispose(): void {
    this.#tracking.dispose()
  }

  async #on(engine: Engine): Promise<StatementSession> {
    const session = await this.#backend.on(engine)
    if (this.#heard?.session !== session && !this.#over.signal.aborted) {
      this.#heard?.subscription.dispose()
      const subscription = session.onDidNotify(({ channel, payload, processId }) => {
        for (const listener of this.#channels.get(channel) ?? []) {
          listener.onNotification({ payload, processId })
        }
      })
      this.#heard = { session, subscription }
    }
    return session
  }

  #leave(channel: string, listener: ChannelListener): void {
    const listeners = this.#channels.get(channel)
    if (!listeners?.delete(listener) || listeners.size > 0 || this.#over.signal.aborted) return
    const { liveTurns } = this.#options
    const unlisten = async (engine: Engine): Promise<void> => {
      // Somebody may have come meanwhile.
      if (this.#channels.get(channel) !== listeners || listeners.size > 0) return
      this.#channels.delete(channel)
      await textQuery(await this.#on(engine), `unlisten ${quoted(channel)}`)
    }
    // A channel that is still listened to costs next to nothing, and ends with the session.
    liveTurns.run(this.#over.signal, unlisten).catch(() => undefined)
  }

  #cancelQueries(): void {
    for (const query of this.#queries) query.cancel()
  }

  #end(error: WorkbenchError): void {
    const listeners = [...this.#channels.values()].flatMap((some) => [...some])
    this.#channels.clear()
    for (const query of [...this.#queries]) query.end(error)
    for (const listener of listeners) listener.onEnd(error)
    this.#backend.restart()
  }
}

/** A name of up to 63 bytes; Postgres refuses a longer one. */
function quoted(channel: string): string {
  return `"${channel.replaceAll('"', '""')}"`
}

/** As Postgres says it (ProcessInterrupts in tcop/postgres.c). */
function wasTerminated(): WorkbenchError {
  const message = 'terminating connection due to administrator command'
  return new WorkbenchError('sql-error', message, {
    sql: { ...noSqlErrorFields, severity: 'FATAL', code: '57P01', message },
  })
}
