/**
 * Runs one statement on a connection from Parse to ReadyForQuery: learns the columns, asks for binary where that is
 * exact, takes the rows in slices, and ends the result at its budget without ending the transaction. The same steps
 * as the engine here takes, but each waits for the network. Knows no consumer and no session.
 */

import type { SqlErrorFields, WireError, WorkbenchError } from '../../../contract/error.ts'
import type { StatementOutcome } from '../../../contract/statement.ts'
import { createRowDecoder } from '../../../../native-wasm/js/create-row-decoder.ts'
import type { BackendMessage, DecodeError } from '../../../../native-wasm/js/row-decoder.ts'
import type { EngineEvent, EngineStatement } from '../engine.ts'
import * as backend from '../protocol/backend-message.ts'
import * as frontend from '../protocol/frontend-message.ts'
import type { Pieces } from '../protocol/frontend-message.ts'
import { columnKindOf, formatOf } from '../result/column-kinds.ts'
import { countInTag, wholeTag } from '../result/command-tag.ts'
import { CopyOutRows } from '../result/copy-out-rows.ts'
import { binaryCopyRefusal, copyColumn, copyInRefusal } from '../result/copy-texts.ts'
import { ResultBatches } from '../result/result-batches.ts'
import { SliceSize } from '../result/slice-size.ts'
import { cancelledFields, clientEncodingNotice, statementError } from '../result/statement-error.ts'
import type { TypeNames } from '../result/type-names.ts'
import type { ConnectionListener, PostgresConnection } from './postgres-connection.ts'

/** Never prepared, so that binding it fails and aborts the transaction as a cancel does. */
const missingStatement = '_wardian_cancelled'

/** Takes no snapshot, so that what follows may still choose how isolated it is. */
const readOnlyTransaction = Buffer.from('SET transaction_read_only = on')

const types = backend.backendTypes
/** What answers each step, besides an error; ReadyForQuery answers whatever ends with Sync. */
const described = [types.rowDescription, types.noData]
const executed = [types.commandComplete, types.portalSuspended, types.emptyQueryResponse]
const closed = [types.closeComplete]
const ready = [types.readyForQuery]

/** What a statement needs from whoever runs it. */
export interface RemoteStatementContext {
  readonly connection: PostgresConnection
  readonly typeNames: TypeNames
  nowMs(): number
  emit(event: EngineEvent, costBytes: number): void
  /** Its end was asked for. */
  isCancelled(): boolean
  /** Has the server end what it runs; answered through the messages. */
  requestCancel(): void
}

interface Step {
  readonly ends: readonly number[]
  readonly done: PromiseWithResolvers<void>
}

export class RemoteStatement implements ConnectionListener {
  readonly #context: RemoteStatementContext
  readonly #statement: EngineStatement
  readonly #batches: ResultBatches
  readonly #slice = new SliceSize()
  #step: Step | null = null
  #fields: readonly backend.FieldDescription[] | null = null
  #copyOut: CopyOutRows | null = null
  #error: SqlErrorFields | null = null
  #refusal: WireError | null = null
  #commandTag: string | null = null
  #isSuspended = false
  /** An error is provoked, whose words are not the user's. */
  #isAborting = false
  /** The answer to a question of our own, while it is asked. */
  #answer: { buffer: ArrayBuffer | null; hasFailed: boolean } | null = null

  constructor(context: RemoteStatementContext, statement: EngineStatement) {
    this.#context = context
    this.#statement = statement
    const { resultBytesMax } = statement
    const take: ConstructorParameters<typeof ResultBatches>[0]['take'] = ({ firstRow, rowCount, bytes }) => {
      // A view of the decoder's memory is copied; a batch that was made aside is whole.
      const isWhole = bytes.byteLength === bytes.buffer.byteLength
      const { buffer } = isWhole ? bytes : bytes.slice()
      return () => context.emit({ kind: 'batch', firstRow, rowCount, buffer }, buffer.byteLength)
    }
    this.#batches = new ResultBatches({ resultBytesMax, nowMs: context.nowMs, take }, this.#decoder)
  }

  /** Never fails for what the server says; throws why the connection ended, unless the server said that, too. */
  async run(): Promise<StatementOutcome> {
    const { connection, nowMs } = this.#context
    const startedMs = nowMs()
    connection.listen(this)
    try {
      await this.#beginTransaction()
      if (!this.#error) await this.#exchange([...this.#parsing(), frontend.flushMessage()], described)
      const isAnswered = !this.#error && (await this.#answerRows())
      if (!isAnswered) await this.#exchange([frontend.syncMessage()], ready)
      // A statement that was cancelled between two slices leaves rows that nobody asked for any more.
      this.#decoder.takeBatch()
      const durationMs = nowMs() - startedMs
      await this.#keepUtf8()
      return this.#outcome(durationMs)
    } catch (error) {
      if (connection.end === null || !isFatal(this.#error)) throw error
      return { ...this.#outcome(nowMs() - startedMs), transaction: 'idle' }
    } finally {
      connection.listen(null)
    }
  }

  onMessage(message: BackendMessage): void {
    switch (message.type) {
      case types.rowDescription:
        if (!this.#answer) this.#fields = backend.readFields(message.body)
        break
      case types.commandComplete:
        if (this.#answer) this.#answer.buffer = this.#decoder.takeBatch()
        else this.#commandTag = backend.readCommandTag(message.body)
        break
      case types.portalSuspended:
        this.#isSuspended = true
        break
      case types.errorResponse:
        this.#onError(backend.readErrorFields(message.body))
        break
      case types.copyInResponse:
        this.#background([frontend.copyFailMessage(copyInRefusal), frontend.syncMessage()])
        break
      case types.copyOutResponse:
        this.#startCopyOut(backend.isBinaryCopy(message.body))
        break
      case types.copyData:
        this.#copyOut?.push(message.body)
        this.#batches.onRows()
    }
    this.#endStep(message.type)
  }

  onRows(): void {
    if (!this.#answer) this.#batches.onRows()
  }

  onRowTooLarge(error: DecodeError): void {
    const message = `${error.message}; select fewer or shorter values`
    this.#refuse({ code: 'limit-exceeded', message, sql: null })
  }

  get takesLargeRows(): boolean {
    return this.#answer === null && this.#refusal === null
  }

  onLargeRow(batch: ArrayBuffer, isLine: boolean): void {
    if (isLine !== (this.#copyOut !== null)) return
    this.#batches.flush()
    this.#batches.post({ rowCount: 1, bytes: new Uint8Array(batch) })
  }

  onNotice(notice: SqlErrorFields, costBytes: number): void {
    if (!this.#answer) this.#context.emit({ kind: 'notice', notice }, costBytes)
  }

  onLost(error: WorkbenchError): void {
    this.#step?.done.reject(error)
  }

  get #decoder(): PostgresConnection['decoder'] {
    return this.#context.connection.decoder
  }

  /** Sends messages and resolves when one of `ends`, or an error that ends the step, has arrived. */
  async #exchange(messages: readonly Pieces[], ends: readonly number[]): Promise<void> {
    const done = Promise.withResolvers<void>()
    this.#step = { ends, done }
    await Promise.all([this.#context.connection.send(messages), done.promise])
  }

  /** What fails to be sent fails the step by the end of the connection. */
  #background(messages: readonly Pieces[]): void {
    this.#context.connection.send(messages).catch(() => undefined)
  }

  #endStep(type: number): void {
    const step = this.#step
    if (!step) return
    const isError = type === types.errorResponse && step.ends !== ready
    if (!isError && !step.ends.includes(type)) return
    this.#step = null
    step.done.resolve()
  }

  /**
   * Up to Sync, all messages are one transaction (section 54.2.4). A pooler may run it on any of its connections, and
   * give that to others afterwards, so nothing is set beyond it.
   */
  async #beginTransaction(): Promise<void> {
    const { connection } = this.#context
    if (!connection.tellsReadOnly || connection.transaction !== 'idle') return
    const binding = frontend.bindMessage({ parameters: [], resultFormats: [] })
    const messages = [frontend.parseMessage(readOnlyTransaction), binding, frontend.executeMessage(0)]
    await this.#exchange([...messages, frontend.flushMessage()], executed)
    this.#commandTag = null
  }

  #parsing(): Pieces[] {
    const { sql, parameterTypes } = this.#statement
    return [frontend.parseMessage(sql, '', parameterTypes), frontend.describeStatementMessage()]
  }

  /** True when ReadyForQuery has been read, too. */
  async #answerRows(): Promise<boolean> {
    if (this.#context.isCancelled()) {
      await this.#abort()
      return false
    }
    const { parameters } = this.#statement
    if (!this.#fields) {
      const messages = [frontend.bindMessage({ parameters, resultFormats: [] }), frontend.executeMessage(0)]
      await this.#exchange([...messages, frontend.syncMessage()], ready)
      this.#batches.flush()
      return true
    }
    const isParsedAgain = await this.#tellColumns(this.#fields)
    if (isParsedAgain) await this.#beginTransaction()
    await this.#fetch(this.#fields, isParsedAgain ? this.#parsing().slice(0, 1) : [])
    return false
  }

  /** True when the statement has to be parsed again, because another one has ended its transaction. */
  async #tellColumns(fields: readonly backend.FieldDescription[]): Promise<boolean> {
    const { typeNames, connection } = this.#context
    const unknown = typeNames.unknownTypes(fields)
    const isOwnTransaction = unknown.length > 0 && connection.transaction === 'idle'
    const answer = unknown.length > 0 ? await this.#ask(typeNames.lookup(unknown), isOwnTransaction) : null
    const learned = typeNames.learn(unknown, answer)
    const columns = fields.map((field) => ({
      ...field,
      typeName: typeNames.nameOf(field, learned),
      kind: columnKindOf(field.typeOid),
    }))
    this.#context.emit({ kind: 'columns', columns }, 0)
    this.#decoder.reset(Uint8Array.from(columns, (column) => column.kind))
    return isOwnTransaction
  }

  /**
   * A question of our own, whose answer is one column of text. Outside of a transaction it is one of its own, so that
   * the user's statement is the first of its; there a server that does not understand it does no harm.
   */
  async #ask(question: readonly Pieces[], isOwnTransaction: boolean): Promise<ArrayBuffer | null> {
    const { typeNames } = this.#context
    if (isOwnTransaction) await this.#exchange([frontend.syncMessage()], ready)
    this.#decoder.reset(typeNames.kinds)
    const answer = { buffer: null, hasFailed: false }
    this.#answer = answer
    const end = isOwnTransaction ? frontend.syncMessage() : frontend.flushMessage()
    await this.#exchange([...question, end], isOwnTransaction ? ready : closed)
    this.#answer = null
    return answer.buffer
  }

  async #fetch(fields: readonly backend.FieldDescription[], parsing: Pieces[]): Promise<void> {
    const resultFormats = fields.map((field) => formatOf(columnKindOf(field.typeOid)))
    const { parameters } = this.#statement
    let opening: Pieces[] = [...parsing, frontend.bindMessage({ parameters, resultFormats })]
    do {
      if (this.#error) return
      if (this.#context.isCancelled()) return this.#abort()
      const before = { rows: this.#batches.rowCount, bytes: this.#batches.bytes }
      this.#isSuspended = false
      const messages = [...opening, frontend.executeMessage(this.#slice.rows), frontend.flushMessage()]
      await this.#exchange(messages, executed)
      opening = []
      if (this.#isSuspended && before.rows > 0) this.#batches.onRows()
      else this.#batches.flush()
      const { pendingRows, pendingBytes } = this.#decoder
      this.#slice.next({
        rows: this.#batches.rowCount + pendingRows - before.rows,
        bytes: this.#batches.bytes + pendingBytes - before.bytes,
      })
    } while (this.#isSuspended && !this.#batches.isFull)
    this.#batches.flush()
    if (!this.#isSuspended) return
    this.#batches.isCut = true
    await this.#exchange([frontend.closePortalMessage(), frontend.flushMessage()], closed)
  }

  /**
   * The cancel came while nothing ran, between two slices, where Postgres ignores it. What has been done must be
   * undone all the same, so an error is provoked in its place.
   */
  async #abort(): Promise<void> {
    this.#isAborting = true
    const binding = { statementName: missingStatement, parameters: [], resultFormats: [] }
    await this.#exchange([frontend.bindMessage(binding), frontend.flushMessage()], [])
    this.#isAborting = false
  }

  #onError(fields: SqlErrorFields): void {
    this.#isSuspended = false
    if (this.#answer) {
      this.#answer.hasFailed = true
      // Inside a transaction it has failed with it, which its user must know.
      if (this.#context.connection.transaction === 'idle' && !isFatal(fields)) return
    }
    this.#error ??= this.#isAborting ? cancelledFields : fields
  }

  #startCopyOut(isBinary: boolean): void {
    if (isBinary) return this.#refuse(binaryCopyRefusal)
    this.#context.emit({ kind: 'columns', columns: [copyColumn] }, 0)
    this.#copyOut = new CopyOutRows(createRowDecoder())
    this.#batches.switchTo(this.#copyOut.decoder)
  }

  /** Ends the statement with an error of the product instead of Postgres's. */
  #refuse(error: WireError): void {
    this.#refusal ??= error
    this.#context.requestCancel()
  }

  /** Text in another encoding would arrive as garbage, so a changed client_encoding is changed back. */
  async #keepUtf8(): Promise<void> {
    const { connection } = this.#context
    const encoding = connection.parameters.get('client_encoding') ?? 'UTF8'
    if (encoding === 'UTF8' || connection.transaction === 'failed') return
    this.#context.emit({ kind: 'notice', notice: clientEncodingNotice(encoding) }, 0)
    const told = { commandTag: this.#commandTag, error: this.#error }
    await this.#exchange([frontend.queryMessage(`set client_encoding to 'UTF8'`)], ready)
    this.#commandTag = told.commandTag
    this.#error = told.error
  }

  #outcome(durationMs: number): StatementOutcome {
    const isCancelled = this.#error?.code === cancelledFields.code && this.#context.isCancelled()
    const error = this.#refusal ?? statementError(this.#error, isCancelled)
    const { rowCount, bytes, isCut } = this.#batches
    const hasRows = this.#fields !== null || this.#copyOut !== null
    const ended = isCancelled ? 'cancelled' : 'failed'
    const status = error ? ended : isCut ? 'cut' : 'ok'
    return {
      status,
      commandTag: status === 'ok' ? wholeTag(this.#commandTag, hasRows, rowCount) : null,
      rowCount: hasRows ? rowCount : countInTag(this.#commandTag),
      resultBytes: bytes,
      durationMs,
      error,
      transaction: this.#context.connection.transaction,
    }
  }
}

/** The server ends the connection with it (PostgreSQL 18 documentation, section 54.8). */
function isFatal(error: SqlErrorFields | null): boolean {
  return error !== null && (error.severity === 'FATAL' || error.severity === 'PANIC')
}
