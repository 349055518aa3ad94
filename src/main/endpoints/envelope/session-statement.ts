/**
 * The statements that a session of the envelope protocol has prepared: those that the client has named, and those
 * that the endpoint keeps prepared because the same SQL comes again. Knows what Postgres has told of each, and sends
 * nothing.
 */

import { columnKinds } from '../../../contract/column-batch.ts'
import type { ResultColumn } from '../../../protocol/answer-frame.ts'
import { columnKindOf, formatOf } from '../../engine/result/column-kinds.ts'
import type { FieldDescription } from '../../engine/protocol/backend-message.ts'

/** Statements that are kept prepared: what a program repeats; the others cost Postgres some KiB each. */
const keptMax = 128

/** What Postgres tells of a statement's result. */
export interface StatementDescription {
  /** OIDs. */
  readonly params: readonly number[]
  /** null: it has no rows. */
  readonly columns: readonly ResultColumn[] | null
  /** `columns` as JSON. */
  readonly columnsJson: string
  /** Of the columns in a batch. */
  readonly kinds: Uint8Array
  /** As they stand in Bind, for batches. */
  readonly formats: Uint8Array
}

/** One prepared statement. */
export class SessionStatement {
  readonly name: string
  readonly sql: string
  readonly types: readonly number[]
  /** The backend knows it by its name. */
  isPrepared = false
  /** The backend may know something by its name, which is to be closed before it is prepared. */
  isStale = false
  description: StatementDescription | null = null
  /** Has been seen to be quick, and to leave the session as it was: others may be sent with it. */
  isQuick = false

  constructor(name: string, sql: string, types: readonly number[]) {
    this.name = name
    this.sql = sql
    this.types = types
  }

  /** The backend does not know it any more, or knows it wrongly. */
  forget(): void {
    this.isStale ||= this.isPrepared
    this.isPrepared = false
    this.isQuick = false
  }
}

export class SessionStatements {
  readonly #kept = new Map<string, SessionStatement>()
  readonly #named = new Map<string, SessionStatement>()
  /** Evicted: the backend still knows them. */
  #closing: string[] = []
  #count = 0

  /** The statement for this SQL, which may have been used before. */
  of(sql: string, types: readonly number[] = []): SessionStatement {
    const key = types.length === 0 ? sql : `${types.join()}\0${sql}`
    const known = this.#kept.get(key)
    if (known) {
      // The least recently used is the first.
      this.#kept.delete(key)
      this.#kept.set(key, known)
      return known
    }
    const statement = this.make(sql, types)
    this.#kept.set(key, statement)
    if (this.#kept.size > keptMax) this.#evict()
    return statement
  }

  /** A statement that is not kept. */
  make(sql: string, types: readonly number[] = []): SessionStatement {
    this.#count += 1
    return new SessionStatement(`_wardian_${this.#count}`, sql, types)
  }

  get namedCount(): number {
    return this.#named.size
  }

  named(name: string): SessionStatement | null {
    return this.#named.get(name) ?? null
  }

  setNamed(name: string, statement: SessionStatement): void {
    this.#named.set(name, statement)
  }

  /** False if there is none. The backend is told with what is sent next. */
  closeNamed(name: string): boolean {
    const statement = this.#named.get(name)
    if (!statement) return false
    this.#named.delete(name)
    this.close(statement)
    return true
  }

  /** For `takeClosing`. */
  close(statement: SessionStatement): void {
    if (statement.isPrepared || statement.isStale) this.#closing.push(statement.name)
    // Whoever has it in hand prepares it again.
    statement.forget()
  }

  /** Names that the backend is to be told to close. */
  takeClosing(): readonly string[] {
    if (this.#closing.length === 0) return this.#closing
    const closing = this.#closing
    this.#closing = []
    return closing
  }

  /** DISCARD ALL, or DEALLOCATE. */
  forgetAll(): void {
    for (const statement of this.#kept.values()) statement.forget()
    for (const statement of this.#named.values()) statement.forget()
  }

  #evict(): void {
    for (const [key, statement] of this.#kept) {
      this.#kept.delete(key)
      this.close(statement)
      return
    }
  }
}

/** What is kept of a RowDescription, and of the ParameterDescription before it. */
export function describe(
  params: readonly number[],
  fields: readonly FieldDescription[] | null,
): StatementDescription {
  const columns = fields?.map(columnOf) ?? null
  const kinds = Uint8Array.from(fields ?? [], ({ typeOid }) => columnKindOf(typeOid))
  // Where everything is text Bind needs no formats.
  const isText = kinds.every((kind) => kind === columnKinds.text)
  const formats = new Uint8Array(isText ? 0 : 2 * kinds.length)
  fields?.forEach(({ typeOid }, index) => {
    if (!isText) formats[2 * index + 1] = formatOf(columnKindOf(typeOid))
  })
  return { params, columns, columnsJson: JSON.stringify(columns), kinds, formats }
}

function columnOf({ name, typeOid, tableOid, columnNumber }: FieldDescription): ResultColumn {
  const column = { name, type: typeOid }
  return tableOid === 0 ? column : { ...column, table: tableOid, column: columnNumber }
}
