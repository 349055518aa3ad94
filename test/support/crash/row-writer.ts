/**
 * A client that writes rows of its own and knows which of them must be there after a crash: what was acknowledged is,
 * what was rolled back or never sent is not, and of the one thing that was under way either all of it or nothing.
 */

import { createHash } from 'node:crypto'
import { type CrashClient, LostServer } from './crash-client.ts'
import type { SeededRandom } from './seeded-random.ts'

/** By their number. */
type Rows = ReadonlyMap<number, string>

type Change = (rows: Map<number, string>) => void

/** Long ones go to a TOAST table; some are longer than a page of the log. */
const payloadLengths = [8, 8, 100, 100, 100, 3_000, 3_000, 30_000] as const

const rowsPerTransactionMax = 10
/** More are not kept, so that a check takes a moment. */
const rowsMax = 100

export class RowWriter {
  readonly #writer: number
  readonly #random: SeededRandom
  #rows: Rows = new Map()
  /** Sent, and not answered yet. */
  #pending: Change | null = null
  #nextNumber = 1
  #acknowledgedCount = 0

  constructor(writer: number, random: SeededRandom) {
    this.#writer = writer
    this.#random = random
  }

  /** Commits that were acknowledged, of all rounds. */
  get acknowledgedCount(): number {
    return this.#acknowledgedCount
  }

  /** Writes until the server is gone. */
  async write(client: CrashClient): Promise<void> {
    try {
      for (;;) await this.#writeOnce(client)
    } catch (error) {
      if (!(error instanceof LostServer)) throw error
    }
  }

  /** Answers what is wrong with the rows that are there, and goes on from them. */
  async check(client: CrashClient): Promise<string[]> {
    const found = await client.query(
      `select number, payload, exists (select from ledger i where i.payload_hash = md5(l.payload)
          and i.writer = l.writer and i.number = l.number) as is_indexed
        from ledger l where writer = $1`,
      [this.#writer],
    )
    const rows = new Map(found.map((row) => [Number(row['number']), String(row['payload'])]))
    const unindexed = found.filter((row) => row['is_indexed'] !== true).map((row) => String(row['number']))
    const problems = unindexed.map((number) => `writer ${this.#writer}: row ${number} is in no index`)
    const acknowledged = this.#rows
    const withPending = changed(acknowledged, this.#pending)
    if (!isSame(rows, acknowledged) && !isSame(rows, withPending)) {
      problems.push(...this.#differences(rows, { acknowledged, withPending }))
    }
    this.#rows = rows
    this.#pending = null
    return problems
  }

  async #writeOnce(client: CrashClient): Promise<void> {
    const kind = this.#random.below(10)
    if (this.#rows.size > rowsMax) return this.#deleteSome(client)
    if (kind < 4) return this.#insert(client)
    if (kind < 6) return this.#insertMany(client)
    if (kind < 8) return this.#update(client)
    if (kind < 9) return this.#delete(client)
    return this.#rollBack(client)
  }

  async #insert(client: CrashClient): Promise<void> {
    const [number, payload] = this.#newRow()
    await this.#commit(
      (rows) => rows.set(number, payload),
      () => client.query(insertOne, [this.#writer, number, payload]),
    )
  }

  /** One transaction: all of it is there, or nothing. */
  async #insertMany(client: CrashClient): Promise<void> {
    const added = Array.from({ length: 1 + this.#random.below(rowsPerTransactionMax) }, () => this.#newRow())
    await client.query('begin')
    for (const [number, payload] of added) await client.query(insertOne, [this.#writer, number, payload])
    const add: Change = (rows) => {
      for (const [number, payload] of added) rows.set(number, payload)
    }
    await this.#commit(add, () => client.query('commit'))
  }

  async #update(client: CrashClient): Promise<void> {
    const number = this.#anyNumber()
    const payload = this.#payload(number)
    await this.#commit(
      (rows) => rows.has(number) && rows.set(number, payload),
      () =>
        client.query('update ledger set payload = $3 where writer = $1 and number = $2', [
          ...[this.#writer, number, payload],
        ]),
    )
  }

  async #delete(client: CrashClient): Promise<void> {
    const number = this.#anyNumber()
    await this.#commit(
      (rows) => rows.delete(number),
      () => client.query('delete from ledger where writer = $1 and number = $2', [this.#writer, number]),
    )
  }

  async #deleteSome(client: CrashClient): Promise<void> {
    const bound = this.#nextNumber - this.#random.below(rowsMax)
    const drop: Change = (rows) => {
      for (const number of rows.keys()) if (number < bound) rows.delete(number)
    }
    const sql = 'delete from ledger where writer = $1 and number < $2'
    await this.#commit(drop, () => client.query(sql, [this.#writer, bound]))
  }

  async #rollBack(client: CrashClient): Promise<void> {
    await client.query('begin')
    const [number, payload] = this.#newRow()
    await client.query(insertOne, [this.#writer, number, payload])
    await client.query('delete from ledger where writer = $1 and number % 7 = 0', [this.#writer])
    await client.query('rollback')
  }

  async #commit(change: Change, send: () => Promise<unknown>): Promise<void> {
    this.#pending = change
    await send()
    this.#rows = changed(this.#rows, change)
    this.#pending = null
    this.#acknowledgedCount += 1
  }

  #newRow(): [number: number, payload: string] {
    const number = this.#nextNumber
    this.#nextNumber += 1
    return [number, this.#payload(number)]
  }

  #anyNumber(): number {
    const numbers = [...this.#rows.keys()]
    return numbers[this.#random.below(Math.max(1, numbers.length))] ?? 0
  }

  /** Does not compress, so that it is as long on disk. */
  #payload(number: number): string {
    const length = this.#random.pick(payloadLengths)
    const parts: string[] = []
    for (let part = 0; part * 64 < length; part += 1) {
      parts.push(
        createHash('sha256').update(`${this.#writer} ${number} ${part} ${this.#random.next()}`).digest('hex'),
      )
    }
    return parts.join('').slice(0, length)
  }

  #differences(rows: Rows, known: { readonly acknowledged: Rows; readonly withPending: Rows }): string[] {
    const { acknowledged, withPending } = known
    const told = (number: number): string => {
      const what = [rows, acknowledged, withPending].map((each) => each.get(number)?.slice(0, 12) ?? 'none')
      return `writer ${this.#writer}: row ${number} is ${what[0]}, acknowledged ${what[1]}, or ${what[2]}`
    }
    const numbers = new Set([...rows.keys(), ...acknowledged.keys(), ...withPending.keys()])
    return [...numbers].filter((number) => rows.get(number) !== acknowledged.get(number)).map(told)
  }
}

const insertOne = 'insert into ledger (writer, number, payload) values ($1, $2, $3)'

function changed(rows: Rows, change: Change | null): Rows {
  if (!change) return rows
  const copy = new Map(rows)
  change(copy)
  return copy
}

function isSame(a: Rows, b: Rows): boolean {
  return a.size === b.size && [...a].every(([number, payload]) => b.get(number) === payload)
}
