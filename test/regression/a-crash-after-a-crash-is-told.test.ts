/**
 * Goal: an engine that crashes ends what runs in it, also the second time. Recovery from the first crash left a
 * timer of Postgres in the new thread's event loop, so the thread stayed when its work was over, and the host
 * waited for its end: a second crash was never told, and closing took as long as it may. Method: the real engine
 * on a directory, crashed and opened again; no bound of the host passes, since its clock stands still.
 */

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TestClock } from '../../src/base/clock.ts'
import { PgliteEngineFactory } from '../../src/main/engine/pglite/pglite-engine-factory.ts'
import { engineFixture, openTimeoutMs, run, testTemplatesDirectory } from '../support/engine-fixture.ts'

/** Recursion that Postgres's own check does not see ends V8's stack. */
const crashing = 'select repeat(chr(91), 10000000)::json'

describe('an engine that was opened again after a crash', () => {
  const clock = new TestClock()
  const factory = new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory, clock })
  const { directory, open } = engineFixture(factory)

  test(
    'tells of a second crash, and closes by itself',
    async () => {
      const data = { directory: join(directory(), 'data') }
      for (const attempt of [1, 2]) {
        const engine = await open(data)
        await expect(run(engine, crashing), `attempt ${attempt}`).rejects.toMatchObject({
          code: 'engine-crashed',
        })
      }
      const engine = await open(data)
      expect((await run(engine, 'select 1')).rows).toEqual([['1']])
      await engine.close()
    },
    openTimeoutMs,
  )
})
