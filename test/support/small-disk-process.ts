/**
 * A host whose data lies on a disk of its own that gets full: commits rows one by one until there is no room, tries all
 * that needs room besides, and goes on when there is some. Says what happened as JSON. Run by a test that has made the
 * disk, on the directory of its first argument.
 */

import { appendFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { WorkbenchError } from '../../src/contract/error.ts'
import { PgliteEngineFactory } from '../../src/main/engine/pglite/pglite-engine-factory.ts'
import { startHost } from '../../src/main/host/workbench-host.ts'
import { connect, Console } from './client-fixture.ts'

const [disk = '', templatesDirectory = ''] = process.argv.slice(2)
const filler = join(disk, 'filler')
const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

const host = await startHost({
  ...{ dataDirectory: join(disk, 'data'), shell: 'command', clock: systemClock, log },
  engineFactory: new PgliteEngineFactory({ templatesDirectory }),
})
const client = connect(host)
await client.call('workspace.claim', { preferredId: null })
const wish = { name: 'shop', storage: 'directory', withSample: false } as const
const { id: instanceId } = await client.call('instance.create', wish)
const shop = await Console.open(client, instanceId, 'shop')
await shop.rows('create table kept (n int, filler text)')
await shop.rows('insert into kept values (0)')

/** Enough for some commits. */
const roomBytes = 8 << 20
/** Some 100 KB of write-ahead log. */
const incompressible = `string_agg(md5(random()::text), '') from generate_series(1, 3000)`

/** Until nothing more can be written. */
function fill(): void {
  const piece = Buffer.alloc(1 << 20, 'x')
  for (let size = piece.length; size >= 1; size >>= 1) {
    try {
      for (;;) appendFileSync(filler, piece.subarray(0, size))
    } catch {
      // Less fits, perhaps.
    }
  }
}

/** What a statement fails with. */
async function failure(sql: string): Promise<string> {
  try {
    const [statement] = (await shop.run(sql)).statements
    const error = statement?.outcome?.error
    return error ? (error.sql?.code ?? error.code) : 'done'
  } catch (error) {
    return error instanceof WorkbenchError ? error.code : String(error)
  }
}

/** What a stream of the contract fails with. */
async function failureOf(stream: AsyncIterable<unknown>): Promise<string> {
  try {
    for await (const part of stream) void part
    return 'done'
  } catch (error) {
    return error instanceof WorkbenchError ? error.code : String(error)
  }
}

async function failureOfCall(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'done',
    (error: unknown) => (error instanceof WorkbenchError ? error.code : String(error)),
  )
}

fill()
const bulk = await failure(`insert into kept select 100000, repeat('x', 1000) from generate_series(1, 50000)`)
truncateSync(filler, statSync(filler).size - roomBytes)
let acknowledged = 0
let commit = 'done'
for (let row = 1; commit === 'done' && row < 1_000; row += 1) {
  commit = await failure(`insert into kept select ${row}, ${incompressible}`)
  if (commit === 'done') acknowledged = row
}
fill()
const told = {
  snapshot: await failureOf(client.stream('snapshot.take', { instanceId, label: null })),
  fork: await failureOf(client.stream('snapshot.fork', { instanceId, snapshotId: null, name: 'copy' })),
  exported: await failureOf(
    client.stream('instance.export', { instanceId, file: join(disk, 'export'), mayReplace: true }),
  ),
  another: await failureOfCall(client.call('instance.create', { ...wish, name: 'another' })),
  tab: await failureOfCall(client.call('tab.create', { title: 'a tab', instanceId, index: 0 })),
}
rmSync(filler)
let after = ''
for (let attempt = 0; after !== 'done' && attempt < 100; attempt += 1) {
  await client.call('instance.start', { instanceId }).catch(() => null)
  after = await failure('insert into kept values (20000)')
}
const rows = await shop.rows('select count(distinct n), max(n) from kept where n <= 10000').catch(String)
const later = {
  snapshot: await failureOf(client.stream('snapshot.take', { instanceId, label: null })),
  fork: await failureOf(client.stream('snapshot.fork', { instanceId, snapshotId: null, name: 'copy' })),
}
const names = (await client.call('instance.list', null)).map(({ name, state }) => `${name} ${state}`)
await host.stop()
process.stdout.write(JSON.stringify({ bulk, ...told, commit, acknowledged, after, rows, later, names }))
