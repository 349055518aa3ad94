/** A result that stays with Postgres and is fetched in pieces of a chosen size. Belongs to a session, ends with it. */

import { ResultCollector } from './result-collector.ts'
import { fieldsOf, type ResultField } from './result-field.ts'
import type { RowBatch } from './row-batch.ts'
import type { Runner } from './collect-result.ts'
import type { QueryOptions } from './query-options.ts'
import { generousCredit } from './requester.ts'
import type { ResultColumn } from '../protocol/answer-frame.ts'
import { statementData, type StatementText } from './statement-data.ts'

/** Of one `fetch`, unless given. */
const countDefault = 1_000

export class Cursor<Row = Record<string, unknown>> implements AsyncIterable<RowBatch<Row>> {
  readonly #runner: Runner
  readonly #name: string
  readonly #columns: readonly ResultColumn[]
  #isDone = false
  #isClosed = false

  /** Opens one by the name `name`, which its session does not have yet. */
  static async open<Row>(
    runner: Runner,
    { name, statement }: { readonly name: string; readonly statement: StatementText },
    options: QueryOptions,
  ): Promise<Cursor<Row>> {
    const { envelope } = await runner.requester.send({
      type: 'cursor_open',
      options,
      data: (connection) => ({
        cursor: name,
        ...statementData(statement, options.types ? { types: options.types } : {}, connection.isBinary),
      }),
    })
    // The endpoint is trusted to keep to the protocol.
    const { columns } = envelope.data as { readonly columns: readonly ResultColumn[] }
    return new Cursor<Row>(runner, name, columns)
  }

  private constructor(runner: Runner, name: string, columns: readonly ResultColumn[]) {
    this.#runner = runner
    this.#name = name
    this.#columns = columns
  }

  get fields(): readonly ResultField[] {
    return fieldsOf(this.#columns)
  }

  /** Whether all rows were fetched. */
  get isDone(): boolean {
    return this.#isDone
  }

  /** The next `count` rows, 1 to 100,000; fewer at the end, and none behind it. */
  async fetch(count = countDefault, options: QueryOptions = {}): Promise<RowBatch<Row>> {
    const collector = new ResultCollector(this.#runner.context)
    collector.expect(this.#columns)
    const frame = await this.#runner.requester.send({
      type: 'cursor_fetch',
      options,
      credit: generousCredit,
      data: () => ({ cursor: this.#name, count }),
      onRows: (rows, credit) => {
        collector.add(rows)
        credit.grant(1)
      },
    })
    const { done } = frame.envelope.data as { readonly done?: boolean }
    this.#isDone = done === true
    return collector.finish<Row>(frame)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#runner.requester.ask('cursor_close', { cursor: this.#name })
  }

  /** Fetches until the end; leaving the loop closes the cursor. */
  async *[Symbol.asyncIterator](): AsyncGenerator<RowBatch<Row>, void, undefined> {
    try {
      while (!this.#isDone) {
        const batch = await this.fetch()
        if (batch.length > 0) yield batch
      }
    } finally {
      await this.close()
    }
  }
}
