/**
 * What a client may ask that is not for the backend: that one of those ends who have it, and that databases, which
 * are instances, are made and removed. Answers that, and keeps what the backend is to be told of it when its turn
 * comes. Knows no turn and no session.
 */

import { toWireError, type ErrorCode, type SqlErrorFields } from '../../contract/error.ts'
import {
  mayBeDatabaseRequest,
  readDatabaseRequest,
  type DatabaseAnswer,
  type DatabaseCommand,
  type DatabaseRequest,
} from './database-command.ts'
import { PreparedDatabaseCommands } from './prepared-database-commands.ts'
import { statementIn, type FrontendUnits } from './frontend-units.ts'
import { mayBeSignalCall, readSignalRequest, type SignalCall, type SignalStatement } from './signal-call.ts'
import { commandCompleteMessage, errorMessage, noticeMessage, readyMessage } from './wire-messages.ts'

/** Statements that the backend is still to be told of; who prepares more than that waits for it. */
const deferredMax = 16

/** ParseComplete. */
const parseComplete = Buffer.from([0x31, 0, 0, 0, 4])

export interface OutOfTurnOptions {
  /** Asks another session to end, or what it runs; false where only the backend can tell. */
  signal(call: SignalCall): Promise<boolean>
  /** Makes, changes or removes a database; null where only the backend can. */
  onDatabaseCommand(command: DatabaseCommand): Promise<DatabaseAnswer | null>
}

export class OutOfTurn {
  readonly #options: OutOfTurnOptions
  readonly #prepared = new Map<string, SignalStatement>()
  readonly #databaseCommands = new PreparedDatabaseCommands()
  /** Answers to come that the client has had. */
  #answeredCount = 0

  constructor(options: OutOfTurnOptions) {
    this.#options = options
  }

  /** Whether `answer` is worth asking; `isBusy`: others have the backend. */
  mayAnswer(units: FrontendUnits, isBusy: boolean): boolean {
    if (this.#hasDatabaseRequest(units)) return true
    return isBusy && (this.#prepared.size > 0 || (units.hasStatement && mayBeSignalCall(units.pieces)))
  }

  /** The answer to what a client has sent; null when the backend has to answer. */
  async answer(bytes: Uint8Array, isBusy: boolean): Promise<Uint8Array | null> {
    const databaseRequest = readDatabaseRequest(bytes) ?? this.#databaseCommands.read(bytes)
    if (databaseRequest) return this.#runDatabaseCommand(databaseRequest)
    const request = isBusy ? readSignalRequest(bytes, this.#prepared) : null
    if (!request || this.#prepared.size + request.prepared.size > deferredMax) return null
    if (request.call && !(await this.#options.signal(request.call))) return null
    for (const [name, statement] of request.prepared) this.#prepared.set(name, statement)
    return request.answer
  }

  /** Whether what is not at its end yet may become something that is answered here. */
  mayBecomeRequest(units: FrontendUnits): boolean {
    if (this.#prepared.size > 0 || (!units.hasStatement && !this.#databaseCommands.isEmpty)) return true
    const sql = units.hasStatement ? statementIn(units.pieces) : null
    return sql !== null && /\bdatabase\b/i.test(sql)
  }

  #hasDatabaseRequest(units: FrontendUnits): boolean {
    const isLikely = units.hasStatement && mayBeDatabaseRequest(units.pieces[0])
    if (!isLikely && this.#databaseCommands.isEmpty) return false
    const bytes = units.joined()
    if (isLikely && readDatabaseRequest(bytes)) return true
    if (units.hasStatement) this.#databaseCommands.note(bytes)
    return this.#databaseCommands.read(bytes) !== null
  }

  async #runDatabaseCommand({ command, before }: DatabaseRequest): Promise<Uint8Array | null> {
    try {
      const done = await this.#options.onDatabaseCommand(command)
      if (!done) return null
      const { tag, notice } = done
      const notices = notice === null ? [] : [noticeMessage(notice)]
      return Buffer.concat([before, ...notices, commandCompleteMessage(tag), readyMessage()])
    } catch (error) {
      const { code, message, detail } = databaseError(error)
      return Buffer.concat([before, errorMessage(code, message, detail), readyMessage()])
    }
  }

  /** The backend is still to be told of something, which no other message may be in front of. */
  get hasPrepared(): boolean {
    return this.#prepared.size > 0
  }

  /** In front of what the backend is sent next: what has been prepared without it. */
  takePrepared(): Uint8Array[] {
    if (this.#prepared.size === 0) return []
    const messages = [...this.#prepared.values()].flatMap(({ parse }) => (parse ? [parse] : []))
    this.#prepared.clear()
    this.#answeredCount = messages.length
    return messages
  }

  /** What of the backend's answer the client has not had. */
  strip(bytes: Uint8Array): Uint8Array {
    let rest = bytes
    while (this.#answeredCount > 0) {
      if (parseComplete.compare(rest, 0, parseComplete.length) !== 0) break
      this.#answeredCount -= 1
      rest = rest.subarray(parseComplete.length)
    }
    if (rest.length > 0) this.#answeredCount = 0
    return rest
  }
}

/** As Postgres says it (PostgreSQL 18 documentation, appendix A). */
function databaseError(error: unknown): Pick<SqlErrorFields, 'code' | 'message' | 'detail'> {
  const { code, message, sql } = toWireError(error)
  if (sql) return sql
  const states: Partial<Record<ErrorCode, string>> = {
    'already-exists': '42P04',
    'not-found': '3D000',
    'in-use': '55006',
    'disk-full': '53100',
    'permission-denied': '42501',
    'invalid-argument': '42602',
    unsupported: '0A000',
  }
  return { code: states[code] ?? 'XX000', message, detail: null }
}
