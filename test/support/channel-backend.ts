/**
 * A WireBackend over one engine for tests of the wire endpoint: one session at a time, each of which has the backend
 * alone until it ends. Other sessions wait. Knows nothing of how sessions can share a backend.
 */

import { onDispose, type Disposable } from '../../src/base/disposable.ts'
import { fromWireError } from '../../src/contract/error.ts'
import type { Engine, ProtocolChannel } from '../../src/main/engine/engine.ts'
import type {
  WireActivity,
  WireBackend,
  WireListener,
  WireRole,
  WireSession,
  WireSessionOptions,
} from '../../src/main/endpoints/postgres/wire-backend.ts'
import { run } from './engine-fixture.ts'

const reported = [
  ...['server_version', 'server_encoding', 'client_encoding', 'application_name', 'is_superuser', 'TimeZone'],
  ...[
    'session_authorization',
    'DateStyle',
    'IntervalStyle',
    'integer_datetimes',
    'standard_conforming_strings',
  ],
]

export class ChannelBackend implements WireBackend {
  readonly #engine: Engine
  #turn: Promise<unknown> = Promise.resolve()
  #sessionCount = 0
  /** Every session that was opened, in order. */
  readonly sessions: ChannelSession[] = []

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Runs SQL when no session has the backend; answers the first row's cells. */
  query(sql: string, parameters: readonly string[] = []): Promise<readonly (string | null)[]> {
    return this.#inTurn(() => this.#run(sql, parameters))
  }

  async findRole(name: string): Promise<WireRole | null> {
    const [isFound, canLogin, isSuperuser, password, validUntil, limit] = await this.query(
      `select 't', rolcanlogin::text, rolsuper::text, rolpassword,
              (extract(epoch from nullif(rolvaliduntil, 'infinity')) * 1000)::bigint::text, rolconnlimit::text
         from pg_authid where rolname = $1`,
      [name],
    )
    if (isFound === undefined) return null
    return {
      canLogin: canLogin === 'true',
      canConnect: true,
      isSuperuser: isSuperuser === 'true',
      passwordVerifier: password ?? null,
      validUntilMs: validUntil === null || validUntil === undefined ? null : Number(validUntil),
      connectionLimit: Number(limit),
    }
  }

  async openSession(options: WireSessionOptions): Promise<WireSession> {
    const opened = Promise.withResolvers<WireSession>()
    const ended = Promise.withResolvers<void>()
    void this.#inTurn(async () => {
      try {
        opened.resolve(await this.#open(options, () => ended.resolve()))
        await ended.promise
      } catch (error) {
        opened.reject(error)
      }
      await this.#run('discard all')
      // RESET would leave the role: this backend was never authenticated as anybody.
      await this.#run('set session authorization postgres')
    })
    return opened.promise
  }

  async #open(options: WireSessionOptions, onEnd: () => void): Promise<WireSession> {
    await this.#run(`set session authorization "${options.role.replaceAll('"', '""')}"`)
    for (const [name, value] of options.settings)
      await this.#run('select set_config($1, $2, false)', [name, value])
    const parameters = new Map<string, string>()
    for (const name of reported) {
      parameters.set(name, (await this.#run('select current_setting($1)', [name]))[0] ?? '')
    }
    this.#sessionCount += 1
    const session = new ChannelSession(this.#engine, {
      processId: 1000 + this.#sessionCount,
      parameters,
      onEnd,
    })
    this.sessions.push(session)
    return session
  }

  async #run(sql: string, parameters: readonly string[] = []): Promise<readonly (string | null)[]> {
    const { outcome, rows } = await run(this.#engine, sql, { parameters })
    if (outcome.error) throw fromWireError(outcome.error)
    return rows[0] ?? []
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }
}

interface ChannelSessionOptions {
  readonly processId: number
  readonly parameters: ReadonlyMap<string, string>
  readonly onEnd: () => void
}

export class ChannelSession implements WireSession {
  readonly processId: number
  readonly parameters: ReadonlyMap<string, string>
  readonly activity: WireActivity = { statement: null, waitingFor: null }
  readonly #engine: Engine
  readonly #channel: ProtocolChannel
  readonly #open: Disposable
  #isEnding = false
  #listener: WireListener | null = null
  #flowing = Promise.resolve()
  #flow: () => void = () => undefined
  /** Chunks that the endpoint has taken. */
  pulledCount = 0

  constructor(engine: Engine, { processId, parameters, onEnd }: ChannelSessionOptions) {
    this.processId = processId
    this.parameters = parameters
    this.#engine = engine
    this.#channel = engine.openChannel()
    this.#open = onDispose('wire-session', () => {
      this.#channel.dispose()
      onEnd()
    })
  }

  start(listener: WireListener): void {
    this.#listener = listener
    void this.#pump()
  }

  write(bytes: Uint8Array): boolean {
    this.#channel.write(bytes).then(
      () => this.#listener?.onRoom(),
      (error: unknown) => this.#end(error),
    )
    return false
  }

  hold(isHeld: boolean): void {
    this.#flow()
    if (isHeld) this.#flowing = new Promise((resolve) => (this.#flow = resolve))
  }

  cancel(): void {
    void this.#engine.cancel()
  }

  end(): void {
    this.#isEnding = true
    if (this.#channel.state.isReady) this.dispose()
  }

  dispose(): void {
    this.#open.dispose()
  }

  async #pump(): Promise<void> {
    try {
      for await (const bytes of this.#channel.output) {
        this.pulledCount += 1
        this.#listener?.onOutput(bytes)
        if (this.#isEnding && this.#channel.state.isReady) break
        await this.#flowing
      }
      this.#end(null)
    } catch (error) {
      this.#end(error)
    }
    this.dispose()
  }

  #end(error: unknown): void {
    const listener = this.#listener
    this.#listener = null
    listener?.onEnd(
      error === null || error instanceof Error ? error : new Error('It has failed', { cause: error }),
    )
  }
}
