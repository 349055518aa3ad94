/**
 * Goal: recursion that max_stack_depth allows does not end the engine. Each of Postgres's frames takes one of
 * V8's that is several times as large, and the thread's stack ended first. Method: the real engine, its limit at
 * the maximum; recursion deep enough for 64 MB of stack to end, and not so deep that Postgres's own limit ends
 * it, since an error at that depth spends its time on the lines of its context.
 */

import { describe, expect, test } from 'vitest'
import { PgliteEngineFactory } from '../../src/main/engine/pglite/pglite-engine-factory.ts'
import {
  engineFixture,
  must,
  openTimeoutMs,
  testTemplatesDirectory,
  valueOf,
} from '../support/engine-fixture.ts'

describe('an engine', () => {
  const { open } = engineFixture(new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory }))

  test(
    'runs SQL functions that call themselves as deep as max_stack_depth allows',
    async () => {
      const engine = await open()
      await must(engine, `set max_stack_depth = '7MB'`)
      await must(
        engine,
        'create function descend(n int) returns int language sql as ' +
          '$$ select (select case when n = 0 then 0 else descend(n - 1) end) $$',
      )
      expect(await valueOf(engine, 'select descend(40_000)')).toBe('0')
    },
    openTimeoutMs,
  )
})
