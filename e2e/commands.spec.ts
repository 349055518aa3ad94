/**
 * Goal: the command line as its users meet it: processes, pipes, signals and exit codes, with and without a running
 * host. Method: the built program on fresh data directories.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from './fixtures.ts'
import { launcher, runWardian } from './wardian-server.ts'

interface ListedInstance {
  readonly name: string
  readonly state: string
}

test('instances are made, listed, queried and deleted without a running host', async ({ dataDirectory }) => {
  const run = (...args: string[]) => runWardian([...args, '--data', dataDirectory])
  const created = await run('create', 'shop', '--json')
  expect(created).toMatchObject({ code: 0 })
  expect(JSON.parse(created.stdout)).toMatchObject({ name: 'shop', storage: 'directory' })
  expect((await run('create', 'shop')).stderr).toContain('shop')
  expect((await run('create', 'shop')).code).toBe(1)

  expect(await run('query', 'shop', 'create table t (n int8, s text)')).toMatchObject({
    code: 0,
    stdout: 'CREATE TABLE\n',
  })
  const filled = await run('query', 'shop', "insert into t values (9007199254740993, null), (1, '')")
  expect(filled).toMatchObject({ code: 0, stdout: 'INSERT 0 2\n' })
  expect((await run('query', 'shop', 'select * from t', '--format', 'csv')).stdout).toBe(
    'n,s\r\n9007199254740993,\r\n1,""\r\n',
  )
  expect((await run('query', 'shop', 'select * from t', '--format', 'ndjson')).stdout).toBe(
    '{"n":9007199254740993,"s":null}\n{"n":1,"s":""}\n',
  )

  const listed = JSON.parse((await run('list', '--json')).stdout) as ListedInstance[]
  expect(listed.map(({ name }) => name)).toContain('shop')
  expect(await run('delete', 'shop')).toMatchObject({ code: 0, stdout: '' })
  const left = JSON.parse((await run('list', '--json')).stdout) as ListedInstance[]
  expect(left.map(({ name }) => name)).not.toContain('shop')
})

test('commands talk to the running host, which keeps its instances', async ({ server }) => {
  expect(await server.command(['create', 'quick', '--memory'])).toMatchObject({ code: 0 })
  expect(await server.command(['query', 'quick', 'create table t as select 1 as n'])).toMatchObject({
    code: 0,
  })
  expect((await server.command(['query', 'quick', 'table t', '--format', 'csv'])).stdout).toBe('n\r\n1\r\n')
  const doctor = await server.command(['doctor', '--json'])
  expect(doctor.stdout).toContain('it answers')
})

test('a memory instance without a running host is refused with what to do', async ({ dataDirectory }) => {
  const ended = await runWardian(['create', 'quick', '--memory', '--data', dataDirectory])
  expect(ended.code).toBe(1)
  expect(ended.stderr).toContain('lives only inside a running host')
  expect(ended.stderr).toContain('wardian serve')
})

test('an SQL error ends with 1 and shows where it is', async ({ server }) => {
  const ended = await server.command(['query', 'playground', 'select 1,\n  nonsense from customers'])
  expect(ended).toMatchObject({ code: 1, stdout: '' })
  expect(ended.stderr).toContain('error: 42703')
  expect(ended.stderr).toContain('LINE 2:   nonsense from customers\n          ^')
})

test('SQL comes from stdin and from a file, and a script stops at its first error', async ({ server }) => {
  const file = join(server.dataDirectory, 'script.sql')
  await writeFile(file, "select 'a' as x; select * from nowhere; select 'never'")
  const ended = await server.command(['query', 'playground', '--file', file, '--format', 'csv'])
  expect(ended.code).toBe(1)
  expect(ended.stdout).toBe('x\r\na\r\n')
  expect(ended.stderr).toContain('statement 2 of 3: error: 42P01')
  const piped = await runWardian(
    ['query', 'playground', '-', '--format', 'csv', '--data', server.dataDirectory],
    {
      input: 'select 42 as answer',
    },
  )
  expect(piped).toMatchObject({ code: 0, stdout: 'answer\r\n42\r\n' })
})

test('a million rows pass through a pipe, and a reader that leaves ends the query', async ({ server }) => {
  const sql = "select n, 'row ' || n from generate_series(1, 1000000) n"
  const all = await server.command(['query', 'playground', sql, '--format', 'csv'])
  expect(all.code).toBe(0)
  const lines = all.stdout.split('\r\n')
  expect(lines).toHaveLength(1_000_002)
  expect(lines[1_000_000]).toBe('1000000,row 1000000')

  const args = [launcher, 'query', 'playground', sql, '--format', 'csv', '--data', server.dataDirectory]
  const child = spawn(process.execPath, args)
  let narration = ''
  child.stderr.on('data', (part: Buffer) => (narration += part.toString()))
  await once(child.stdout, 'data')
  child.stdout.destroy()
  const [code] = (await once(child, 'close')) as [number]
  expect({ code, narration }).toEqual({ code: 0, narration: '' })
  expect((await server.command(['query', 'playground', 'select 1', '--format', 'csv'])).code).toBe(0)
})

test('Ctrl+C cancels the statement and ends with 130; the session is gone', async ({ server }) => {
  const sql = "select 'begun'; select count(*) from generate_series(1, 100000000000) n"
  const args = [launcher, 'query', 'playground', sql, '--data', server.dataDirectory]
  const child = spawn(process.execPath, args)
  let narration = ''
  child.stderr.on('data', (part: Buffer) => (narration += part.toString()))
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  const [code] = (await once(child, 'close')) as [number]
  expect(code).toBe(130)
  expect(narration).toContain('Cancelling')
  expect((await server.command(['query', 'playground', 'select 1', '--format', 'csv'])).stdout).toContain('1')
})

test('a port in use is named, with what to do', async ({ dataDirectory }) => {
  const other = createServer()
  await once(other.listen(0, '127.0.0.1'), 'listening')
  const { port } = other.address() as AddressInfo
  const ended = await runWardian(['serve', '--no-open', '--port', String(port), '--data', dataDirectory])
  other.close()
  expect(ended).toMatchObject({ code: 1, stdout: '' })
  expect(ended.stderr).toContain(`Port ${port} is in use by another program: choose another one with --port`)
})

test('a second program on the same data directory is told who has it', async ({ server }) => {
  const ended = await runWardian(['serve', '--no-open', '--data', server.dataDirectory])
  expect(ended).toMatchObject({ code: 1, stdout: '' })
  expect(ended.stderr).toContain('is in use by')
  expect(ended.stderr).toContain(`process ${await server.hostProcessId()}`)
})

test('a host that died without a word is no obstacle', async ({ server }) => {
  expect(await server.command(['query', 'playground', 'create table kept as select 7 as n'])).toMatchObject({
    code: 0,
  })
  await server.kill()
  const ended = await server.command(['query', 'playground', 'table kept', '--format', 'csv'])
  expect(ended).toMatchObject({ code: 0, stdout: 'n\r\n7\r\n' })
})

test('serve ends cleanly when it is asked to, with 130 after Ctrl+C', async ({ newServer }) => {
  const first = await newServer()
  expect(await first.stop('SIGTERM')).toBe(0)
  const second = await newServer()
  expect(await second.stop('SIGINT')).toBe(130)
  expect(second.narration).toContain('Stopping')
})

test('a data directory that cannot be one gives an error and no stack', async ({ dataDirectory }) => {
  const file = join(dataDirectory, 'file')
  await writeFile(file, 'not a directory')
  const ended = await runWardian(['list', '--data', file])
  expect(ended).toMatchObject({ code: 1, stdout: '' })
  expect(ended.stderr).toMatch(/^error: .*--data/)
  expect(ended.stderr).not.toMatch(/^\s+at /m)
  if (process.getuid?.() === 0) return
  const locked = join(dataDirectory, 'locked')
  await mkdir(locked)
  await chmod(locked, 0o500)
  expect((await runWardian(['list', '--data', join(locked, 'inside')])).stderr).toMatch(/^error: .*--data/)
})

test('wrong usage ends with 2 and a hint', async () => {
  expect(await runWardian(['serve', '--prot', '1'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('(Did you mean --port?)'),
  })
})
