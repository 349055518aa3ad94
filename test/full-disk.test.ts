/**
 * Goal: where the disk is full whoever works is told so, nothing that was acknowledged is lost, and when there is space
 * again all goes on. Method: `wardian pg` in a process of its own with a client of the wire; the disk is full for it
 * when the test says so.
 */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../src/base/clock.ts'
import { CrashClient } from './support/crash/crash-client.ts'
import { CrashedHost } from './support/crash/crashed-host.ts'
import { openTimeoutMs } from './support/engine-fixture.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const retryMs = 100

describe('an instance', { timeout: 2 * openTimeoutMs }, () => {
  const path = temporaryDirectory()
  const clients: CrashClient[] = []
  let host: CrashedHost | null = null
  let url = ''

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.end()
    await host?.kill()
    host = null
  })

  async function start(dataDirectory: string, full: string): Promise<void> {
    writeFileSync(full, '')
    const preload = join(import.meta.dirname, 'support', 'full-disk.ts')
    host = new CrashedHost(dataDirectory, {
      nodeArguments: ['--import', preload],
      environment: { WARDIAN_TEST_FULL: full },
    })
    await host.run('create', 'shop')
    url = (await host.startUntilReady()).url
  }

  async function open(): Promise<CrashClient> {
    const client = new CrashClient(url)
    clients.push(client)
    await client.connect()
    return client
  }

  /** As a program does that tries again, until somebody has put things right. */
  async function openPatiently(): Promise<CrashClient> {
    const deadlineMs = systemClock.monotonicMs() + openTimeoutMs
    for (;;) {
      try {
        return await open()
      } catch (error) {
        if (systemClock.monotonicMs() > deadlineMs) throw error
        await new Promise<void>((resolve) => void systemClock.after(retryMs, resolve))
      }
    }
  }

  async function numbers(client: CrashClient): Promise<unknown> {
    const [row] = await client.query('select array_agg(n order by n) as all from kept where n < 100')
    return row?.['all']
  }

  it('on a full disk fails what needs space, loses nothing, and goes on when there is some', async () => {
    const full = path('full')
    await start(path('data'), full)
    const client = await open()
    await client.query('create table kept (n int, filler text)')
    await client.query('insert into kept values (1)')
    writeFileSync(full, 'write')
    const bulk = `insert into kept select 100 + g, repeat('x', 1000) from generate_series(1, 50000) g`
    await expect(client.query(bulk)).rejects.toMatchObject({
      ...{ code: '53100', message: expect.stringContaining('No space left on device') },
    })
    expect(await numbers(client)).toEqual([1])
    writeFileSync(full, '')
    await client.query('insert into kept values (2)')
    // A commit that cannot be synced is the end of any Postgres: nobody knows what is on disk.
    writeFileSync(full, 'sync')
    await expect(client.query('insert into kept values (3)')).rejects.toMatchObject({
      // Postgres's last word, or what the host says of its end: whichever is there first.
      ...{ code: '53100', message: expect.stringMatching(/No space (is )?left/) },
    })
    await expect(open()).rejects.toBeInstanceOf(Error)
    writeFileSync(full, '')
    const again = await openPatiently()
    // The third was never acknowledged, and may be there.
    expect([
      [1, 2],
      [1, 2, 3],
    ]).toContainEqual(await numbers(again))
    await again.query('insert into kept values (4)')
  })

  it('on a disk that turns read-only acknowledges nothing, says why, and goes on when it can', async () => {
    const disk = path('read-only')
    await start(path('read-only-data'), disk)
    const client = await open()
    await client.query('create table kept (n int)')
    await client.query('insert into kept values (1)')
    writeFileSync(disk, 'read-only')
    // Postgres's last word, or what the host says of its end: whichever is there first.
    await expect(client.query('insert into kept values (2)')).rejects.toThrow('Read-only file system')
    const away = open().then((next) => next.query('insert into kept values (2)'))
    await expect(away).rejects.toMatchObject({
      ...{ code: '42501', message: expect.stringContaining('mount it for writing again') },
    })
    writeFileSync(disk, '')
    const again = await openPatiently()
    await again.query('insert into kept values (3)')
    expect(await numbers(again)).toEqual([1, 3])
  })
})
