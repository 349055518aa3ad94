/**
 * Goal: files that are as they were left are not written again, and all others are. Method: real engines; whether a
 * checkpoint was written is read from the control file, as Postgres does.
 */

import { describe, expect, test } from 'vitest'
import {
  engineFixture,
  must,
  openTimeoutMs,
  testTemplatesDirectory,
  valueOf,
} from '../../../../test/support/engine-fixture.ts'
import type { Engine } from '../engine.ts'
import { PgliteEngineFactory } from './pglite-engine-factory.ts'

describe('files that are brought to rest', { timeout: openTimeoutMs }, () => {
  const factory = new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory })
  const { common } = engineFixture(factory)

  /** The last checkpoint, when files were brought to rest once more. */
  async function settle(engine: Engine): Promise<string> {
    const { state } = await engine.settleFiles({ known: null, skipsEmpty: false })
    expect(state).toBe('settled')
    return (await valueOf(engine, 'select checkpoint_lsn from pg_control_checkpoint()')) ?? ''
  }

  test('stay as they are while nobody writes', async () => {
    const engine = await common()
    await must(engine, 'create table kept as select g from generate_series(1, 1000) g')
    // The first who reads rows notes on their pages that they are committed, which is logged, too.
    expect(await valueOf(engine, 'select count(*) from kept')).toBe('1000')
    const first = await settle(engine)
    expect(await valueOf(engine, 'select count(*) from kept')).toBe('1000')
    expect(await settle(engine)).toBe(first)
    await engine.snapshot({ known: null, bytesMax: 1 << 30 })
    expect(await settle(engine)).toBe(first)
    await must(engine, 'insert into kept values (0)')
    const second = await settle(engine)
    expect(second).not.toBe(first)
    await must(engine, 'begin')
    await must(engine, 'delete from kept')
    await must(engine, 'rollback')
    expect(await settle(engine)).not.toBe(second)
  })

  test.each([
    ['of the database', ['create unlogged table cache (n int)'], 'drop table cache'],
    [
      'of a tablespace',
      [
        'set allow_in_place_tablespaces = on',
        `create tablespace elsewhere location ''`,
        'create unlogged table far (n int) tablespace elsewhere',
      ],
      'drop table far',
    ],
  ])('are written each time while there is a table %s that is not logged', async (_, setup, removal) => {
    const engine = await common()
    for (const statement of setup) await must(engine, statement)
    const first = await settle(engine)
    expect(await settle(engine)).not.toBe(first)
    await must(engine, removal)
    const last = await settle(engine)
    expect(await settle(engine)).toBe(last)
  })
})
