/**
 * One instance as a server of the wire protocol: who may log in, and a conversation for each client. Knows no
 * socket and no password.
 */

import { present } from '../../base/assert.ts'
import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import type { Event } from '../../base/event.ts'
import { ColumnBatch, columnKinds, isNull, textBytes } from '../../contract/column-batch.ts'
import { WorkbenchError, fromWireError } from '../../contract/error.ts'
import type { Engine, EngineSession } from '../engine/engine.ts'
import type { DatabaseCommand } from './database-command.ts'
import { cancelledBeforeStart, StatementExecution } from './statement-execution.ts'
import type { EngineSource } from './session.ts'
import type { TurnQueue } from './turn-queue.ts'
import { WireConversation } from './wire-conversation.ts'
import { WireLine } from './wire-line.ts'

/** What pg_authid says of a role. */
export interface LoginRole {
  readonly canLogin: boolean
  readonly isSuperuser: boolean
  readonly passwordVerifier: string | null
  readonly validUntilMs: number | null
  readonly connectionLimit: number
}

export interface WireClient {
  readonly role: string
  readonly settings: ReadonlyMap<string, string>
  readonly title: string
  /** Both ends of its connection; nulls for a Unix-domain socket. */
  readonly address: string | null
  readonly port: number | null
  readonly serverAddress?: string | null
  readonly serverPort?: number | null
}

export interface WireServerOptions {
  readonly turns: TurnQueue
  readonly engines: EngineSource
  readonly onDidLoseEngine: Event<null>
  readonly clock: Clock
  readonly idleTransactionMs: number
  /** As of WireConversation. */
  onDatabaseCommand(command: DatabaseCommand): Promise<string>
}

/** How somebody waits for a turn. */
interface TurnWait {
  readonly mayBeLeftOut?: boolean
  readonly signal?: AbortSignal
}

/** A role's name is at most this long (NAMEDATALEN), and its row shorter than any other bound. */
const roleBytesMax = 1 << 20

const rolesSql =
  `select rolname::text, rolcanlogin::text, rolsuper::text, rolpassword::text, ` +
  `case when isfinite(rolvaliduntil) then (extract(epoch from rolvaliduntil) * 1000)::int8::text end, ` +
  `rolconnlimit::text from pg_catalog.pg_authid`

const utf8 = new TextDecoder()

export class WireServer implements Disposable {
  readonly #options: WireServerOptions
  readonly #conversations = new Set<WireConversation>()
  readonly #line: WireLine
  readonly #losing: Disposable
  #roles: ReadonlyMap<string, LoginRole> | null = null
  #parameters: ReadonlyMap<string, string> | null = null

  constructor(options: WireServerOptions) {
    this.#options = options
    this.#line = new WireLine(options)
    this.#losing = options.onDidLoseEngine(() => this.#onLostEngine())
  }

  /** The role of that name; null if there is none. While a transaction is open, as of the last time without one. */
  async findRole(name: string): Promise<LoginRole | null> {
    await this.#inTurn('log-in', { mayBeLeftOut: this.#roles !== null }, async (engine) => {
      this.#roles = await readRoles(engine, this.#options.clock)
    })
    return this.#roles?.get(name) ?? null
  }

  /** A conversation; its session begins with its first turn if another has a transaction open. */
  async openSession(client: WireClient): Promise<WireConversation> {
    const { role, settings, title } = client
    const processId = (await this.#options.engines.engine()).reserveProcessId()
    const begin = async (now: Engine): Promise<EngineSession> => {
      const session = await now.openSession({ role, settings: [...settings], processId, client })
      this.#parameters ??= new Map(Object.entries(session.parameters))
      return session
    }
    const opened = await this.#inTurn(title, { mayBeLeftOut: this.#parameters !== null }, begin)
    const conversation: WireConversation = new WireConversation({
      ...{ title, processId, line: this.#line, clock: this.#options.clock },
      begin: async (signal) => present(await this.#inTurn(title, { signal }, begin), 'The session'),
      onDatabaseCommand: (command) => this.#options.onDatabaseCommand(command),
      parameters: opened ? new Map(Object.entries(opened.parameters)) : expected(this.#parameters, settings),
      onEnded: () => this.#conversations.delete(conversation),
    })
    if (opened) conversation.adopt(opened)
    this.#conversations.add(conversation)
    return conversation
  }

  get connectionCount(): number {
    return this.#conversations.size
  }

  dispose(): void {
    this.#losing.dispose()
    for (const conversation of [...this.#conversations]) conversation.dispose()
    this.#line.dispose()
  }

  /**
   * Runs in a turn of its own. `mayBeLeftOut`: answers null rather than wait while somebody else has the backend
   * for a transaction. Rejects with `cancelled` when the signal is aborted before.
   */
  async #inTurn<T>(title: string, wait: TurnWait, run: (engine: Engine) => Promise<T>): Promise<T | null> {
    const { turns, engines } = this.#options
    const taker = { title }
    const ticket = turns.request(taker)
    const withdraw = (): void => ticket.withdraw()
    wait.signal?.addEventListener('abort', withdraw)
    try {
      while (!ticket.isGranted) {
        if (wait.signal?.aborted) throw cancelledBeforeStart()
        if (wait.mayBeLeftOut && turns.isHeldIdle) {
          ticket.withdraw()
          return null
        }
        await ticket.changed()
      }
      return await run(await engines.engine())
    } finally {
      wait.signal?.removeEventListener('abort', withdraw)
      turns.release(taker, { inTransaction: false })
    }
  }

  #onLostEngine(): void {
    this.#roles = null
    for (const conversation of [...this.#conversations]) conversation.fail(engineLost())
  }
}

async function readRoles(engine: Engine, clock: Clock): Promise<ReadonlyMap<string, LoginRole>> {
  const statement = { sql: new TextEncoder().encode(rolesSql), parameters: [], resultBytesMax: roleBytesMax }
  const execution = new StatementExecution(engine, statement, { clock, transaction: 'idle' })
  const roles = new Map<string, LoginRole>()
  for (let event = await execution.next(); event; event = await execution.next()) {
    if (event.kind !== 'batch') continue
    for (const [name, role] of rolesOf(new ColumnBatch(event.buffer))) roles.set(name, role)
  }
  // A failed look is not the same as a server without roles.
  const error = execution.outcome?.error
  if (error) throw fromWireError(error)
  return roles
}

function rolesOf(batch: ColumnBatch): [string, LoginRole][] {
  const cell = (row: number, index: number): string | null => {
    const column = batch.column(index)
    if (column.kind !== columnKinds.text || isNull(column, row)) return null
    return utf8.decode(textBytes(column, row))
  }
  return Array.from({ length: batch.rowCount }, (_, row) => {
    const validUntil = cell(row, 4)
    const role: LoginRole = {
      canLogin: cell(row, 1) === 'true',
      isSuperuser: cell(row, 2) === 'true',
      passwordVerifier: cell(row, 3),
      validUntilMs: validUntil === null ? null : Number(validUntil),
      connectionLimit: Number(cell(row, 5) ?? -1),
    }
    return [cell(row, 0) ?? '', role]
  })
}

/** What a session will report that could not begin yet: as the others, with what it has asked for. */
function expected(
  parameters: ReadonlyMap<string, string> | null,
  settings: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const wanted = new Map([...settings].map(([name, value]) => [name.toLowerCase(), value]))
  return new Map(
    [...(parameters ?? [])].map(([name, value]) => [name, wanted.get(name.toLowerCase()) ?? value]),
  )
}

function engineLost(): WorkbenchError {
  return new WorkbenchError(
    'engine-crashed',
    'The database engine ended and is being started again; what was committed is safe. Connect again',
  )
}
