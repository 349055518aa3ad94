/**
 * One client of the wire protocol after log-in: gets the backend for as long as its messages or its transaction
 * need it, like every other session, and has a session of the backend of its own. Passes bytes both ways; knows
 * no socket, and of the protocol only where the backend may change hands.
 */

import type { Clock } from '../../base/clock.ts'
import { onDispose, type Disposable } from '../../base/disposable.ts'
import { noSqlErrorFields, toWireError, WorkbenchError, type ErrorCode } from '../../contract/error.ts'
import type { Engine, EngineSession, ProtocolChannel } from '../engine/engine.ts'
import { ClientOutbox } from './client-outbox.ts'
import { readDatabaseCommand, type DatabaseCommand } from './database-command.ts'
import { FrontendUnits } from './frontend-units.ts'
import type { TurnQueue, TurnTicket } from './turn-queue.ts'
import {
  commandCompleteMessage,
  errorMessage,
  findCancelError,
  notificationMessage,
  readyMessage,
} from './wire-messages.ts'

export interface WireConversationOptions {
  readonly title: string
  readonly processId: number
  readonly parameters: ReadonlyMap<string, string>
  readonly turns: TurnQueue
  readonly clock: Clock
  /** How long a transaction may idle while others wait for its end. */
  readonly idleTransactionMs: number
  /** The session on the engine, begun with the first turn at the latest. */
  backend(): Promise<{ readonly engine: Engine; readonly session: EngineSession }>
  /** Makes or removes a database; answers the command's tag. */
  onDatabaseCommand(command: DatabaseCommand): Promise<string>
  /** Called once, when nothing of the client is left. */
  onEnded(): void
}

export class WireConversation implements Disposable {
  readonly processId: number
  readonly parameters: ReadonlyMap<string, string>
  readonly title: string
  readonly #options: WireConversationOptions
  readonly #units = new FrontendUnits()
  readonly #outbox = new ClientOutbox()
  readonly #count: Disposable
  readonly #watching: Disposable
  /** Notifications that came in the middle of an answer. */
  readonly #late: Uint8Array[] = []
  #channel: ProtocolChannel | null = null
  #ticket: TurnTicket | null = null
  #session: EngineSession | null = null
  #listening: Disposable | null = null
  #signals: Disposable | null = null
  #idleBound: Disposable | null = null
  /** Channels whose output is not in the outbox yet. */
  #pumping = 0
  #hasTurn = false
  /** The last one whose text is known: a prepared statement is executed without it. */
  #statement: string | null = null
  #isEnding = false
  #isCancelled = false
  #isTerminated = false
  #isDisposed = false
  #failure: Error | null = null

  constructor(options: WireConversationOptions) {
    this.#options = options
    this.processId = options.processId
    this.parameters = options.parameters
    this.title = options.title
    this.#count = onDispose('wire-conversation', () => this.#close())
    this.#watching = options.turns.onDidChange(() => this.#watchIdleTransaction())
  }

  get activity(): { readonly statement: string | null; readonly waitingFor: string | null } {
    return {
      statement: this.#statement,
      waitingFor: this.#ticket ? (this.#options.turns.holder?.title ?? null) : null,
    }
  }

  get output(): AsyncIterable<Uint8Array> {
    return this.#outbox.read()
  }

  /** Rejects with what ended the conversation. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#failure) throw this.#failure
    this.#units.push(bytes)
    if (!this.#units.isRunnable) return
    try {
      await this.#run()
    } catch (error) {
      this.fail(error)
      throw error
    }
  }

  /** Asks what runs or waits to end with 57014. */
  cancel(): void {
    if (this.#ticket) {
      this.#isCancelled = true
      this.#ticket.withdraw()
    } else if (this.#channel && this.#hasTurn) {
      // If the engine cannot be cancelled it is ended, and the channel says so.
      this.#session?.cancel().catch(() => undefined)
    }
  }

  /** The client writes no more: what it has written is answered, then the output ends. */
  end(): void {
    this.#isEnding = true
    if (!this.#hasTurn && !this.#ticket) this.#finish()
  }

  /** The output ends with `error`. */
  fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error))
    this.#outbox.end(this.#failure)
    this.dispose()
  }

  dispose(): void {
    this.#count.dispose()
  }

  async #run(): Promise<void> {
    this.#statement = this.#units.statement ?? this.#statement
    if (!this.#hasTurn && this.#channel === null && (await this.#runDatabaseCommand())) return
    if (!this.#hasTurn && !(await this.#takeTurn())) {
      this.#answerCancelled()
      return
    }
    for (const piece of this.#units.take()) await this.#channel?.write(piece)
  }

  /** True if it was one, which is answered then. */
  async #runDatabaseCommand(): Promise<boolean> {
    const command = readDatabaseCommand(this.#units.joined())
    if (!command) return false
    this.#units.take()
    try {
      this.#outbox.put(commandCompleteMessage(await this.#options.onDatabaseCommand(command)))
    } catch (error) {
      const { code, message } = databaseError(error)
      this.#outbox.put(errorMessage(code, message))
    }
    this.#outbox.put(readyMessage())
    return true
  }

  /** False when the wait was cancelled. */
  async #takeTurn(): Promise<boolean> {
    const { turns } = this.#options
    this.#isCancelled = false
    const ticket = turns.request(this)
    this.#ticket = ticket
    while (!ticket.isGranted && !this.#isCancelled) await ticket.changed()
    this.#ticket = null
    if (!ticket.isGranted) return false
    if (this.#failure || this.#isDisposed) {
      turns.release(this, { inTransaction: false })
      throw this.#failure ?? closed()
    }
    this.#hasTurn = true
    await this.#openChannel()
    return true
  }

  /** A transaction keeps its channel. */
  async #openChannel(): Promise<void> {
    if (this.#channel) return
    const { session } = await this.#options.backend()
    if (this.#isDisposed) {
      session.dispose()
      throw closed()
    }
    this.adopt(session)
    const channel = session.openChannel()
    this.#channel = channel
    channel.onDidBecomeReady(() => this.#onReady(channel))
    void this.#pump(channel)
  }

  /** Takes over the session that it is to use. */
  adopt(session: EngineSession): void {
    if (this.#session === session) return
    this.#session = session
    this.#listening?.dispose()
    this.#signals?.dispose()
    this.#signals = session.onDidSignal((signal) => {
      if (signal === 'cancel') this.cancel()
      else if (this.#hasTurn) this.#isTerminated = true
      else this.fail(terminated())
    })
    this.#listening = session.onDidNotify((notification) => {
      this.#late.push(notificationMessage(notification))
      this.#tellNotifications()
    })
  }

  async #pump(channel: ProtocolChannel): Promise<void> {
    this.#pumping += 1
    try {
      for await (const bytes of channel.output) {
        if (this.#isTerminated && this.#putLast(bytes)) break
        this.#outbox.put(bytes)
        await this.#outbox.room()
      }
    } catch (error) {
      this.fail(error)
    } finally {
      this.#pumping -= 1
      this.#tellNotifications()
      if (this.#isTerminated && !this.#hasTurn) this.fail(terminated())
      if (this.#isEnding && !this.#hasTurn) this.#finish()
    }
  }

  /** It has ended itself: what it was told until then is the last of it. False when there is more to come. */
  #putLast(bytes: Uint8Array): boolean {
    const end = findCancelError(bytes)
    if (end < 0) return false
    this.#outbox.put(bytes.subarray(0, end))
    this.fail(terminated())
    return true
  }

  #onReady(channel: ProtocolChannel): void {
    const { transaction, isReady } = channel.state
    if (!isReady || !this.#hasTurn) return
    const inTransaction = transaction !== 'idle'
    this.#hasTurn = false
    if (!inTransaction) {
      this.#channel = null
      channel.dispose()
    }
    this.#options.turns.release(this, { inTransaction })
    if (inTransaction && this.#isEnding) this.#finish()
    if (this.#isTerminated && this.#pumping === 0) this.fail(terminated())
  }

  /** Between two answers, never inside one. */
  #tellNotifications(): void {
    if (this.#hasTurn || this.#pumping > 0) return
    for (const message of this.#late.splice(0)) this.#outbox.put(message)
  }

  /** What was never run is answered as if it had been cancelled while it ran. */
  #answerCancelled(): void {
    const { readyCount } = this.#units
    this.#units.take()
    this.#outbox.put(errorMessage('57014', 'canceling statement due to user request'))
    for (let index = 0; index < readyCount; index++) this.#outbox.put(readyMessage())
  }

  /** Others must not wait for ever for somebody who has gone for lunch. */
  #watchIdleTransaction(): void {
    const { turns, clock, idleTransactionMs } = this.#options
    const isHindering = turns.holder === this && turns.isHeldIdle && turns.waitingCount > 0
    if (!isHindering) {
      this.#idleBound?.dispose()
      this.#idleBound = null
    } else {
      this.#idleBound ??= clock.after(idleTransactionMs, () => this.fail(idleInTransaction()))
    }
  }

  #finish(): void {
    if (this.#pumping > 0 && this.#channel === null) return
    this.#outbox.end()
    this.dispose()
  }

  #close(): void {
    this.#isDisposed = true
    this.#outbox.end(this.#failure)
    this.#ticket?.withdraw()
    this.#isCancelled = true
    this.#watching.dispose()
    this.#idleBound?.dispose()
    this.#listening?.dispose()
    this.#signals?.dispose()
    // Rolls back what is open; the backend takes up nothing else before.
    this.#channel?.dispose()
    this.#session?.dispose()
    this.#options.turns.release(this, { inTransaction: false })
    this.#options.onEnded()
  }
}

/** As Postgres says it (PostgreSQL 18 documentation, appendix A). */
function databaseError(error: unknown): { readonly code: string; readonly message: string } {
  const { code, message } = toWireError(error)
  const states: Partial<Record<ErrorCode, string>> = {
    'already-exists': '42P04',
    'not-found': '3D000',
    'in-use': '55006',
    'disk-full': '53100',
    'invalid-argument': '42602',
  }
  return { code: states[code] ?? 'XX000', message }
}

function idleInTransaction(): WorkbenchError {
  const message = 'terminating connection due to idle-in-transaction timeout'
  const hint = 'All sessions share one backend, and others were waiting for the end of this transaction.'
  const sql = { ...noSqlErrorFields, severity: 'FATAL', code: '25P03', message, hint }
  return new WorkbenchError('sql-error', message, { sql })
}

function terminated(): WorkbenchError {
  const message = 'terminating connection due to administrator command'
  const sql = { ...noSqlErrorFields, severity: 'FATAL', code: '57P01', message }
  return new WorkbenchError('sql-error', message, { sql })
}

function closed(): WorkbenchError {
  return new WorkbenchError('closed', 'The session was closed; connect again')
}
