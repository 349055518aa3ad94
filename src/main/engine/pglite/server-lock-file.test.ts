/** Whose a data directory is, as Postgres servers tell each other. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import {
  engineFixture,
  openTimeoutMs,
  testTemplatesDirectory,
} from '../../../../test/support/engine-fixture.ts'
import { PgliteEngineFactory } from './pglite-engine-factory.ts'

describe.runIf(process.platform === 'linux')('the lock file of a server', { timeout: openTimeoutMs }, () => {
  const { open, directory } = engineFixture(
    new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory }),
  )
  const children: ChildProcess[] = []
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })

  /** A process that the system calls by the name of a server. */
  async function startServer(home: string): Promise<ChildProcess> {
    const program = join(home, 'postgres')
    writeFileSync(program, '#!/bin/sh\necho started\nread line\n', { mode: 0o700 })
    const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
    children.push(child)
    await once(child.stdout, 'data')
    return child
  }

  test('names this process while the directory is open, and is gone with a clean end', async () => {
    const data = join(directory(), 'data')
    const engine = await open({ directory: data })
    const file = join(data, 'postmaster.pid')
    expect(readFileSync(file, 'utf8').split('\n')[0]).toBe(`-${process.pid}`)
    await engine.close()
    expect(existsSync(file)).toBe(false)
  })

  test('of a server that runs is heeded, of one that is gone it is not', async () => {
    const home = directory()
    const data = join(home, 'data')
    await (await open({ directory: data })).close()
    const server = await startServer(home)
    const text = `${server.pid}\n/elsewhere\n1\n5432\n\n\n\n`
    writeFileSync(join(data, 'postmaster.pid'), text)
    await expect(open({ directory: data })).rejects.toMatchObject({
      code: 'in-use',
      message: expect.stringContaining(`Postgres server (postgres, process ${server.pid} on `),
    })
    expect(readFileSync(join(data, 'postmaster.pid'), 'utf8')).toBe(text)
    server.kill('SIGKILL')
    await once(server, 'exit')
    await (await open({ directory: data })).close()
  })
})
