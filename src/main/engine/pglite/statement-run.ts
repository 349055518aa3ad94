/**
 * Runs one statement in the worker from Parse to ReadyForQuery: learns the columns, asks for binary where that
 * is exact, takes the rows in slices, and ends the result at its budget without ending the transaction. Knows
 * no host thread beyond the output window and the cancel word.
 */

import type { SqlErrorFields, WireError } from '../../../contract/error.ts'
import type { StatementOutcome } from '../../../contract/statement.ts'
import type { BackendMessage, DecodeError } from '../../../../native-wasm/js/row-decoder.ts'
import * as backend from '../protocol/backend-message.ts'
import { columnKindOf, formatOf } from '../result/column-kinds.ts'
import { countInTag, wholeTag } from '../result/command-tag.ts'
import { CopyOutRows } from '../result/copy-out-rows.ts'
import { binaryCopyRefusal, copyColumn, copyInRefusal } from '../result/copy-texts.ts'
import { takeForPosting } from './batch-posting.ts'
import type { HostMessage } from './engine-message.ts'
import * as frontend from '../protocol/frontend-message.ts'
import type { Pieces } from '../protocol/frontend-message.ts'
import type { QueryListener } from './query-driver.ts'
import { ResultBatches } from '../result/result-batches.ts'
import { SliceSize } from '../result/slice-size.ts'
import { cancelledFields, clientEncodingNotice, statementError } from '../result/statement-error.ts'
import type { WorkerContext } from './worker-context.ts'

type ExecuteMessage = Extract<HostMessage, { kind: 'execute' }>

/** The statement itself counts as turn 0 of its activity. */
const turn = 0

/** Never prepared, so that binding it fails and aborts the transaction as a cancel does. */
const missingStatement = '_wardian_cancelled'

/**
 * Of a statement without rows. What a COMMIT has notified is looked for as soon as Postgres has to read again, and only
 * after Sync on behalf of all who listen: so both come in one piece.
 */
const wholeExecution: readonly Pieces[] = [
  [Buffer.concat([...frontend.executeMessage(0), ...frontend.syncMessage()])],
]

export class StatementRun implements QueryListener {
  readonly #context: WorkerContext
  readonly #message: ExecuteMessage
  readonly #batches: ResultBatches
  readonly #slice = new SliceSize()
  #fields: readonly backend.FieldDescription[] | null = null
  #copyOut: CopyOutRows | null = null
  #error: SqlErrorFields | null = null
  #refusal: WireError | null = null
  #commandTag: string | null = null
  #isSuspended = false
  #isAborting = false

  constructor(context: WorkerContext, message: ExecuteMessage) {
    this.#context = context
    this.#message = message
    const { activity } = message
    const { output, slots } = context
    const posting = { activity, output, slots, isInterrupted: () => this.#isToEnd }
    this.#batches = new ResultBatches(
      {
        resultBytesMax: message.resultBytesMax,
        nowMs: context.nowMs,
        take: (batch) => takeForPosting(posting, batch),
      },
      context.driver.decoder,
    )
  }

  run(): StatementOutcome {
    const startedMs = this.#context.nowMs()
    this.#parse()
    if (!this.#error) this.#postColumns()
    if (!this.#error) this.#execute()
    this.#exchange(frontend.syncMessage())
    // A statement that was cancelled between two slices leaves rows that nobody asked for any more.
    this.#context.driver.decoder.takeBatch()
    const durationMs = this.#context.nowMs() - startedMs
    this.#keepUtf8()
    return this.#outcome(durationMs)
  }

  onMessage(message: BackendMessage): void {
    const types = backend.backendTypes
    switch (message.type) {
      case types.rowDescription:
        this.#fields = backend.readFields(message.body)
        break
      case types.commandComplete:
        this.#commandTag = backend.readCommandTag(message.body)
        break
      case types.portalSuspended:
        this.#isSuspended = true
        break
      case types.errorResponse:
        this.#onError(backend.readErrorFields(message.body))
        break
      case types.copyOutResponse:
        this.#startCopyOut(backend.isBinaryCopy(message.body))
        break
      case types.copyData:
        this.#copyOut?.push(message.body)
        this.#batches.onRows()
        break
      default:
        this.#context.onBackendMessage(message, this.#notice)
    }
  }

  onRows(): void {
    this.#batches.onRows()
  }

  onRowTooLarge(error: DecodeError): void {
    this.#refuse({
      code: 'limit-exceeded',
      message: `${error.message}; select fewer or shorter values`,
      sql: null,
    })
  }

  onInputWanted(): Pieces {
    return frontend.copyFailMessage(copyInRefusal)
  }

  get #isCancelled(): boolean {
    return this.#context.signals.isCancelled(this.#message.activity, turn)
  }

  get #isToEnd(): boolean {
    return this.#context.isToEnd(this.#message.activity, turn)
  }

  #exchange(...messages: Pieces[]): void {
    this.#context.driver.exchange(this, messages)
  }

  #parse(): void {
    const { activity, sql, parameterTypes, wantsTree } = this.#message
    const { trees } = this.#context.sessions
    const parsing = frontend.parseMessage(sql, '', parameterTypes)
    const parse = (): void =>
      this.#exchange(parsing, frontend.describeStatementMessage(), frontend.flushMessage())
    const tree = wantsTree ? trees.during(parse) : null
    if (!wantsTree) parse()
    if (tree !== null && !this.#error) this.#context.output.post({ kind: 'tree', activity, tree })
  }

  #postColumns(): void {
    if (!this.#fields) return
    const { activity } = this.#message
    const learned = this.#learnTypeNames(this.#fields)
    if (this.#error) return
    const columns = this.#fields.map((field) => ({
      ...field,
      typeName: this.#context.typeNames.nameOf(field, learned),
      kind: columnKindOf(field.typeOid),
    }))
    this.#context.output.post({ kind: 'columns', activity, columns })
    this.#context.driver.decoder.reset(Uint8Array.from(columns, (column) => column.kind))
  }

  /**
   * Asks Postgres for the names that are not known. Outside a transaction this is a transaction of its own, so
   * that the user's statement still is the first of its own; inside one it is a read of the catalog.
   */
  #learnTypeNames(fields: readonly backend.FieldDescription[]): ReadonlyMap<string, string> {
    const { typeNames, driver } = this.#context
    const types = typeNames.unknownTypes(fields)
    if (types.length === 0) return new Map()
    const isOwnTransaction = this.#context.transaction === 'idle'
    if (isOwnTransaction) this.#exchange(frontend.syncMessage())
    driver.decoder.reset(typeNames.kinds)
    let answer: ArrayBuffer | null = null
    const listener: QueryListener = {
      onMessage: (message) => {
        if (message.type !== backend.backendTypes.commandComplete) return this.onMessage(message)
        answer = driver.decoder.takeBatch()
      },
      onRows: () => undefined,
      onRowTooLarge: (error) => this.onRowTooLarge(error),
      onInputWanted: () => this.onInputWanted(),
    }
    const end = isOwnTransaction ? frontend.syncMessage() : frontend.flushMessage()
    driver.exchange(listener, [...typeNames.lookup(types), end])
    return typeNames.learn(types, answer)
  }

  #execute(): void {
    const formats = this.#fields?.map((field) => formatOf(columnKindOf(field.typeOid))) ?? []
    const { parameters } = this.#message
    let opening: Pieces[] = [frontend.bindMessage({ parameters, resultFormats: formats })]
    do {
      if (this.#isCancelled) return this.#abort()
      const before = { rows: this.#batches.rowCount, bytes: this.#batches.bytes }
      this.#isSuspended = false
      this.#exchange(...opening, ...(this.#fields ? this.#nextSlice() : wholeExecution))
      opening = []
      if (this.#isSuspended && before.rows > 0) this.#batches.onRows()
      else this.#batches.flush()
      const { pendingRows, pendingBytes } = this.#context.driver.decoder
      this.#slice.next({
        rows: this.#batches.rowCount + pendingRows - before.rows,
        bytes: this.#batches.bytes + pendingBytes - before.bytes,
      })
    } while (this.#isSuspended && !this.#batches.isFull)
    this.#batches.flush()
    if (!this.#isSuspended) return
    this.#batches.isCut = true
    this.#exchange(frontend.closePortalMessage(), frontend.flushMessage())
  }

  #nextSlice(): Pieces[] {
    return [frontend.executeMessage(this.#slice.rows), frontend.flushMessage()]
  }

  /**
   * The cancel came while nothing ran, between two slices, where Postgres ignores it. What has been done must
   * be undone all the same, so an error is provoked in its place.
   */
  #abort(): void {
    this.#isAborting = true
    const parameters: string[] = []
    this.#exchange(
      frontend.bindMessage({ statementName: missingStatement, parameters, resultFormats: [] }),
      frontend.flushMessage(),
    )
    this.#isAborting = false
  }

  #onError(fields: SqlErrorFields): void {
    this.#isSuspended = false
    this.#error ??= this.#isAborting ? cancelledFields : fields
  }

  #startCopyOut(isBinary: boolean): void {
    if (isBinary) {
      this.#refuse(binaryCopyRefusal)
      return
    }
    const { activity } = this.#message
    this.#context.output.post({ kind: 'columns', activity, columns: [copyColumn] })
    this.#copyOut = new CopyOutRows(this.#context.createDecoder())
    this.#batches.switchTo(this.#copyOut.decoder)
  }

  /** Ends the statement with an error of the product instead of Postgres's. */
  #refuse(error: WireError): void {
    this.#refusal ??= error
    this.#context.loop.requestCancel()
  }

  readonly #notice = (notice: SqlErrorFields): void => {
    if (this.#context.sessions.trees.take(notice)) return
    this.#context.postNotice(this.#message.activity, notice, () => this.#isToEnd)
  }

  /** Text in another encoding would arrive as garbage, so a changed client_encoding is changed back. */
  #keepUtf8(): void {
    const encoding = this.#context.loop.clientEncoding
    if (encoding === 'UTF8' || this.#context.transaction === 'failed') return
    this.#notice(clientEncodingNotice(encoding))
    const outcome = { commandTag: this.#commandTag, error: this.#error }
    this.#exchange(frontend.queryMessage(`set client_encoding to 'UTF8'`))
    this.#commandTag = outcome.commandTag
    this.#error = outcome.error
  }

  #outcome(durationMs: number): StatementOutcome {
    const isCancelled = this.#error?.code === cancelledFields.code && this.#isCancelled
    const error = this.#refusal ?? statementError(this.#error, isCancelled)
    const { rowCount, bytes, isCut } = this.#batches
    const hasRows = this.#fields !== null || this.#copyOut !== null
    const ended = isCancelled ? 'cancelled' : 'failed'
    const completed = isCut ? 'cut' : 'ok'
    const status = error ? ended : completed
    return {
      status,
      commandTag: status === 'ok' ? wholeTag(this.#commandTag, hasRows, rowCount) : null,
      rowCount: hasRows ? rowCount : countInTag(this.#commandTag),
      resultBytes: bytes,
      durationMs,
      error,
      transaction: this.#context.transaction,
    }
  }
}
