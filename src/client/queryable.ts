/**
 * What can be asked of a client, a session and a transaction alike. Each of them gives it a way to the endpoint. Knows
 * neither pool nor sockets.
 */

import type { DescriptionData } from '../protocol/answer-frame.ts'
import { runBatch, type BatchOptions, type BatchOutcome, type BatchStep } from './batch.ts'
import { collectResult, type Runner } from './collect-result.ts'
import type { Connection } from './connection.ts'
import { PreparedStatement } from './prepared-statement.ts'
import type { QueryOptions } from './query-options.ts'
import type { QueryResult } from './query-result.ts'
import { fieldsOf, type ResultField } from './result-field.ts'
import { RowStream, type StreamOptions } from './row-stream.ts'
import { sql as sqlTag, SqlText, statementOf, type SqlTag, type Statement } from './sql-text.ts'
import { statementData } from './statement-data.ts'

/** The tag of a client: runs what it makes. `identifier`, `join` and `raw` are those of `sql`. */
export interface QueryTag extends Pick<SqlTag, 'identifier' | 'join' | 'raw'> {
  <Row = Record<string, unknown>>(
    texts: TemplateStringsArray,
    ...values: readonly unknown[]
  ): Promise<QueryResult<Row>>
}

/** What a statement takes and gives. */
export interface StatementDescription {
  /** Type OIDs. */
  readonly params: readonly number[]
  /** null: it has no rows. */
  readonly fields: readonly ResultField[] | null
}

export class Queryable {
  /** `` await db.sql`select * from t where id = ${id}` ``: what is put in is a parameter, never text. */
  readonly sql: QueryTag
  readonly #runner: Runner

  constructor(runner: Runner) {
    this.#runner = runner
    const run = <Row>(
      texts: TemplateStringsArray,
      ...values: readonly unknown[]
    ): Promise<QueryResult<Row>> => this.query<Row>(sqlTag(texts, ...values))
    const { identifier, join, raw } = sqlTag
    this.sql = Object.assign(run, { identifier, join, raw })
  }

  /** Runs one statement: a text with `$1`, `$2`, … and `params`, or a `sql` text. */
  async query<Row = Record<string, unknown>>(
    statement: Statement,
    params: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<QueryResult<Row>> {
    const asked = statementOf(statement, params)
    const data = (connection: Connection): unknown => statementData(asked, options, connection.isBinary)
    return collectResult<Row>(this.#runner, data, options)
  }

  /**
   * The rows of a large result as they come: `for await (const batch of db.stream(…))`. The endpoint sends no more
   * than is taken; leaving the loop ends the statement.
   */
  stream<Row = Record<string, unknown>>(
    statement: Statement,
    params: readonly unknown[] = [],
    options: StreamOptions = {},
  ): RowStream<Row> {
    return new RowStream<Row>({ ...this.#runner, options, statement: statementOf(statement, params) })
  }

  /**
   * Several statements in one go. With `isAtomic` they are one transaction, and what failed rejects; otherwise each
   * outcome tells, and a step may depend on those before it (`if`).
   */
  batch(
    steps: readonly (BatchStep | Statement)[],
    options: BatchOptions & { isAtomic: true },
  ): Promise<QueryResult[]>
  batch(steps: readonly (BatchStep | Statement)[], options?: BatchOptions): Promise<BatchOutcome[]>
  batch(
    steps: readonly (BatchStep | Statement)[],
    options: BatchOptions = {},
  ): Promise<readonly BatchOutcome[]> {
    return runBatch(this.#runner, steps.map(asStep), options)
  }

  /** A statement that is planned once and run often. Ends with its session; a client's is made anew when needed. */
  async prepare<Row = Record<string, unknown>>(
    statement: string,
    options: QueryOptions = {},
  ): Promise<PreparedStatement<Row>> {
    const { tenant, types = [] } = options
    const prepared = new PreparedStatement<Row>({ ...this.#runner, text: statement, types, tenant })
    await prepared.describe(options)
    return prepared
  }

  /** What a statement takes and gives, without running it. */
  async describe(statement: string, options: QueryOptions = {}): Promise<StatementDescription> {
    const data = { sql: statement, ...(options.types && { types: options.types }) }
    return descriptionOf(await this.#runner.requester.ask('describe', data, options))
  }
}

function asStep(step: BatchStep | Statement): BatchStep {
  return typeof step === 'string' || step instanceof SqlText ? { sql: step } : step
}

/** Of the answer to `prepare` and `describe`. */
function descriptionOf(data: unknown): StatementDescription {
  // The endpoint is trusted to keep to the protocol.
  const { params, columns } = data as DescriptionData
  return { params, fields: columns && fieldsOf(columns) }
}
