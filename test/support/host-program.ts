/**
 * A program that hosts the data directory it is given: creates an instance, commits a row, types into a tab,
 * begins a statement that does not end, says so on stdout as JSON, and waits to be killed.
 */

import { systemClock } from '../../src/base/clock.ts'
import { PgliteEngineFactory } from '../../src/main/engine/pglite/pglite-engine-factory.ts'
import { startHost } from '../../src/main/host/workbench-host.ts'
import { connect, Console } from './client-fixture.ts'

const [dataDirectory = '', templatesDirectory = ''] = process.argv.slice(2)
const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const engineFactory = new PgliteEngineFactory({ templatesDirectory })
const host = await startHost({ dataDirectory, shell: 'command', clock: systemClock, log, engineFactory })
const client = connect(host)
const instance = await client.call('instance.create', { name: 'i', storage: 'directory', withSample: false })
const session = await Console.open(client, instance.id, 'console')
await session.script(
  'create table kept (id int); insert into kept values (1); begin; insert into kept values (2)',
)
const workspace = await client.call('workspace.claim', { preferredId: null })
const tab = await client.call('tab.create', { title: 't', instanceId: instance.id, index: 0 })
const edits = [{ offset: 0, deleted: 0, inserted: 'typed, and not saved' }]
await client.call('tab.edit', { tabId: tab.id, version: 0, edits, cursorOffset: 5 })
const recorded = new Promise((resolve) => client.on('history.didChange', resolve))
void session.run('select pg_sleep(600)')
await recorded
const told = { instanceId: instance.id, workspaceId: workspace.id, tabId: tab.id }
process.stdout.write(`${JSON.stringify(told)}\n`)
