/**
 * Goal: whoever folds the events of a live query has its result, whatever was written, by whoever, and whatever
 * became of the socket. Method: queries over tables that depend on each other by every means are followed while
 * writes drawn at random are made from four sessions; now and then everything comes to rest, and what was folded must
 * be what a fresh query answers. WARDIAN_TEST_LIVE sets the statements, WARDIAN_TEST_SEED repeats them.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { present } from '../src/base/assert.ts'
import { SeededRandom } from './support/crash/seeded-random.ts'
import { openTimeoutMs } from './support/engine-fixture.ts'
import { FollowedInstance, writers } from './support/followed-instance.ts'
import { stalenessReads, stalenessSchema } from './support/staleness/staleness-schema.ts'
import { drawWrite, uncountedWrite } from './support/staleness/staleness-writes.ts'
import { foldedRows } from './support/subscriber.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const seed = Number(process.env['WARDIAN_TEST_SEED'] ?? Date.now() % 1_000_000)
const statementCount = Number(process.env['WARDIAN_TEST_LIVE'] ?? 60)
const writesPerRest = 6
const restsPerLoss = 3
/** Polls of 10 ms, on a machine that is busy with something else. */
const pollsMax = 3_000
const timeoutMs = 120_000 + statementCount * 500

/** What changes without a write that could be noticed, or writes itself, is not for live queries. */
const isFollowable = (sql: string): boolean =>
  !/numbers|nextval|set_config|insert|for update|pg_prepared|pg_settings/.test(sql)

describe('folded events', () => {
  const path = temporaryDirectory()
  const made: { instance?: FollowedInstance } = {}
  const instance = (): FollowedInstance => present(made.instance, 'the instance')
  const queries = new Map(stalenessReads.filter(isFollowable).map((sql, n) => [`q${n}`, sql]))
  /** Those that were not ended by what was written. */
  const following = new Set<string>()
  const said: string[] = []

  beforeAll(async () => {
    made.instance = await FollowedInstance.start(path('data'), stalenessSchema)
  }, openTimeoutMs)
  afterAll(() => made.instance?.stop())

  async function follow(name: string): Promise<void> {
    instance().forget(name)
    const { error } = await instance().client.ask('subscribe', { subscription: name, sql: queries.get(name) })
    if (!error) following.add(name)
  }

  /** What a fresh query answers, as rows in order of their texts, or its SQLSTATE. */
  async function fresh(name: string): Promise<string> {
    const { client } = instance()
    const answer = await client.query(queries.get(name) ?? '')
    if (answer.error) return answer.error.sqlstate
    return JSON.stringify(
      client
        .rows(answer.meta.request_id ?? '')
        .map((row) => JSON.stringify(row))
        .sort(),
    )
  }

  function folded(name: string): string {
    const events = instance().eventsOf(name)
    const last = events.at(-1)?.data as { kind?: string; error?: { sqlstate: string } } | undefined
    if (last?.kind === 'error') return last.error?.sqlstate ?? ''
    return JSON.stringify((foldedRows(events) ?? []).map((row) => JSON.stringify(row)).sort())
  }

  /** Everything is as it is; what has ended is followed again, if it can be. */
  async function rest(): Promise<void> {
    for (const name of queries.keys()) {
      if (!following.has(name)) await follow(name)
      const expected = await fresh(name)
      for (let poll = 0; following.has(name) && folded(name) !== expected; poll += 1) {
        if (poll === pollsMax) {
          throw new Error(
            `seed ${seed}, ${queries.get(name)}\n${said.slice(-12).join('\n')}\n${folded(name)}\n${expected}`,
          )
        }
        const turn = Promise.withResolvers<void>()
        setTimeout(() => turn.resolve(), 10)
        await turn.promise
      }
      const wasEnded = /^[0-9A-Z]{5}$/.test(folded(name)) && following.has(name)
      if (wasEnded) following.delete(name)
    }
  }

  async function write(random: SeededRandom): Promise<void> {
    const who = random.pick(writers)
    const sql = random.below(40) === 0 ? uncountedWrite(random) : drawWrite(random)
    said.push(`${who}: ${sql}`)
    await instance().say(who, sql)
  }

  /** How many go on. */
  async function lose(names: readonly string[]): Promise<number> {
    const kept = await instance().loseSocket(names)
    for (const name of names) if (!kept.includes(name)) following.delete(name)
    return kept.length
  }

  it(
    `are the result, after ${statementCount} statements, lost sockets and a rewind (seed ${seed})`,
    { timeout: timeoutMs },
    async () => {
      const random = new SeededRandom(seed)
      const writeMany = async (): Promise<void> => {
        for (let count = 0; count < writesPerRest; count += 1) await write(random)
      }
      let resumed = 0
      for (let count = 0; count * writesPerRest < statementCount; count += 1) {
        await rest()
        const isLosing = count % restsPerLoss === 1
        if (!isLosing) await writeMany()
        else {
          const names = [...following]
          await writeMany()
          resumed += await lose(names)
        }
      }
      await rest()
      await instance().andBack(writeMany)
      said.push('rewound')
      await rest()
      process.stdout.write(`${JSON.stringify({ seed, statementCount, queries: queries.size, resumed })}\n`)
      expect([resumed > 0, following.size > 10]).toEqual([true, true])
    },
  )
})
