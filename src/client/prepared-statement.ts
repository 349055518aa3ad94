/**
 * A statement that is planned once and run often. In a client it is prepared on each connection when it is first run
 * there, in the same message as that run; what the endpoint has forgotten is prepared again.
 */

import type { DescriptionData } from '../protocol/answer-frame.ts'
import { collectResult, type Runner } from './collect-result.ts'
import type { Connection } from './connection.ts'
import { wireParameters } from './parameter-text.ts'
import type { QueryOptions } from './query-options.ts'
import type { QueryResult } from './query-result.ts'
import { fieldsOf, type ResultField } from './result-field.ts'
import { invalidArgument, WardianError } from './wardian-error.ts'

export interface PreparedParts extends Runner {
  readonly text: string
  readonly types: readonly number[]
  readonly tenant: string | undefined
}

export class PreparedStatement<Row = Record<string, unknown>> {
  readonly #parts: PreparedParts
  /** Connection -> the statement's name there. */
  #names = new Map<Connection, string>()
  #description: DescriptionData = { params: [], columns: null }
  #isClosed = false

  constructor(parts: PreparedParts) {
    this.#parts = parts
  }

  /** Type OIDs of the parameters. */
  get params(): readonly number[] {
    return this.#description.params
  }

  /** The columns of its result; null if it has none. */
  get fields(): readonly ResultField[] | null {
    return this.#description.columns && fieldsOf(this.#description.columns)
  }

  /** Prepares it, and learns what it takes and gives; rejects if it makes no sense. */
  async describe(options: QueryOptions = {}): Promise<void> {
    const frame = await this.#parts.requester.send({
      type: 'prepare',
      options,
      data: (connection) => this.#dataOn(connection, connection.nextName('p')),
    })
    // The endpoint is trusted to keep to the protocol.
    this.#description = frame.envelope.data as DescriptionData
  }

  /** Runs it with `params`. */
  async query(params: readonly unknown[] = [], options: QueryOptions = {}): Promise<QueryResult<Row>> {
    if (this.#isClosed) throw new WardianError('closed', 'The prepared statement was closed')
    if (options.types || options.tenant) throw invalidArgument('types and tenant belong to prepare')
    try {
      return await this.#run(params, options)
    } catch (error) {
      const isForgotten = error instanceof WardianError && error.code === 'not_found'
      if (!isForgotten) throw error
      // The endpoint has been started again, or somebody has sent DEALLOCATE ALL.
      this.#names = new Map()
      return this.#run(params, options)
    }
  }

  /** Lets the endpoint forget it. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    const session = this.#parts.requester.session ?? undefined
    const open = [...this.#names].filter(([connection]) => connection.isOpen)
    this.#names = new Map()
    const asked = open.map(([connection, name]) =>
      connection.ask({ type: 'close_prepared', session, ...this.#tenant, data: { name } }),
    )
    // One that is gone already is closed as well.
    await Promise.allSettled(asked)
  }

  #run(params: readonly unknown[], options: QueryOptions): Promise<QueryResult<Row>> {
    const data = (connection: Connection): unknown => ({
      prepared: this.#nameOn(connection),
      ...(params.length > 0 && { params: wireParameters(params, connection.isBinary) }),
      ...(options.rowLimit !== undefined && { row_limit: options.rowLimit }),
    })
    return collectResult<Row>(this.#parts, data, { ...options, ...this.#tenant })
  }

  get #tenant(): { readonly tenant?: string } {
    return this.#parts.tenant === undefined ? {} : { tenant: this.#parts.tenant }
  }

  /** Its name on `connection`, where it is prepared right before whatever is sent next. */
  #nameOn(connection: Connection): string {
    const known = this.#names.get(connection)
    if (known !== undefined) return known
    for (const other of this.#names.keys()) if (!other.isOpen) this.#names.delete(other)
    const name = connection.nextName('p')
    const data = this.#dataOn(connection, name)
    const session = this.#parts.requester.session ?? undefined
    connection.ask({ type: 'prepare', session, ...this.#tenant, data }).catch(() => {
      // What is run by that name says `not_found`, and is tried once more.
      if (this.#names.get(connection) === name) this.#names.delete(connection)
    })
    return name
  }

  #dataOn(connection: Connection, name: string): unknown {
    const { text, types } = this.#parts
    this.#names.set(connection, name)
    return { name, sql: text, ...(types.length > 0 && { types }) }
  }
}
