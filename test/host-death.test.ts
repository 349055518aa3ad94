/** What a host leaves behind when it is killed, and what the next one finds. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../src/base/clock.ts'
import { object, string } from '../src/contract/schema.ts'
import { PgliteEngineFactory } from '../src/main/engine/pglite/pglite-engine-factory.ts'
import { startHost } from '../src/main/host/workbench-host.ts'
import { connect, Console } from './support/client-fixture.ts'
import { testTemplatesDirectory } from './support/engine-fixture.ts'
import { expectNoLeaks } from './support/leak-check.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const program = fileURLToPath(new URL('./support/host-program.ts', import.meta.url))
const toldSchema = object({ instanceId: string(64), workspaceId: string(64), tabId: string(64) })

describe('the death of a host', () => {
  expectNoLeaks()
  const path = temporaryDirectory()

  it('loses nothing that was committed or typed, and leaves no lock', { timeout: 180_000 }, async () => {
    const child = spawn(process.execPath, [program, path('data'), testTemplatesDirectory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(child.stdout.setEncoding('utf8'), 'data')
    const { instanceId, workspaceId, tabId } = toldSchema.parse(JSON.parse(String(line)), 'told')
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended

    const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
    const host = await startHost({
      ...{ dataDirectory: path('data'), shell: 'command', clock: systemClock, log },
      engineFactory: new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory }),
    })
    const client = connect(host)
    const session = await Console.open(client, instanceId, 'next')
    expect(await session.rows('select id from kept')).toEqual([['1']])
    const found = await client.call('workspace.claim', { preferredId: null })
    expect(found).toMatchObject({ id: workspaceId, tabs: [{ id: tabId, version: 1, cursorOffset: 5 }] })
    const { buffers } = await client.callWithBuffers('tab.read', { tabId })
    expect(Buffer.from(buffers[0] ?? new ArrayBuffer(0)).toString('utf16le')).toBe('typed, and not saved')
    const filter = { search: 'pg_sleep', instanceName: null, failedOnly: false, beforeId: null, limit: 9 }
    const { entries } = await client.call('history.search', filter)
    expect(entries).toMatchObject([{ text: 'select pg_sleep(600)', status: 'interrupted' }])
    await host.stop()
  })
})
