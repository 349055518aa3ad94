/**
 * A process whose disk gets full: commits rows to a durable instance, then inserts many while nothing can be
 * written, then commits while nothing can be synced, and opens the instance again when there is room. Says what
 * happened as JSON.
 */

import { writeFileSync } from 'node:fs'
import { WorkbenchError } from '../../src/contract/error.ts'
import { PgliteEngineFactory } from '../../src/main/engine/pglite/pglite-engine-factory.ts'
import { must, run, valueOf } from './engine-fixture.ts'

const [directory = '', templatesDirectory = ''] = process.argv.slice(2)
const options = { directory, durability: 'durable' } as const
const factory = new PgliteEngineFactory({ templatesDirectory })

function fill(what: 'write' | 'sync' | ''): void {
  writeFileSync(process.env['WARDIAN_TEST_FULL'] ?? '', what)
}

fill('')
const engine = await factory.open(options)
await must(engine, 'create table kept (i int, filler text)')
await must(engine, 'insert into kept values (1)')
fill('write')
const bulk = await run(
  engine,
  `insert into kept select i, repeat('x', 1000) from generate_series(1, 100000) i`,
)
fill('')
await must(engine, 'insert into kept values (2)')
fill('sync')
const failure: unknown = await run(engine, 'insert into kept values (3)').catch((error: unknown) => error)
await engine.close()
fill('')
const again = await factory.open(options)
const told = {
  bulk: bulk.outcome.error?.sql?.code,
  failure: failure instanceof WorkbenchError ? [failure.code, failure.message] : failure,
  // What was not acknowledged may be there or not.
  kept: await valueOf(again, `select string_agg(i::text, ',' order by i) from kept where i < 3`),
}
await factory.dispose()
process.stdout.write(JSON.stringify(told))
