/**
 * One statement on a session, from Parse to its result, over the extended protocol (PostgreSQL 18 documentation,
 * section 54.2.3): prepares it where that has not been done, prepares it again where that has become worthless, and
 * hands rows on as they lie. Knows no request.
 */

import { noSqlErrorFields, type SqlErrorFields } from '../../../contract/error.ts'
import { rowBytesMax } from '../../../protocol/protocol-limits.ts'
import type { ResultNotice } from '../../../protocol/answer-frame.ts'
import {
  backendTypes,
  readCommandTag,
  readErrorFields,
  readFields,
  type FieldDescription,
} from '../../engine/protocol/backend-message.ts'
import type { BackendMessageView } from './backend-reader.ts'
import type { FrontendWriter } from './frontend-writer.ts'
import { describe, type SessionStatement, type StatementDescription } from './session-statement.ts'

/** Where DataRow messages lie. */
export interface RowPlace {
  readonly start: number
  readonly end: number
  readonly count: number
}

/** Messages that are taken at once: what the backend puts out in one go, so that a chunk of rows is not much longer. */
const runBytesMax = 64 << 10

/** Who takes the rows of a statement. */
export interface RowSink {
  begin(description: StatementDescription): void
  /** It takes several messages at once, which lie one behind the other. */
  readonly takesRuns?: boolean
  /** DataRow messages, one unless `takesRuns`; false: not now, they will be offered again, perhaps with others. */
  row(bytes: Buffer, place: RowPlace): boolean
  /** There are no more; false: not now. */
  end(): boolean
}

export interface StatementRunOptions {
  readonly statement: SessionStatement
  readonly params?: readonly (string | null | Uint8Array)[]
  /** 0: all. */
  readonly rowLimit?: number
  /** Rows are to come as batches have them. */
  readonly isBinary?: boolean
  /** null: it is only described. */
  readonly sink: RowSink | null
}

/** What has become of a statement. */
export interface StatementResult {
  readonly error: SqlErrorFields | null
  /** Without numbers, such as `INSERT`. */
  readonly command: string
  readonly rowCount: number
  /** The error is the endpoint's own: a row does not fit a message. */
  readonly isTooLarge: boolean
  /** There would be more rows. */
  readonly isCut: boolean
  readonly notices: readonly ResultNotice[]
}

/** Notices that are kept of one statement: a loop that raises one for each row must not fill the memory. */
const noticesMax = 100
const noticeLengthMax = 4 << 10

/** "cached plan must not change result type" (RevalidateCachedQuery, utils/cache/plancache.c). */
const changedResultState = '0A000'
/** invalid_sql_statement_name: somebody has deallocated it. */
const unknownStatementState = '26000'

const noFormats = new Uint8Array(0)
const noParams: readonly (string | null | Uint8Array)[] = []
const copyUnsupported = 'COPY from or to the client is not part of this protocol; use INSERT and SELECT'

/** After these others of the session may be unprepared. */
const forgettingTags = new Set(['DISCARD ALL', 'DEALLOCATE', 'DEALLOCATE ALL'])
/** These leave the session as it was, so that others may be sent behind them before they are answered. */
const plainCommands = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE'])
/** In a session of its own these too. */
const transactionCommands = new Set(['BEGIN', 'COMMIT', 'ROLLBACK', 'SAVEPOINT', 'RELEASE', 'SET'])

export class StatementRun {
  readonly statement: SessionStatement
  readonly #options: StatementRunOptions
  #params: readonly number[] = []
  #fields: readonly FieldDescription[] | null = null
  #isDescribing = false
  #isExecuting = false
  #hasBound = false
  #hasPreparedAgain = false
  #hasFoundWorthless = false
  #error: SqlErrorFields | null = null
  #command = ''
  #rowCount = 0
  #sinkRows = 0
  #isCut = false
  #isInCopy = false
  #isTooLarge = false
  readonly #notices: ResultNotice[] = []

  constructor(options: StatementRunOptions) {
    this.#options = options
    this.statement = options.statement
  }

  /** The messages of what is next, with one Sync. */
  write(writer: FrontendWriter): void {
    const { statement } = this
    const { isBinary = false, sink } = this.#options
    this.#isDescribing = !statement.isPrepared
    if (this.#isDescribing) {
      if (statement.isStale) writer.closeStatement(statement.name)
      writer.parse(statement.name, statement.sql, statement.types)
      writer.describeStatement(statement.name)
    }
    // What the columns are like must be known before they can be asked for as batches have them.
    this.#isExecuting = sink !== null && !(this.#isDescribing && isBinary)
    this.#hasBound = false
    if (this.#isExecuting) {
      const { params = noParams, rowLimit = 0 } = this.#options
      const formats = isBinary ? (statement.description?.formats ?? noFormats) : noFormats
      writer.bind({ statement: statement.name, params, resultFormats: formats })
      writer.execute(rowLimit)
      if (statement.description && !this.#isDescribing) sink?.begin(statement.description)
    }
    writer.sync()
  }

  /** Takes a message; false: not now. ReadyForQuery is for `ready`. `answer`: what the backend waits for. */
  take(message: BackendMessageView, answer: (write: (writer: FrontendWriter) => void) => void): boolean {
    switch (message.type) {
      case backendTypes.dataRow:
        return this.#takeRow(message)
      case backendTypes.commandComplete:
        return this.#takeCommandComplete(message)
      case backendTypes.portalSuspended:
        if (!this.#endRows()) return false
        this.#isCut = true
        this.#command = 'SELECT'
        this.#rowCount = this.#sinkRows
        return true
      case backendTypes.copyInResponse:
        this.#fail(ownError('0A000', copyUnsupported))
        // The Sync behind Execute was taken for data, and passed over (section 54.2.6).
        answer((writer) => {
          writer.copyFail(copyUnsupported)
          writer.sync()
        })
        return true
      case backendTypes.copyOutResponse:
        this.#isInCopy = true
        this.#fail(ownError('0A000', copyUnsupported))
        return true
      default:
        this.#takeOther(message)
        return true
    }
  }

  /** Whether it puts out what nobody wants, without end perhaps. */
  get isInCopy(): boolean {
    return this.#isInCopy
  }

  /** The backend has answered what was written. `mayRepeat`: it may be run again. True: there is more to write. */
  ready(mayRepeat: boolean): boolean {
    const { statement } = this
    if (this.#error) return this.#isWorthless() && mayRepeat && this.#prepareAgain()
    if (!this.#isDescribing) return false
    return !this.#isExecuting && this.#options.sink !== null && statement.isPrepared
  }

  /** After its last `ready`. */
  get result(): StatementResult {
    const [error, command, rowCount] = [this.#error, this.#command, this.#rowCount]
    const [isCut, isTooLarge, notices] = [this.#isCut, this.#isTooLarge, this.#notices]
    return { error, command, rowCount, isCut, isTooLarge, notices }
  }

  /** It has failed for what was prepared before it, and has done nothing. */
  get hasFoundWorthless(): boolean {
    return this.#hasFoundWorthless
  }

  /** Whether it leaves the session as it was. */
  isPlain(isOwnSession: boolean): boolean {
    if (this.#error) return false
    return plainCommands.has(this.#command) || (isOwnSession && transactionCommands.has(this.#command))
  }

  /** Whether what the session has prepared may be gone. */
  get hasForgotten(): boolean {
    return forgettingTags.has(this.#command)
  }

  #takeRow(message: BackendMessageView): boolean {
    if (message.isOversize) {
      const limit = `${rowBytesMax >> 20} MiB`
      this.#isTooLarge ||= this.#error === null
      this.#fail(ownError('54000', `A row of the result is over the limit of ${limit}; select less of it`))
      return true
    }
    if (this.#error) return true
    const { sink } = this.#options
    if (sink?.takesRuns) message.extend(runBytesMax)
    if (!(sink?.row(message.bytes, message) ?? true)) return false
    this.#sinkRows += message.count
    return true
  }

  #takeCommandComplete({ bytes, bodyAt, end }: BackendMessageView): boolean {
    if (!this.#endRows()) return false
    const tag = readCommandTag(bytes.subarray(bodyAt, end))
    const numberAt = tag.search(/ \d/)
    this.#command = numberAt < 0 ? tag : tag.slice(0, numberAt)
    this.#rowCount = numberAt < 0 ? 0 : Number(tag.slice(tag.lastIndexOf(' ') + 1))
    return true
  }

  #endRows(): boolean {
    return this.#error !== null || (this.#options.sink?.end() ?? true)
  }

  #takeOther({ type, bytes, bodyAt, end }: BackendMessageView): void {
    switch (type) {
      case parseComplete:
        this.statement.isStale = true
        break
      case parameterDescription:
        this.#params = readOids(bytes, bodyAt)
        break
      case backendTypes.rowDescription:
        this.#fields = readFields(bytes.subarray(bodyAt, end))
        this.#described()
        break
      case backendTypes.noData:
        this.#fields = null
        this.#described()
        break
      case bindComplete:
        this.#hasBound = true
        break
      case backendTypes.errorResponse:
        this.#isInCopy = false
        this.#fail(readErrorFields(bytes.subarray(bodyAt, end)))
        break
      case backendTypes.noticeResponse:
        this.#takeNotice(readErrorFields(bytes.subarray(bodyAt, end)))
        break
      default:
        break
    }
  }

  #described(): void {
    const description = describe(this.#params, this.#fields)
    this.statement.description = description
    this.statement.isPrepared = true
    if (this.#isExecuting) this.#options.sink?.begin(description)
  }

  #takeNotice({ severity, code, message, detail, hint }: SqlErrorFields): void {
    if (this.#notices.length >= noticesMax) return
    this.#notices.push({
      ...{ severity, sqlstate: code, message: message.slice(0, noticeLengthMax) },
      ...(detail === null ? {} : { detail: detail.slice(0, noticeLengthMax) }),
      ...(hint === null ? {} : { hint: hint.slice(0, noticeLengthMax) }),
    })
  }

  /** The first failure is what has happened; others follow from it. */
  #fail(error: SqlErrorFields): void {
    this.#error ??= error
  }

  /** Nothing of it has been done: what was prepared before has become worthless meanwhile. */
  #isWorthless(): boolean {
    const code = this.#error?.code
    if (code !== changedResultState && code !== unknownStatementState) return false
    if (this.#isDescribing || this.#hasBound) return false
    this.statement.forget()
    this.#hasFoundWorthless = true
    return true
  }

  #prepareAgain(): boolean {
    if (this.#hasPreparedAgain) return false
    this.#hasPreparedAgain = true
    this.#hasFoundWorthless = false
    this.#error = null
    return true
  }
}

const parseComplete = 0x31
const bindComplete = 0x32
const parameterDescription = 0x74

function readOids(bytes: Buffer, bodyAt: number): number[] {
  return Array.from({ length: bytes.readUInt16BE(bodyAt) }, (_, index) =>
    bytes.readUInt32BE(bodyAt + 2 + 4 * index),
  )
}

function ownError(code: string, message: string): SqlErrorFields {
  return { ...noSqlErrorFields, severity: 'ERROR', code, message }
}
