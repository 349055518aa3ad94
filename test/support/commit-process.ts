/**
 * A process that commits: opens a durable or relaxed instance, says how many syncs there were so far, commits
 * as often as it is told, says it again, and ends without closing anything.
 */

import { statSync } from 'node:fs'
import { PgliteEngineFactory } from '../../src/main/engine/pglite/pglite-engine-factory.ts'

const [directory = '', templatesDirectory = '', durability = '', commits = ''] = process.argv.slice(2)

const factory = new PgliteEngineFactory({ templatesDirectory })
const engine = await factory.open({
  directory,
  durability: durability === 'durable' ? 'durable' : 'relaxed',
})

async function run(sql: string): Promise<void> {
  const statement = { sql: new TextEncoder().encode(sql), parameters: [], resultBytesMax: 1 << 20 }
  for await (const event of engine.execute(statement)) {
    if (event.kind === 'completed' && event.outcome.status !== 'ok')
      throw new Error(JSON.stringify(event.outcome))
  }
}

function syncs(): number {
  return statSync(process.env['WARDIAN_TEST_SYNCS'] ?? '').size
}

await run('create table committed (i int)')
const before = syncs()
for (let i = 0; i < Number(commits); i += 1) await run(`insert into committed values (${i})`)
process.stdout.write(JSON.stringify({ before, during: syncs() - before }))
process.kill(process.pid, 'SIGKILL')
