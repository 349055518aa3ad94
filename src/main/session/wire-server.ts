/**
 * One instance as a server of the wire protocol: who may log in, and a conversation for each client. Knows no
 * socket and no password.
 */

import { present } from '../../base/assert.ts'
import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import type { Event } from '../../base/event.ts'
import type { ConnectionEncryption } from '../../contract/connection-encryption.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { Engine, EngineRole, EngineSession } from '../engine/engine.ts'
import type { DatabaseAnswer, DatabaseCommand } from './database-command.ts'
import { cancelledBeforeStart } from './statement-execution.ts'
import type { EngineSource } from './session.ts'
import type { SignalCall } from './signal-call.ts'
import { maySignal } from './signal-rights.ts'
import { startUpTimeouts } from './start-up-timeouts.ts'
import type { WireWatch } from './statement-watch.ts'
import type { TurnQueue } from './turn-queue.ts'
import { WireConversation } from './wire-conversation.ts'
import { WireLine } from './wire-line.ts'

export interface WireClient {
  readonly role: string
  readonly settings: ReadonlyMap<string, string>
  readonly title: string
  /** Both ends of its connection; nulls for a Unix-domain socket. */
  readonly address: string | null
  readonly port: number | null
  readonly serverAddress?: string | null
  readonly serverPort?: number | null
  readonly systemUser?: string | null
  readonly encryption?: ConnectionEncryption | null
  /** As of WireSessionOptions. */
  readonly isReadOnly?: boolean
  readonly mayRunDatabaseCommands?: boolean
}

export interface WireServerOptions {
  readonly turns: TurnQueue
  readonly engines: EngineSource
  readonly onDidLoseEngine: Event<null>
  readonly clock: Clock
  readonly idleTransactionMs: number
  readonly watch?: WireWatch
  /** As of WireConversation. */
  onDatabaseCommand(
    command: DatabaseCommand,
    role: string,
    isSuperuser: boolean,
  ): Promise<DatabaseAnswer | null>
}

/** How somebody waits for a turn. */
interface TurnWait {
  readonly patienceMs?: number
  readonly signal?: AbortSignal
}

/**
 * How long who logs in waits for what takes a moment: small statements of others, and what the engine has to tell of
 * roles. Then the session begins later, with its first statement.
 */
const loginPatienceMs = 50

/** A timer takes no more. */
const timeoutMsMax = 2 ** 31 - 1

export class WireServer implements Disposable {
  readonly #options: WireServerOptions
  /** The conversations, each with the role that has logged in. */
  readonly #roleOf = new Map<WireConversation, string>()
  readonly #line: WireLine
  readonly #losing: Disposable

  constructor(options: WireServerOptions) {
    this.#options = options
    this.#line = new WireLine(options)
    this.#losing = options.onDidLoseEngine(() => this.#onLostEngine())
  }

  /** The role of that name; null if there is none. Waits for no statement and no transaction. */
  async findRole(name: string): Promise<EngineRole | null> {
    const engine = await this.#options.engines.engine()
    return (await engine.roles(loginPatienceMs)).get(name) ?? null
  }

  /** A conversation; its session begins with its first turn where others need the backend for longer. */
  async openSession(client: WireClient): Promise<WireConversation> {
    const { role, settings, title, isReadOnly = false } = client
    const engine = await this.#options.engines.engine()
    const processId = engine.reserveProcessId()
    const begin = (now: Engine): Promise<EngineSession> =>
      now.openSession({ role, settings: [...settings], processId, client, isReadOnly, mayBeginLater: true })
    const opened = await this.#inTurn(title, { patienceMs: loginPatienceMs }, begin)
    const known = opened ? null : await engine.roles(loginPatienceMs)
    const conversation: WireConversation = new WireConversation({
      ...{ title, processId, line: this.#line, clock: this.#options.clock },
      ...(this.#options.watch ? { watch: this.#options.watch } : {}),
      timeouts: startUpTimeouts(settings),
      begin: async (signal) => present(await this.#inTurn(title, { signal }, begin), 'The session'),
      signal: (call) => this.#signal(conversation, call),
      onDatabaseCommand: (command) => this.#runDatabaseCommand(command, client),
      parameters: opened
        ? new Map(Object.entries(opened.parameters))
        : expected(engine.parameters, client, known?.get(role)?.isSuperuser ?? false),
      onEnded: () => this.#roleOf.delete(conversation),
    })
    if (opened) conversation.adopt(opened)
    this.#roleOf.set(conversation, role)
    return conversation
  }

  get connectionCount(): number {
    return this.#roleOf.size
  }

  dispose(): void {
    this.#losing.dispose()
    for (const conversation of [...this.#roleOf.keys()]) conversation.terminate()
    this.#line.dispose()
  }

  /**
   * Runs in a turn of its own. With `patienceMs` it answers null rather than wait for longer, or for somebody who has
   * the backend for a transaction. Rejects with `cancelled` when the signal is aborted before.
   */
  async #inTurn<T>(title: string, wait: TurnWait, run: (engine: Engine) => Promise<T>): Promise<T | null> {
    const { turns, engines, clock } = this.#options
    const taker = { title }
    const ticket = turns.request(taker)
    let isPatient = true
    const withdraw = (): void => ticket.withdraw()
    const patience =
      ticket.isGranted || wait.patienceMs === undefined
        ? null
        : clock.after(wait.patienceMs, () => {
            isPatient = false
            withdraw()
          })
    wait.signal?.addEventListener('abort', withdraw)
    try {
      while (!ticket.isGranted) {
        if (wait.signal?.aborted) throw cancelledBeforeStart()
        if (patience && (!isPatient || turns.isHeldIdle)) {
          ticket.withdraw()
          return null
        }
        await ticket.changed()
      }
      return await run(await engines.engine())
    } finally {
      patience?.dispose()
      wait.signal?.removeEventListener('abort', withdraw)
      turns.release(taker, { inTransaction: false })
    }
  }

  /** By the rights of the role that has logged in. */
  async #runDatabaseCommand(command: DatabaseCommand, client: WireClient): Promise<DatabaseAnswer | null> {
    const { role: name, mayRunDatabaseCommands = true } = client
    if (!mayRunDatabaseCommands) {
      throw new WorkbenchError(
        'permission-denied',
        'permission denied: other databases are out of reach here',
      )
    }
    const engine = await this.#options.engines.engine()
    const role = (await engine.roles(loginPatienceMs)).get(name)
    const isSuperuser = role?.isSuperuser ?? false
    if (command.kind === 'create' && !isSuperuser && role?.canCreateDatabases !== true) {
      throw new WorkbenchError('permission-denied', 'permission denied to create database')
    }
    return this.#options.onDatabaseCommand(command, name, isSuperuser)
  }

  /**
   * Does what pg_cancel_backend and pg_terminate_backend do, by the rights of the role that has logged in. False where
   * that role has not the right, or nobody has that process id: then the backend tells the client so, in its turn.
   */
  async #signal(caller: WireConversation, { signal, processId, timeoutMs }: SignalCall): Promise<boolean> {
    if (caller.processId === processId) return false
    const engine = await this.#options.engines.engine()
    const roles = await engine.roles(loginPatienceMs)
    const callerRole = this.#roleOf.get(caller) ?? ''
    for (const [conversation, role] of this.#roleOf) {
      if (conversation.processId !== processId) continue
      if (!maySignal(roles, callerRole, role)) return false
      conversation.signal(signal)
      if (signal === 'terminate') await this.#ending(conversation, timeoutMs)
      return true
    }
    return engine.signal(processId, signal, (role) => maySignal(roles, callerRole, role))
  }

  async #ending({ ended }: WireConversation, timeoutMs: number): Promise<void> {
    if (timeoutMs === 0) return
    const over = Promise.withResolvers<void>()
    const bound = this.#options.clock.after(Math.min(timeoutMs, timeoutMsMax), () => over.resolve())
    await Promise.race([ended, over.promise])
    bound.dispose()
  }

  #onLostEngine(): void {
    for (const conversation of [...this.#roleOf.keys()]) conversation.fail(engineLost())
  }
}

/** What a session will report that could not begin yet: as the engine's own, with what it has asked for. */
function expected(
  parameters: Readonly<Record<string, string>>,
  { role, settings }: WireClient,
  isSuperuser: boolean,
): ReadonlyMap<string, string> {
  const wanted = new Map([...settings].map(([name, value]) => [name.toLowerCase(), value]))
  wanted.set('session_authorization', role)
  wanted.set('is_superuser', isSuperuser ? 'on' : 'off')
  return new Map(
    Object.entries(parameters).map(([name, value]) => [name, wanted.get(name.toLowerCase()) ?? value]),
  )
}

function engineLost(): WorkbenchError {
  return new WorkbenchError(
    'engine-crashed',
    'The database engine ended and is being started again; what was committed is safe. Connect again',
  )
}
