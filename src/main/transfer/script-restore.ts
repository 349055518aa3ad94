/**
 * Runs an SQL script, such as pg_dump writes, on a link: statement by statement, the data of COPY as it flows. Begins
 * no transaction and ends none; whoever has the link does. The first error ends it, and says in which line.
 */

import { WorkbenchError, type SqlErrorFields } from '../../contract/error.ts'
import type { LinkClient } from './link-client.ts'
import { readScript, type ScriptItem } from './script-items.ts'
import { planStatement, type PlanOptions } from './statement-words.ts'

export interface ScriptRestoreOptions extends PlanOptions {
  readonly client: LinkClient
  readonly source: AsyncIterable<Uint8Array>
  readonly signal: AbortSignal
  /** The table whose rows come now; null for anything else. */
  onTable(table: string | null): void
}

export interface ScriptCounts {
  readonly statements: number
  readonly rows: number
}

type SqlItem = Extract<ScriptItem, { readonly text: string }>

/** Statements that travel together: enough that none waits for a round trip of its own. */
const bunchStatementsMax = 200
const bunchLengthMax = 128 << 10

/** CopyData messages of this size keep both sides busy. */
const copyPieceBytesMax = 64 << 10

/** How much of a statement stands in an error. */
const shownLengthMax = 300

/** psql's commands that pg_dump writes, and that mean nothing here. */
const idleCommands = new Set(['\\restrict', '\\unrestrict', '\\connect', '\\c', '\\encoding'])

export async function restoreScript(options: ScriptRestoreOptions): Promise<ScriptCounts> {
  const restore = new ScriptRestore(options)
  for await (const item of readScript(options.source)) {
    if (options.signal.aborted) throw new WorkbenchError('cancelled', 'The restore was cancelled')
    await restore.add(item)
  }
  return restore.finish()
}

class ScriptRestore {
  readonly #options: ScriptRestoreOptions
  #bunch: SqlItem[] = []
  #bunchLength = 0
  /** The COPY whose data comes. */
  #copy: SqlItem | null = null
  #databases = 0
  #statements = 0
  #rows = 0

  constructor(options: ScriptRestoreOptions) {
    this.#options = options
  }

  async add(item: ScriptItem): Promise<void> {
    switch (item.kind) {
      case 'statement':
        return this.#addStatement(item)
      case 'backslash':
        return this.#checkCommand(item)
      case 'copy':
        return this.#beginCopy(item)
      case 'data':
        return this.#copyData(item.bytes)
      case 'data-end':
        return this.#endCopy()
    }
  }

  async finish(): Promise<ScriptCounts> {
    await this.#runBunch()
    return { statements: this.#statements, rows: this.#rows }
  }

  async #addStatement(item: SqlItem): Promise<void> {
    const plan = planStatement(item.text, this.#options)
    if (plan.kind === 'refuse') throw refusal(item, plan.reason)
    if (plan.kind === 'skip') return
    this.#bunch.push(item)
    this.#bunchLength += item.text.length
    if (this.#bunch.length < bunchStatementsMax && this.#bunchLength < bunchLengthMax) return
    await this.#runBunch()
  }

  async #runBunch(): Promise<void> {
    const bunch = this.#bunch
    this.#bunch = []
    this.#bunchLength = 0
    if (bunch.length === 0) return
    this.#options.onTable(null)
    const outcome = await this.#options.client.runBunch(bunch.map(({ text }) => text))
    for (const tag of outcome.tags) this.#rows += insertedRows(tag)
    this.#statements += outcome.doneCount
    if (!outcome.error) return
    // What cannot be parsed fails before the first of them runs; its position tells which it is.
    const failed = bunch[statementIndex(bunch, outcome.error) ?? outcome.doneCount] ?? bunch[0]
    throw statementError(failed, outcome.error)
  }

  #checkCommand(item: SqlItem): void {
    const [command = '', name] = item.text.trim().split(/\s+/)
    if (!idleCommands.has(command)) {
      throw refusal(item, `${command} is a command of psql; run the file with psql, or remove the line`)
    }
    if (command !== '\\connect' && command !== '\\c') return
    // The databases that every cluster has are connected to in between.
    if (name === 'template1' || name === 'postgres' || name?.startsWith('-')) return
    this.#databases++
    if (this.#databases > 1) {
      throw refusal(
        item,
        'the file holds several databases; dump each by itself, and restore them one by one',
      )
    }
  }

  async #beginCopy(item: SqlItem): Promise<void> {
    await this.#runBunch()
    this.#copy = item
    this.#options.onTable(copiedTable(item.text))
    const error = await this.#options.client.beginCopyIn(item.text)
    if (error) throw statementError(item, error)
  }

  async #copyData(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += copyPieceBytesMax) {
      await this.#options.client.copyIn(bytes.subarray(at, at + copyPieceBytesMax))
    }
  }

  async #endCopy(): Promise<void> {
    const { error, tags } = await this.#options.client.endCopyIn()
    if (error) throw statementError(this.#copy, error)
    for (const tag of tags) this.#rows += insertedRows(tag)
    this.#statements++
    this.#copy = null
  }
}

/** CommandComplete of COPY and INSERT ends with the count (PostgreSQL 18 documentation, section 54.7). */
function insertedRows(tag: string): number {
  return /^(?:COPY|INSERT) /.test(tag) ? Number(tag.slice(tag.lastIndexOf(' ') + 1)) : 0
}

function copiedTable(statement: string): string | null {
  const [, table] = /^COPY\s+(\S+)/i.exec(Buffer.from(statement, 'latin1').toString()) ?? []
  return table ?? null
}

/** Syntax errors have a position in the whole bunch, in characters; other errors are told by what was done before. */
function statementIndex(bunch: readonly SqlItem[], error: SqlErrorFields): number | null {
  if (error.code !== '42601' || error.position === null || error.internalQuery !== null) return null
  let end = 0
  for (const [index, { text }] of bunch.entries()) {
    end += Buffer.from(text, 'latin1').toString().length + '\n;'.length
    if (error.position <= end) return index
  }
  return null
}

function refusal({ line }: SqlItem, reason: string): WorkbenchError {
  return new WorkbenchError('unsupported', `line ${line}: ${reason}`)
}

function statementError(item: SqlItem | null | undefined, sql: SqlErrorFields): WorkbenchError {
  const code = sql.code === '57014' ? 'cancelled' : 'sql-error'
  const place = item ? `line ${item.line}: ` : ''
  const lines = [
    `${place}${sql.severity}:  ${sql.message}`,
    ...(sql.detail === null ? [] : [`DETAIL:  ${sql.detail}`]),
    ...(sql.hint === null ? [] : [`HINT:  ${sql.hint}`]),
    ...(sql.where === null ? [] : [`CONTEXT:  ${sql.where}`]),
    ...(item ? [`STATEMENT:  ${shown(item.text)}`] : []),
    ...adviceFor(sql),
  ]
  return new WorkbenchError(code, lines.join('\n'), { sql })
}

/** What dumps of other servers most often fail with. */
function adviceFor({ code, message }: SqlErrorFields): string[] {
  if (code === '42704' && message.startsWith('role ')) {
    return ['Create the role first, or leave owners and grants out with --no-owner --no-privileges']
  }
  if (code === '58P01' || (code === '0A000' && message.startsWith('extension '))) {
    return ['Create the instance with this extension, and restore again']
  }
  return []
}

function shown(statement: string): string {
  const text = Buffer.from(statement, 'latin1').toString()
  return text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}…` : text
}
