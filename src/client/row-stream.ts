/**
 * A result that is taken batch by batch. Begins when it is iterated, sends credit as batches are taken, and ends the
 * statement when the loop is left. Keeps no more rows than there is credit for.
 */

import { creditDefault, creditMax } from '../protocol/protocol-limits.ts'
import type { QueryOptions } from './query-options.ts'
import type { Notice } from './query-result.ts'
import type { CreditGrant } from './request-call.ts'
import type { Requester } from './requester.ts'
import { ResultCollector } from './result-collector.ts'
import type { ReadingContext, ResultField } from './result-field.ts'
import { RowBatch } from './row-batch.ts'
import type { RowChunk } from './row-chunk.ts'
import { statementData, type StatementText } from './statement-data.ts'
import { invalidArgument } from './wardian-error.ts'

export interface StreamOptions extends QueryOptions {
  /** Batches that may be under way, 1 to 64; a batch has some 256 KiB. 4 unless given. */
  readonly credit?: number
}

export interface StreamParts {
  readonly requester: Requester
  readonly context: ReadingContext
  readonly options: StreamOptions
  readonly statement: StatementText
}

/** What is said of the statement when all rows are there. */
export interface StreamEnd {
  readonly command: string
  readonly rowCount: number
  readonly isTruncated: boolean
  readonly notices: readonly Notice[]
}

interface WaitingChunk {
  readonly chunk: RowChunk
  readonly credit: CreditGrant
}

export class RowStream<Row = Record<string, unknown>> implements AsyncIterable<RowBatch<Row>> {
  readonly #parts: StreamParts
  #hasBegun = false
  #fields: readonly ResultField[] = []
  #end: StreamEnd | null = null

  constructor(parts: StreamParts) {
    const { credit = creditDefault } = parts.options
    if (!Number.isInteger(credit) || credit < 1 || credit > creditMax) {
      throw invalidArgument(`credit must be a whole number from 1 to ${creditMax}`)
    }
    this.#parts = parts
  }

  /** The columns; empty before the first batch. */
  get fields(): readonly ResultField[] {
    return this.#fields
  }

  /** null until all rows were taken. */
  get end(): StreamEnd | null {
    return this.#end
  }

  /** Row by row. */
  async *rows(): AsyncGenerator<Row, void, undefined> {
    for await (const batch of this) yield* batch.rows
  }

  /** Batch by batch, once. */
  async *[Symbol.asyncIterator](): AsyncGenerator<RowBatch<Row>, void, undefined> {
    if (this.#hasBegun) throw invalidArgument('A stream is iterated once')
    this.#hasBegun = true
    const run = new StreamRun(this.#parts)
    try {
      for (;;) {
        const next = await run.next()
        if (next === null) break
        this.#fields = run.collector.fields
        yield new RowBatch<Row>(this.#fields, [next.chunk])
        next.credit.grant(1)
      }
      this.#fields = run.collector.fields
      this.#end = run.end
    } finally {
      run.stop()
    }
  }
}

/** One run of the statement. */
class StreamRun {
  readonly collector: ResultCollector
  readonly #parts: StreamParts
  readonly #stop = new AbortController()
  readonly #waiting: WaitingChunk[] = []
  readonly #onAbort = (): void => this.#stop.abort(this.#parts.options.signal?.reason)
  #wake: () => void = () => undefined
  #failure: { readonly error: unknown } | null = null
  end: StreamEnd | null = null

  constructor(parts: StreamParts) {
    this.#parts = parts
    this.collector = new ResultCollector(parts.context)
    const { signal } = parts.options
    if (signal?.aborted) this.#onAbort()
    signal?.addEventListener('abort', this.#onAbort, { once: true })
    void this.#run()
  }

  /** The next rows; null when there are no more. Rejects with what the statement failed with. */
  async next(): Promise<WaitingChunk | null> {
    for (;;) {
      const next = this.#waiting.shift()
      if (next) return next
      if (this.#failure) throw this.#failure.error
      if (this.end) return null
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  /** Ends the statement if it still runs. */
  stop(): void {
    this.#parts.options.signal?.removeEventListener('abort', this.#onAbort)
    this.#stop.abort()
  }

  async #run(): Promise<void> {
    const { requester, options, statement } = this.#parts
    try {
      const frame = await requester.send({
        type: 'query',
        options: { ...options, signal: this.#stop.signal },
        credit: options.credit ?? creditDefault,
        data: (connection) => statementData(statement, options, connection.isBinary),
        onRows: (rows, credit) => this.#take(rows, credit),
      })
      this.#take(frame, { grant: () => undefined, fail: () => undefined })
      const { data } = this.collector.endOf(frame)
      this.end = {
        command: data.command ?? '',
        rowCount: data.row_count ?? 0,
        isTruncated: data.truncated === true,
        notices: data.notices ?? [],
      }
    } catch (error) {
      this.#failure = { error }
    }
    this.#wake()
  }

  #take(frame: Parameters<ResultCollector['add']>[0], credit: CreditGrant): void {
    const chunk = this.collector.take(frame)
    if (chunk) this.#waiting.push({ chunk, credit })
    this.#wake()
  }
}
