/**
 * Goal: no acknowledged commit is lost, nothing that was not committed appears, and no page is damaged, whenever the
 * host is killed. Method: `wardian pg` in a process of its own, four clients that write and one that changes the
 * schema and writes checkpoints; SIGKILL after a random number of commits, while it starts, or while it stops; then
 * each client compares what is there with what it knows, and amcheck reads every page of the directory as it was left.
 *
 * WARDIAN_TEST_CRASHES sets the rounds, WARDIAN_TEST_SEED repeats them as far as time allows.
 */

import { cp } from 'node:fs/promises'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { amcheck } from '@electric-sql/pglite/contrib/amcheck'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../src/base/clock.ts'
import { CrashClient } from './support/crash/crash-client.ts'
import { CrashedHost } from './support/crash/crashed-host.ts'
import { findDamage } from './support/crash/integrity.ts'
import { RowWriter } from './support/crash/row-writer.ts'
import { SchemaChanger } from './support/crash/schema-changer.ts'
import { SeededRandom } from './support/crash/seeded-random.ts'
import { freePort } from './support/started-program.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const rounds = Number(process.env['WARDIAN_TEST_CRASHES'] ?? 3)
const seed = Number(process.env['WARDIAN_TEST_SEED'] ?? Date.now() % 1_000_000)

const writerCount = 4
/** Of one round, on a slow machine. */
const roundTimeoutMs = 120_000
/** Beyond, the host has started or stopped on any machine that is not busy. */
const startMsMax = 1_500
const stopMsMax = 300
const connectionAttemptsMax = 3
/** Of all writers, before one of the kills under load. */
const commitsMax = 60

const schema = `
  create table ledger (writer int, number int, payload text not null,
    payload_hash text generated always as (md5(payload)) stored, primary key (writer, number));
  create index ledger_hash on ledger (payload_hash)`

describe('killing the host', () => {
  const path = temporaryDirectory()

  it(
    'loses no acknowledged commit, shows no other, and damages no page',
    async () => {
      const test = new CrashTest(path('data'), path('copy'))
      try {
        await test.prepare()
        for (let round = 1; round <= rounds; round += 1) {
          const problems = await test.round()
          expect({ seed, round, problems }).toEqual({ seed, round, problems: [] })
        }
      } finally {
        await test.end()
      }
      process.stdout.write(`seed ${seed}: ${rounds} rounds, ${test.summary}\n`)
      expect(test.commitCount).toBeGreaterThan(rounds)
    },
    roundTimeoutMs * (rounds + 1),
  )
})

class CrashTest {
  readonly #random = new SeededRandom(seed)
  readonly #host: CrashedHost
  readonly #data: string
  readonly #copy: string
  readonly #writers = Array.from({ length: writerCount }, (_, writer) => {
    return new RowWriter(writer, new SeededRandom(seed + writer + 1))
  })
  readonly #changer = new SchemaChanger(new SeededRandom(seed + 100))
  readonly #kinds = { load: 0, start: 0, stop: 0 }

  constructor(data: string, copy: string) {
    this.#data = data
    this.#copy = copy
    this.#host = new CrashedHost(data)
  }

  get commitCount(): number {
    return this.#writers.reduce((sum, writer) => sum + writer.acknowledgedCount, 0)
  }

  get summary(): string {
    const { load, start, stop } = this.#kinds
    return `${this.commitCount} commits; killed ${load} under load, ${start} starting, ${stop} stopping`
  }

  async prepare(): Promise<void> {
    await this.#host.run('create', 'shop')
    await this.#withClients(1, async ([client]) => {
      for (const sql of schema.split(';')) await client?.query(sql)
    })
  }

  async end(): Promise<void> {
    await this.#host.kill()
  }

  /** Checks what the kill before has left, kills again, and answers what is wrong. */
  async round(): Promise<string[]> {
    const kind = this.#random.pick(['load', 'load', 'load', 'start', 'stop'] as const)
    this.#kinds[kind] += 1
    const problems = kind === 'start' ? await this.#killStarting() : await this.#killWorking(kind)
    return [...problems, ...(await this.#damage())]
  }

  async checkLast(): Promise<string[]> {
    const problems: string[] = []
    await this.#withClients(1, async (clients) => void problems.push(...(await this.#check(clients))))
    return problems
  }

  async #killStarting(): Promise<string[]> {
    const { ready } = this.#host.start(await freePort())
    await pause(this.#random.below(startMsMax))
    await this.#host.kill()
    await ready
    return []
  }

  async #killWorking(kind: 'load' | 'stop'): Promise<string[]> {
    const problems: string[] = []
    await this.#withClients(writerCount + 1, async (clients) => {
      problems.push(...(await this.#check(clients)))
      const limit = this.commitCount + 1 + this.#random.below(commitsMax)
      const work = clients.map((client, index) => {
        return this.#writers[index]?.write(client) ?? this.#changer.change(client)
      })
      const all = Promise.all(work)
      while (this.commitCount < limit) await Promise.race([all, pause(5)])
      await pause(this.#random.below(30))
      if (kind === 'load') await this.#host.kill()
      else await this.#host.stop(this.#random.below(stopMsMax))
      await all
    })
    return problems
  }

  /** On a copy of the directory as it was left, which another program recovers: PGlite itself. */
  async #damage(): Promise<string[]> {
    const [folder = ''] = readdirSync(join(this.#data, 'instances'))
    rmSync(this.#copy, { recursive: true, force: true })
    await cp(join(this.#data, 'instances', folder, 'data'), this.#copy, { recursive: true })
    const pglite = await PGlite.create(`file://${this.#copy}`, { extensions: { amcheck } })
    try {
      await pglite.exec('create extension amcheck')
      return await findDamage(async (sql) => (await pglite.query<Record<string, unknown>>(sql)).rows)
    } finally {
      await pglite.close()
    }
  }

  async #check([client]: readonly CrashClient[]): Promise<string[]> {
    if (!client) return []
    const problems: string[] = []
    for (const writer of this.#writers) problems.push(...(await writer.check(client)))
    problems.push(...(await this.#changer.check(client)))
    return problems
  }

  /** Starts the host for `work`, and kills it if it is still there afterwards. */
  async #withClients(count: number, work: (clients: readonly CrashClient[]) => Promise<void>): Promise<void> {
    const { url } = await this.#host.startUntilReady()
    const clients = await Promise.all(Array.from({ length: count }, () => this.#connect(url)))
    await work(clients)
    // As sudden as any other end.
    await this.#host.kill()
    await Promise.all(clients.map((client) => client.end()))
  }

  /** A machine with too much to do lets log-ins run out of time. */
  async #connect(url: string): Promise<CrashClient> {
    for (let attempt = 1; ; attempt += 1) {
      const client = new CrashClient(url)
      try {
        await client.connect()
        return client
      } catch (cause) {
        if (attempt < connectionAttemptsMax && this.#host.isRunning) continue
        throw new Error(`No connection; the host: ${this.#host.state}`, { cause })
      }
    }
  }
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => void systemClock.after(durationMs, resolve))
}
