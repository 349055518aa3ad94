/**
 * What every engine must do, whatever it is: one suite, run for each factory. Statements run for real; nothing
 * is timed, everything is waited for.
 */

import { describe, expect, test } from 'vitest'
import type { EngineFactory } from '../../src/main/engine/engine.ts'
import { PgliteEngineFactory } from '../../src/main/engine/pglite/pglite-engine-factory.ts'
import { engineFixture, must, run, testTemplatesDirectory } from '../support/engine-fixture.ts'

const factories: (() => EngineFactory)[] = [
  () => new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory }),
]

describe.each(factories)('an engine', (createFactory) => {
  const { open, directory } = engineFixture(createFactory())

  test('answers a query with its columns, rows and outcome', async () => {
    const engine = await open()
    const { columns, rows, outcome } = await run(engine, `select 7 as number, null as nothing, 'é' as letter`)
    expect(columns?.map(({ name, typeName }) => [name, typeName])).toEqual([
      ['number', 'integer'],
      ['nothing', 'text'],
      ['letter', 'text'],
    ])
    expect(rows).toEqual([['7', null, 'é']])
    expect(outcome).toMatchObject({ status: 'ok', commandTag: 'SELECT 1', rowCount: 1, transaction: 'idle' })
  })

  test('keeps what was committed in a directory after closing and opening it again', async () => {
    const options = { directory: directory(), durability: 'durable' } as const
    const first = await open(options)
    await must(first, 'create table kept as select 42 as answer')
    await first.close()
    const second = await open(options)
    expect((await must(second, 'select answer from kept')).rows).toEqual([['42']])
  })
})
