/** Goal: the settings of memory that an instance may be started with hold, from the least to the most. */

import { afterAll, describe, expect, it } from 'vitest'
import { memorySettings, sizeInKb } from '../../src/contract/memory-settings.ts'
import { PgliteEngineFactory } from '../../src/main/engine/pglite/pglite-engine-factory.ts'
import { openTimeoutMs, run, testTemplatesDirectory } from '../support/engine-fixture.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const factory = new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory })
const pathFor = temporaryDirectory()
afterAll(() => factory.dispose())

describe('settings of memory', () => {
  it.each(['minKb', 'maxKb'] as const)(
    'hold at %s, in each session',
    { timeout: openTimeoutMs },
    async (bound) => {
      const settings = memorySettings.map((each) => ({ name: each.name, value: `${each[bound]}kB` }))
      const engine = await factory.open({ directory: pathFor(bound), durability: 'relaxed', settings })
      const session = await engine.openSession({ role: 'postgres', settings: [] })
      const sql = `create table t as select n, md5(n::text) as h from generate_series(1, 20000) n`
      expect((await run(session, sql)).outcome.error).toBeNull()
      expect((await run(session, 'create index on t (h)')).outcome.error).toBeNull()
      for (const { name, value } of settings) {
        const { rows } = await run(session, `select current_setting('${name}')`)
        expect([name, sizeInKb(rows[0]?.[0] ?? '')]).toEqual([name, sizeInKb(value)])
      }
      session.dispose()
      await engine.close()
    },
  )
})
