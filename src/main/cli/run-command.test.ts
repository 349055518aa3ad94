/**
 * Goal: a program that `wardian run` runs has a database, ends the command as it ends itself, and leaves nothing.
 * Method: the command in this process or, where signals matter, in one of its own; real hosts and engines, and Node as
 * the program, which writes what it saw into a file.
 */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { openTimeoutMs } from '../../../test/support/engine-fixture.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { runHere, startHere, type CommandEnd } from '../../../test/support/pg-command-run.ts'
import { withoutPreferredPort } from '../../../test/support/preferred-port.ts'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { systemClock } from '../../base/clock.ts'
import { serve, type Serving } from '../headless/serve.ts'
import { startHost } from '../host/workbench-host.ts'

const main = join(import.meta.dirname, 'main.ts')
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** A program for Node: `query` answers the first row, `say` puts a value where the test reads it. */
function program(body: string): string {
  return `
    import pg from ${JSON.stringify(import.meta.resolve('pg'))}
    import { writeFileSync, renameSync } from 'node:fs'
    const [file] = process.argv.slice(1)
    const say = (value) => {
      writeFileSync(file + '.new', JSON.stringify(value))
      renameSync(file + '.new', file)
    }
    const query = async (sql) => {
      const client = new pg.Client()
      await client.connect()
      try { return (await client.query(sql)).rows[0] } finally { await client.end() }
    }
    ${body}`
}

interface OwnProcess {
  readonly body: string
  readonly file: string
  /** The system's folder for temporary files. */
  readonly temporary?: string
}

describe('wardian run', { timeout: 3 * openTimeoutMs }, () => {
  withoutPreferredPort()
  expectNoLeaks()
  const path = temporaryDirectory()
  const children: ChildProcess[] = []
  let serving: Serving | null = null
  let count = 0

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await serving?.stop()
    serving = null
  })

  const newPath = (): string => path(String(count++))

  async function until<T>(look: () => T | null | Promise<T | null>): Promise<T> {
    for (;;) {
      const seen = await look()
      if (seen !== null) return seen
      await new Promise<void>((resolve) => void systemClock.after(20, resolve))
    }
  }

  function told(file: string): unknown {
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null
  }

  function node(body: string, file: string): string[] {
    return ['--', process.execPath, '--input-type=module', '-e', program(body), file]
  }

  /** Runs it here; answers how the command ended, and what the program said. */
  async function run(args: readonly string[], body: string): Promise<CommandEnd & { told: unknown }> {
    const file = newPath()
    return { ...(await runHere(['run', ...args, ...node(body, file)])), told: told(file) }
  }

  /** In a process of its own. */
  function start(args: readonly string[], { body, file, temporary = tmpdir() }: OwnProcess): ChildProcess {
    const child = spawn(process.execPath, [main, 'run', ...args, ...node(body, file)], {
      ...{ stdio: 'ignore', env: { ...process.env, TMPDIR: temporary } },
    })
    children.push(child)
    return child
  }

  async function serveOn(dataDirectory: string): Promise<void> {
    const pageFolder = path('page')
    mkdirSync(pageFolder, { recursive: true })
    writeFileSync(join(pageFolder, 'index.html'), 'page')
    serving = await serve({
      ...{ startHost, dataDirectory, port: null, token: null, pageFolder, clock: systemClock, log: quiet },
    })
  }

  async function endpointState(data: string): Promise<string> {
    const { stdout } = await runHere(['pg', '--status', '--json', '--data', data])
    return (JSON.parse(stdout) as { state: string }).state
  }

  async function names(data: string): Promise<string[]> {
    const { stdout } = await runHere(['list', '--json', '--data', data])
    return (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name)
  }

  it('gives a program a new database, and ends with its exit code and nothing left', async () => {
    const data = newPath()
    const seed = newPath()
    writeFileSync(seed, 'create table seeded (n int); insert into seeded select generate_series(1, 3);')
    const body = `
      const { n } = await query('select count(*)::int as n from seeded')
      say({ n, url: process.env.DATABASE_URL, name: (await query('select current_database()')).current_database })
      process.exitCode = 42`
    const { code, stderr, told: said } = await run(['--temporary', '--from', seed, '--data', data], body)
    expect({ code, stderr }).toEqual({ code: 42, stderr: '' })
    const { url, ...rest } = said as { url: string }
    expect(rest).toEqual({ n: 3, name: 'temporary' })
    await expect(new pg.Client({ connectionString: url }).connect()).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
    // The data directory has what makes the next start fast, and no host.
    expect(existsSync(join(data, 'lock.db'))).toBe(false)
  })

  it('gives each connection a copy where it is asked to', async () => {
    const seed = newPath()
    writeFileSync(seed, 'create table t as select 1 as n')
    const args = ['--temporary', '--from', seed, '--fork-per-connection', '--data', newPath()]
    const ended = await run(args, `await query('update t set n = 2'); say(await query('table t'))`)
    expect(ended).toMatchObject({ code: 0, told: { n: 1 } })
  })

  it('runs a program with an instance and with a copy of one, by a host that runs', async () => {
    const data = newPath()
    await serveOn(data)
    const body = `
      await query('alter table customers add if not exists of_the_run text')
      await query("update customers set of_the_run = 'seen'")
      say({ ...(await query('select current_database() as name, count(of_the_run)::int > 0 as done from customers')) })`
    const onCopy = await run(['--fork', 'playground', '--data', data], body)
    expect(onCopy).toMatchObject({ code: 0, stderr: '', told: { name: 'temporary', done: true } })
    await until(async () => ((await names(data)).length === 1 ? true : null))
    await until(async () => ((await endpointState(data)) === 'off' ? true : null))
    const look = `say(await query("select count(*)::int as n from pg_attribute where attname = 'of_the_run'"))`
    expect(await run(['playground', '--data', data], look)).toMatchObject({ code: 0, told: { n: 0 } })
    const onIt = await run(['playground', '--data', data], body)
    expect(onIt).toMatchObject({ code: 0, told: { name: 'playground', done: true } })
    expect(await run(['playground', '--data', data], look)).toMatchObject({ told: { n: 1 } })
  })

  it('leaves an endpoint on that somebody else uses', async () => {
    const data = newPath()
    await serveOn(data)
    const file = newPath()
    // Waits until the test has seen the other one end.
    const waiting = `
      const { existsSync } = await import('node:fs')
      say('ready')
      await new Promise((resolve) => {
        const looks = setInterval(() => existsSync(file + '.go') && (clearInterval(looks), resolve()), 20)
      })
      say(await query('select 5 as five'))`
    const first = startHere(['run', 'playground', '--data', data, ...node(waiting, file)])
    await until(() => told(file))
    expect(await run(['playground', '--data', data], `say(await query('select 1 as one'))`)).toMatchObject({
      told: { one: 1 },
    })
    expect(await endpointState(data)).toBe('listening')
    writeFileSync(`${file}.go`, '')
    expect(await first.ended).toMatchObject({ code: 0 })
    expect(told(file)).toEqual({ five: 5 })
    await until(async () => ((await endpointState(data)) === 'off' ? true : null))
    // What somebody has started stays on.
    await runHere(['pg', 'playground', '--detach', '--data', data])
    await run(['playground', '--data', data], '')
    expect(await endpointState(data)).toBe('listening')
  })

  it('takes back what a command had that was killed', async () => {
    const data = newPath()
    await serveOn(data)
    const file = newPath()
    const body = `say(process.pid); setInterval(() => undefined, 1000)`
    const command = start(['--fork', 'playground', '--data', data], {
      body: `say(process.pid); ${body}`,
      file,
    })
    const processId = Number(await until(() => told(file)))
    await until(async () => ((await names(data)).includes('temporary') ? true : null))
    command.kill('SIGKILL')
    await until(async () => ((await names(data)).includes('temporary') ? null : true))
    await until(async () => ((await endpointState(data)) === 'off' ? true : null))
    expect(await names(data)).toEqual(['playground'])
    // It is nobody's child any more.
    process.kill(processId, 'SIGKILL')
  })

  it('leaves an empty directory at most when it is killed, which the next one removes', async () => {
    const temporary = path('temporary')
    mkdirSync(temporary)
    const file = newPath()
    const data = newPath()
    const body = `say([process.pid, process.env.DATABASE_URL]); setInterval(() => undefined, 1000)`
    const command = start(['--temporary', '--data', data], { body, file, temporary })
    const [processId, url] = (await until(() => told(file))) as [number, string]
    command.kill('SIGKILL')
    await once(command, 'exit')
    process.kill(processId, 'SIGKILL')
    await expect(new pg.Client({ connectionString: url }).connect()).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
    const [left = '', ...more] = readdirSync(temporary)
    expect(more).toEqual([])
    expect(existsSync(join(temporary, left, 'instances'))).toBe(false)
    const longAgo = new Date(Date.now() - 120_000)
    utimesSync(join(temporary, left), longAgo, longAgo)
    const next = start(['--temporary', '--data', data], { body: '', file, temporary })
    expect(await once(next, 'exit')).toEqual([0, null])
    expect(readdirSync(temporary)).toEqual([])
  })

  it('passes signals on, and tells which one has ended the program', async () => {
    const data = newPath()
    const file = newPath()
    const trap = `
      let hangups = 0
      process.on('SIGHUP', () => say({ hangups: ++hangups }))
      process.on('SIGTERM', () => process.exit(9))
      say('ready')
      setInterval(() => undefined, 1000)`
    const trapping = start(['--temporary', '--data', data], { body: trap, file })
    await until(() => told(file))
    for (const hangups of [1, 2, 3]) {
      trapping.kill('SIGHUP')
      await until(() => ((told(file) as { hangups?: number }).hangups === hangups ? true : null))
    }
    trapping.kill('SIGTERM')
    expect(await once(trapping, 'exit')).toEqual([9, null])
    const other = newPath()
    const dying = start(['--temporary', '--data', data], {
      body: `say('ready'); process.kill(process.pid, 'SIGTERM'); setInterval(() => undefined, 1000)`,
      file: other,
    })
    expect(await once(dying, 'exit')).toEqual([128 + 15, null])
  })

  it('says what cannot be, and runs nothing then', async () => {
    const data = newPath()
    const seed = newPath()
    writeFileSync(seed, 'select 1;\nselect nothing;')
    const failed = await run(['--temporary', '--from', seed, '--data', data], 'say(1)')
    expect(failed).toMatchObject({ code: 1, told: null })
    expect(failed.stderr).toContain(`${seed}, statement 2: `)
    expect(failed.stderr).toContain('column "nothing" does not exist')
    const missing = await run(['--temporary', '--from', newPath(), '--data', data], 'say(1)')
    expect(missing).toMatchObject({ code: 1, told: null, stderr: expect.stringContaining('ENOENT') })
    expect(await run(['none', '--data', data], 'say(1)')).toMatchObject({ code: 1, told: null })
    const plain = (...args: string[]): Promise<CommandEnd> => runHere(['run', '--data', data, ...args])
    expect(await plain()).toMatchObject({ code: 2, stderr: expect.stringContaining('Name an instance') })
    expect(await plain('shop')).toMatchObject({ code: 2, stderr: expect.stringContaining('behind --') })
    expect(await plain('--temporary')).toMatchObject({ code: 2 })
    expect(await plain('--temporary', '--fork', 'shop', '--', 'true')).toMatchObject({ code: 2 })
    expect(await plain('shop', '--from', seed, '--', 'true')).toMatchObject({ code: 2 })
    const notFound = await plain('--temporary', '--', 'no-such-program')
    expect(notFound).toMatchObject({ code: 127, stderr: expect.stringContaining('was not found') })
    const notExecutable = await plain('--temporary', '--', seed)
    expect(notExecutable).toMatchObject({ code: 126, stderr: expect.stringContaining('may not be executed') })
  })
})
