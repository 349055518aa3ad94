/**
 * A client that makes and drops tables and indexes, rewrites them and writes checkpoints, and knows what of it must be
 * there after a crash.
 */

import { type CrashClient, LostServer } from './crash-client.ts'
import type { SeededRandom } from './seeded-random.ts'

type Names = ReadonlySet<string>
type Step = readonly [sql: string, change: (names: Set<string>) => void]

const objectsMax = 6
const nothingChanges = (): void => undefined

export class SchemaChanger {
  readonly #random: SeededRandom
  #names: Names = new Set()
  #pending: Step[1] | null = null
  #count = 0

  constructor(random: SeededRandom) {
    this.#random = random
  }

  /** Changes things until the server is gone. */
  async change(client: CrashClient): Promise<void> {
    try {
      for (;;) {
        const [sql, apply] = this.#step()
        this.#pending = apply
        await client.query(sql)
        this.#names = changed(this.#names, apply)
        this.#pending = null
      }
    } catch (error) {
      if (!(error instanceof LostServer)) throw error
    }
  }

  /** Answers what is wrong with what is there, and goes on from it. */
  async check(client: CrashClient): Promise<string[]> {
    const found = await client.query(`select relname from pg_class where relname ~ '^made_' order by relname`)
    const names = new Set(found.map((row) => String(row['relname'])))
    const isRight = isSame(names, this.#names) || isSame(names, changed(this.#names, this.#pending))
    const expected = [...this.#names].sort().join(' ')
    const problems = isRight ? [] : [`there is ${[...names].join(' ')}, and acknowledged was ${expected}`]
    for (const name of [...names].filter((each) => each.includes('table'))) {
      const [row] = await client.query(`select count(*)::int as n, sum(n)::int as sum from ${name}`)
      // Made as a whole, or not at all.
      if (row?.['n'] !== 3_000 || row['sum'] !== 4_501_500)
        problems.push(`${name} has ${JSON.stringify(row)}`)
    }
    this.#names = names
    this.#pending = null
    return problems
  }

  #step(): Step {
    const drops = [...this.#names].sort()
    const any = drops[this.#random.below(Math.max(1, drops.length))]
    if (drops.length > objectsMax && any !== undefined) return drop(any)
    this.#count += 1
    const name = `made_${this.#count}`
    const tables = drops.filter((each) => each.includes('table'))
    const table = tables[this.#random.below(Math.max(1, tables.length))]
    switch (this.#random.below(9)) {
      case 0:
      case 1:
        return [
          `create table ${name}_table as select n, repeat(md5(n::text), 5) as filler from generate_series(1, 3000) n`,
          (names) => names.add(`${name}_table`),
        ]
      case 2:
        return [
          `create index ${name}_index on ledger (payload_hash, number)`,
          (names) => names.add(`${name}_index`),
        ]
      case 3:
        return [
          `create index ${name}_gin on ledger using gin (to_tsvector('simple', left(payload, 200)))`,
          (names) => names.add(`${name}_gin`),
        ]
      case 4:
        return any === undefined ? ['checkpoint', nothingChanges] : drop(any)
      case 5:
        return [
          table === undefined ? 'analyze' : `alter table ${table} add column ${name}_c int default 5`,
          nothingChanges,
        ]
      case 6:
        return [
          this.#random.pick(['vacuum ledger', 'vacuum full ledger', 'reindex table ledger']),
          nothingChanges,
        ]
      default:
        return ['checkpoint', nothingChanges]
    }
  }
}

function drop(name: string): Step {
  return [`drop ${name.endsWith('table') ? 'table' : 'index'} ${name}`, (names) => names.delete(name)]
}

function changed(names: Names, change: Step[1] | null): Names {
  const copy = new Set(names)
  change?.(copy)
  return copy
}

function isSame(a: Names, b: Names): boolean {
  return a.size === b.size && [...a].every((name) => b.has(name))
}
