/**
 * Goal: `wardian pg` serves from a host of its own and through one that runs, and cleans up after itself. Method:
 * the command in this process, real hosts and engines, node-postgres, the headless shell as the running host.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { openTimeoutMs } from '../../../test/support/engine-fixture.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { runHere, startHere, type RunningCommand } from '../../../test/support/pg-command-run.ts'
import { withoutPreferredPort } from '../../../test/support/preferred-port.ts'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { TestAuthority } from '../../../test/support/test-certificates.ts'
import { systemClock } from '../../base/clock.ts'
import { serve, type Serving } from '../headless/serve.ts'
import { startHost } from '../host/workbench-host.ts'

/** The playground is filled with its sample first. */
const serveTimeoutMs = 2 * openTimeoutMs

describe('wardian pg', { timeout: serveTimeoutMs }, () => {
  withoutPreferredPort()
  expectNoLeaks()
  const path = temporaryDirectory()
  const commands: RunningCommand[] = []
  let serving: Serving | null = null
  let count = 0

  afterEach(async () => {
    for (const command of commands.splice(0)) await command.interrupt()
    await serving?.stop()
    serving = null
  })

  function start(...args: string[]): RunningCommand {
    const command = startHere(['pg', ...args])
    commands.push(command)
    return command
  }

  function newData(): string {
    return path(`data-${count++}`)
  }

  async function serveOn(dataDirectory: string): Promise<void> {
    const pageFolder = path('page')
    mkdirSync(pageFolder, { recursive: true })
    writeFileSync(join(pageFolder, 'index.html'), 'page')
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
    serving = await serve({
      ...{ startHost, dataDirectory, port: null, token: null, pageFolder, clock: systemClock, log },
    })
  }

  async function query(connectionString: string, sql: string): Promise<unknown[]> {
    const client = new pg.Client({ connectionString })
    await client.connect()
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows
    } finally {
      await client.end()
    }
  }

  async function statusOf(data: string): Promise<Record<string, unknown>> {
    const { stdout } = await runHere(['pg', '--status', '--json', '--data', data])
    return JSON.parse(stdout) as Record<string, unknown>
  }

  it('serves a temporary instance from a host of its own until it is interrupted', async () => {
    const data = newData()
    const command = start('--temporary', '--json', '--data', data)
    const ready = await command.ready
    expect(ready).toEqual({
      ...{ host: '127.0.0.1', port: ready.port, user: 'postgres', password: ready.password },
      ...{ database: 'temporary', url: ready.url },
    })
    expect(await query(ready.url, 'select current_database() as name')).toEqual([{ name: 'temporary' }])
    // Other commands find its host, which ends with it.
    expect((await runHere(['list', '--data', data])).stdout).toContain('temporary')
    await expect(serveOn(data)).rejects.toMatchObject({
      ...{
        code: 'in-use',
        message: expect.stringMatching(/in use by wardian pg \(process \d+ on .*, .*End that/),
      },
    })
    const second = start('--temporary', '--json', '--data', data)
    const { url: otherUrl } = await second.ready
    expect(otherUrl).toMatch(/temporary-2$/)
    expect(await query(otherUrl, 'select 2 as two')).toEqual([{ two: 2 }])
    await second.interrupt()
    const ended = await command.interrupt()
    expect(ended).toMatchObject({ code: 130, stderr: expect.stringContaining('Ready: connect') })
    await expect(query(ready.url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect((await runHere(['list', '--json', '--data', data])).stdout).toBe('[]\n')
  })

  it('has the same address the next time, for an instance that is kept', async () => {
    const data = newData()
    await runHere(['create', 'shop', '--data', data])
    const first = start('shop', '--json', '--data', data)
    const { url } = await first.ready
    await query(url, 'create table kept as select 7 as n')
    await first.interrupt()
    const second = start('shop', '--json', '--data', data)
    expect((await second.ready).url).toBe(url)
    expect(await query(url, 'table kept')).toEqual([{ n: 7 }])
  })

  it('starts the endpoint of a host that runs, and stops it when it is interrupted', async () => {
    const data = newData()
    await serveOn(data)
    expect(await statusOf(data)).toMatchObject({ state: 'off', port: null })
    const command = start('playground', '--json', '--data', data)
    const { url, port } = await command.ready
    expect(await query(url, 'select count(*)::int as n from customers')).toEqual([{ n: expect.any(Number) }])
    expect(await statusOf(data)).toMatchObject({ state: 'listening', host: '127.0.0.1', port })
    const text = await runHere(['pg', '--status', '--data', data])
    expect(text.stdout).toMatch(new RegExp(`^listening on 127\\.0\\.0\\.1:${port}, \\d+ clients?\n$`))
    // A second one finds it on, and leaves it on.
    const second = start('playground', '--json', '--data', data)
    expect((await second.ready).url).toBe(url)
    expect(await second.interrupt()).toMatchObject({ stderr: expect.stringContaining('stays on') })
    expect(await statusOf(data)).toMatchObject({ state: 'listening' })
    const elsewhere = await runHere(['pg', 'playground', '--port', String(port + 1), '--data', data])
    expect(elsewhere).toMatchObject({ code: 1, stderr: expect.stringContaining(`port ${port} already`) })
    expect(await command.interrupt()).toMatchObject({ code: 130 })
    expect(await statusOf(data)).toMatchObject({ state: 'off', port: null })
    await expect(query(url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })

    const detached = await runHere(['pg', 'playground', '--json', '--detach', '--data', data])
    expect(detached).toMatchObject({ code: 0, stdout: expect.stringContaining(url) })
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }])
    const watching = start('playground', '--json', '--data', data)
    await watching.ready
    expect(await runHere(['pg', '--stop', '--data', data])).toMatchObject({ code: 0, stdout: '' })
    expect(await watching.ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('stopped elsewhere'),
    })
    expect(await statusOf(data)).toMatchObject({ state: 'off' })

    const temporary = start('--temporary', '--json', '--data', data)
    const ready = await temporary.ready
    expect(ready.database).toBe('temporary')
    expect(await query(ready.url, 'select 1 as one')).toEqual([{ one: 1 }])
    await temporary.interrupt()
    expect((await runHere(['list', '--json', '--data', data])).stdout).not.toContain('temporary')
  })

  it('gives each connection a copy where it is asked to, and says so', async () => {
    const data = newData()
    await serveOn(data)
    const command = start('playground', '--json', '--fork-per-connection', '--data', data)
    const { url } = await command.ready
    const count = 'select count(*)::int as n from customers'
    const before = await query(url, count)
    await query(url, 'truncate customers cascade')
    expect(await query(url, count)).toEqual(before)
    expect(await statusOf(data)).toMatchObject({ state: 'listening', mode: 'fork' })
    const text = await runHere(['pg', '--status', '--data', data])
    expect(text.stdout).toContain('each connection with a copy of its own')
    expect((await runHere(['pg', '--status', '--fork-per-connection', '--data', data])).code).toBe(2)
  })

  it('encrypts with the files that it is given, and lets certificates log in', async () => {
    const data = newData()
    const authority = await TestAuthority.create()
    const [server, ann] = await Promise.all([authority.sign('CN=localhost'), authority.sign('CN=postgres')])
    const files = { crt: server.certificate, key: server.key, ca: authority.certificate }
    for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text, { mode: 0o600 })
    const tls = ['--tls-cert', path('crt'), '--tls-key', path('key'), '--tls-required']
    const clients = ['--tls-client-ca', path('ca'), '--tls-client-log-in']
    const command = start('--temporary', '--json', '--data', data, ...tls, ...clients)
    const { host, port, database } = await command.ready
    const ssl = { ca: authority.certificate, cert: ann.certificate, key: ann.key }
    const client = new pg.Client({ host, port, database, user: 'postgres', password: 'none', ssl })
    await client.connect()
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await client.end()
    const plain = new pg.Client({ host, port, database, user: 'postgres', password: 'none' })
    await expect(plain.connect()).rejects.toMatchObject({ code: '28000' })
    const run = (...args: string[]): ReturnType<typeof runHere> =>
      runHere(['pg', '--temporary', '--data', newData(), ...args])
    expect(await run('--tls-cert', path('crt'))).toMatchObject({ code: 2 })
    expect(await run('--tls-client-log-in')).toMatchObject({ code: 2 })
    const missing = await run('--tls-cert', path('none'), '--tls-key', path('key'))
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('does not exist') })
  })

  it('says what cannot be', async () => {
    const data = newData()
    const run = (...args: string[]): ReturnType<typeof runHere> => runHere(['pg', ...args, '--data', data])
    expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining('Name an instance') })
    expect(await run('shop', '--temporary')).toMatchObject({ code: 2 })
    expect(await run('shop', '--stop')).toMatchObject({ code: 2 })
    expect(await run('--stop', '--status')).toMatchObject({ code: 2 })
    expect(await run('--temporary', '--detach')).toMatchObject({ code: 2 })
    expect(await run('--temporary', '--socket', '')).toMatchObject({ code: 2 })
    expect(await run('none')).toMatchObject({ code: 1, stderr: expect.stringContaining('no instance') })
    await runHere(['create', 'shop', '--data', data])
    const detached = await run('shop', '--detach')
    expect(detached).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('wardian serve') })
    expect(await run('--stop')).toMatchObject({ code: 0, stderr: expect.stringContaining('nothing listens') })
    expect(await run('--status')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^off/) })
    expect(await statusOf(data)).toEqual({
      ...{ state: 'off', host: null, port: null, socket: null, clients: 0, mode: null },
      failure: null,
    })
  })
})
