/**
 * Goal: nobody is ever given an answer that is not true any more. Method: two instances are told the same by three
 * sessions of a console and a client of the wire, drawn at random; one keeps results and one does not, and whatever is
 * answered must be the same. WARDIAN_TEST_STALENESS sets the statements, WARDIAN_TEST_SEED repeats them.
 *
 * Each rule was taken out once (700 to 1,500 statements, seed 7). Red here: nodes of the list, operators of
 * users. Red in result-cache.test.ts: functions of the list, values that tell time, constants and coercions of
 * such types, relations of the system, kinds and persistence of relations, the next transaction, counts of
 * relations, rows that are not counted, the end of an engine, settings, what is looked at before an answer. Red in
 * cache-lifecycle.test.ts: counts of catalogs. Red in src/main/cache/session-result-cache.test.ts: children and
 * partitions, how many relations there are, how much of a large result is copied, roles, schemas, values and types
 * of parameters, age, whether somebody has written, types and casts of users, notices, how it has ended, words for
 * times, what was known of an older schema. Green, because another rule says the same: kinds of range tables and
 * labels of a tree (their nodes are on no list, and what writes takes a transaction), when counters were reset (all
 * counts change then), the schema's version and the backend of what is known of a session (a change of either throws
 * out every result, and settings, roles and schemas are in the key). Taken out for good for that reason: that no
 * relation is temporary (the key has the session's own schema, and its rows are counted like all others), that none
 * has gone before it is kept (whoever drops one takes a transaction).
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { present } from '../src/base/assert.ts'
import { SeededRandom } from './support/crash/seeded-random.ts'
import { openTimeoutMs } from './support/engine-fixture.ts'
import { stalenessReads, stalenessSchema } from './support/staleness/staleness-schema.ts'
import { drawWrite, uncountedWrite } from './support/staleness/staleness-writes.ts'
import { speakers, TwinInstances, type Answer, type Speaker } from './support/staleness/twin-instances.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const seed = Number(process.env['WARDIAN_TEST_SEED'] ?? Date.now() % 1_000_000)
const statementCount = Number(process.env['WARDIAN_TEST_STALENESS'] ?? 300)
/** Once rows are changed uncounted there are few hits: that comes at the end. */
const countedShare = 0.95
const readsIn20 = 17
/** Whoever has asked asks the same again, more often than chance would have it. */
const repeatsIn20 = 8
const timeoutMs = 120_000 + statementCount * 100

const options = { isOn: true, bytesMax: 16 << 20, ageMaxMs: null }

/** What was said until then, and what came of it. */
function difference(seen: { keeping: Answer; plain: Answer; said: readonly string[] }): string {
  const { keeping, plain, said } = seen
  const kept = keeping.isHit ? 'kept' : 'run'
  return (
    `seed ${seed}, statement ${said.length}:\n${said.slice(-12).join('\n')}\n` +
    `the one that keeps (${kept}): ${keeping.text}\nthe other: ${plain.text}`
  )
}

describe('answers of an instance that keeps results', () => {
  const path = temporaryDirectory()
  const made: { twins?: TwinInstances } = {}
  const twins = (): TwinInstances => present(made.twins, 'twins')

  beforeAll(async () => {
    made.twins = await TwinInstances.start(path('data'), options)
    await twins().say('one', stalenessSchema)
  }, openTimeoutMs)
  afterAll(() => made.twins?.stop())

  it(
    `are those of one that keeps none, for ${statementCount} statements (seed ${seed})`,
    { timeout: timeoutMs },
    async () => {
      const random = new SeededRandom(seed)
      const said: string[] = []
      let hits = 0
      let lastRead: { readonly who: Speaker; readonly sql: string } | null = null
      /** Whether it failed, on both. */
      const say = async (who: Speaker, sql: string): Promise<boolean> => {
        said.push(`${who}: ${sql}`)
        const [keeping, plain] = await twins().say(who, sql)
        if (keeping.text !== plain.text) throw new Error(difference({ keeping, plain, said }))
        if (keeping.isHit) hits += 1
        return /^"?[0-9A-Z]{5}"?$|"[0-9A-Z]{5}"\]$/.test(plain.text)
      }
      for (let count = 0; count < statementCount; count += 1) {
        const who = random.pick(speakers)
        const isLate = count > statementCount * countedShare
        const again = random.below(20) < repeatsIn20 ? lastRead : null
        if (again) await say(again.who, again.sql)
        else if (random.below(20) < readsIn20) {
          lastRead = { who, sql: random.pick(stalenessReads) }
          await say(who, lastRead.sql)
        } else if (
          await say(who, isLate && random.below(20) === 0 ? uncountedWrite(random) : drawWrite(random))
        ) {
          await say(who, 'rollback')
        }
      }
      const { counts } = await twins().client.call('cache.state', { instanceId: twins().keepingId })
      process.stdout.write(`${JSON.stringify({ seed, statementCount, hits, counts })}\n`)
      expect(hits).toBeGreaterThan(0)
    },
  )
})
