/**
 * Trials of a real instance over the contract: what a window gets, what its session lends, when applying is
 * refused, and that nothing is left of any copy.
 */

import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import type { TryMode, TryReport } from '../../contract/try-report.ts'
import { connect, Console, type WorkbenchClient } from '../../../test/support/client-fixture.ts'
import { openTimeoutMs, testTemplatesDirectory } from '../../../test/support/engine-fixture.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { PgliteEngineFactory } from '../engine/pglite/pglite-engine-factory.ts'
import { startHost, type WorkbenchHost } from './workbench-host.ts'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

describe('trials of an instance', { timeout: openTimeoutMs }, () => {
  expectNoLeaks()
  const path = temporaryDirectory()
  const hosts: WorkbenchHost[] = []
  let count = 0

  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.stop()
  })

  async function start(options: { readonly forkBytesMax?: number; storage?: 'memory' | 'directory' } = {}) {
    const dataDirectory = path(`data-${count++}`)
    // As a host leaves it that was killed.
    mkdirSync(join(dataDirectory, 'trials', 'left'), { recursive: true, mode: 0o700 })
    const engineFactory = new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory })
    const { storage = 'memory', ...limits } = options
    const shell = 'command'
    const host = await startHost({
      ...{ dataDirectory, shell, clock: systemClock, log: silent, engineFactory },
      ...limits,
    })
    hosts.push(host)
    const client = connect(host)
    const { id } = await client.call('instance.create', { name: 'shop', storage, withSample: false })
    const terminal = await Console.open(client, id, 'console 1')
    await terminal.script(
      'create table notes (id int primary key, t text); insert into notes values (1, $$one$$)',
    )
    return { client, instanceId: id, terminal, dataDirectory }
  }

  interface Wish {
    readonly instanceId: string
    readonly sessionId?: string
    readonly mode?: TryMode
    readonly onProgress?: () => void
  }

  async function tried(client: WorkbenchClient, text: string, wish: Wish): Promise<TryReport> {
    const { instanceId, sessionId = null, mode = 'script', onProgress } = wish
    const stream = client.stream('try.run', { instanceId, sessionId, source: { kind: 'inline', text }, mode })
    for await (const { value } of stream) if (value.kind === 'waiting') onProgress?.()
    return stream.result
  }

  async function apply(
    client: WorkbenchClient,
    text: string,
    wish: Wish & { report: TryReport; force?: boolean },
  ) {
    const { instanceId, sessionId = null, report, force = false } = wish
    const { sha256, position, fitsOneTransaction: inOneTransaction } = report
    const stream = client.stream('try.apply', {
      ...{ instanceId, sessionId, source: { kind: 'inline', text }, sha256, position },
      ...{ inOneTransaction, despiteWrites: force },
    })
    for await (const _ of stream) continue
    return stream.result
  }

  test('changes nothing until it is applied, and then the same', async () => {
    const { client, instanceId, terminal } = await start()
    const text = `insert into notes values (2, 'two'); update notes set t = 'uno' where id = 1`
    const report = await tried(client, text, { instanceId })
    expect(report).toMatchObject({ wouldSucceed: true, fitsOneTransaction: true })
    expect(report.tables).toMatchObject([{ name: 'public.notes', inserted: 1, updated: 1, deleted: 0 }])
    expect(await terminal.rows('select count(*)::int from notes')).toEqual([['1']])
    const applied = await apply(client, text, { instanceId, report })
    expect(applied).toMatchObject({ wasOneTransaction: true, statementsRun: 2, failure: null })
    expect(await terminal.rows('select t from notes order by id')).toEqual([['uno'], ['two']])
  })

  test('one snapshot is taken before it is applied, and has what was there', async () => {
    const { client, instanceId, terminal } = await start({ storage: 'directory' })
    const text = 'alter table notes add column more int; delete from notes; drop table notes'
    const report = await tried(client, text, { instanceId })
    const before = await client.call('snapshot.list', { instanceId })
    const applied = await apply(client, text, { instanceId, report })
    const { snapshots } = await client.call('snapshot.list', { instanceId })
    expect(snapshots.map(({ id }) => id)).toEqual([
      applied.snapshotId,
      ...before.snapshots.map(({ id }) => id),
    ])
    const rewind = client.stream('snapshot.rewind', { instanceId, snapshotId: applied.snapshotId ?? '' })
    for await (const _ of rewind) continue
    expect(await terminal.rows('select count(*)::int from notes')).toEqual([['1']])
  })

  test('what was written since is not overlooked', async () => {
    const { client, instanceId, terminal } = await start()
    const text = 'delete from notes'
    const report = await tried(client, text, { instanceId })
    await terminal.rows('select * from notes')
    await terminal.script(`insert into notes values (3, 'meanwhile')`)
    await expect(apply(client, text, { instanceId, report })).rejects.toMatchObject({ code: 'conflict' })
    await expect(
      apply(client, 'drop table notes', { instanceId, report, force: true }),
    ).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(await terminal.rows('select count(*)::int from notes')).toEqual([['2']])
    await apply(client, text, { instanceId, report, force: true })
    expect(await terminal.rows('select count(*)::int from notes')).toEqual([['0']])
  })

  test('an applied script that fails leaves nothing of it', async () => {
    const { client, instanceId, terminal } = await start()
    const text = `insert into notes values (2, 'two'); insert into notes values (3, 'three')`
    const report = await tried(client, text, { instanceId })
    await terminal.script(`insert into notes values (3, 'meanwhile')`)
    const applied = await apply(client, text, { instanceId, report, force: true })
    expect(applied.failure).toMatchObject({ statementIndex: 1, error: { sql: { code: '23505' } } })
    expect(await terminal.rows('select id from notes order by id')).toEqual([['1'], ['3']])
  })

  test('a script is tried with the settings and the role of the session that asks', async () => {
    const { client, instanceId, terminal } = await start()
    await terminal.script(`create schema other; create table other.notes (a int); create role reader;
      grant usage on schema other to reader; grant select on other.notes to reader;
      set search_path = other; set role reader`)
    const { sessionId } = terminal
    const report = await tried(client, 'select a from notes; insert into notes values (1)', {
      instanceId,
      sessionId,
    })
    expect(report.statements.map(({ status }) => status)).toEqual(['ok', 'failed'])
    expect(report.failure?.error.sql?.code).toBe('42501')
    const alone = await tried(client, 'select a from notes', { instanceId })
    expect(alone.failure?.error.sql?.code).toBe('42703')
  })

  test('beside an open transaction it sees what is committed, and says so', async () => {
    const { client, instanceId, terminal } = await start()
    const { sessionId } = terminal
    await terminal.script(`begin; insert into notes values (2, 'open')`)
    const text = 'update notes set t = upper(t)'
    const report = await tried(client, text, { instanceId, sessionId })
    expect(report.tables).toMatchObject([{ updated: 1 }])
    expect(report.remarks[0]).toMatch(/transaction open/)
    await expect(apply(client, text, { instanceId, sessionId, report })).rejects.toMatchObject({
      code: 'conflict',
    })
    await terminal.script('commit')
    await expect(apply(client, text, { instanceId, sessionId, report })).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(await terminal.rows('select count(*)::int from notes')).toEqual([['2']])
    await terminal.script('begin; select 1/0')
    await expect(tried(client, text, { instanceId, sessionId })).rejects.toMatchObject({ code: 'conflict' })
  })

  test('waits for the transaction of somebody else, and says for whom', async () => {
    const { client, instanceId, terminal } = await start()
    await terminal.script('begin; delete from notes')
    let waited = 0
    const report = await tried(client, 'select 1', {
      instanceId,
      onProgress: () => {
        waited += 1
        if (waited === 1) void terminal.script('rollback')
      },
    })
    expect([waited > 0, report.wouldSucceed]).toEqual([true, true])
  })

  test.each(['memory', 'directory'] as const)(
    'in %s, without memory for copies it copies on disk',
    async (storage) => {
      const { client, instanceId, terminal, dataDirectory } = await start({ forkBytesMax: 1, storage })
      await terminal.script('create unlogged table cache (a int); insert into cache values (1), (2)')
      const report = await tried(client, `delete from notes; delete from cache where a = 1`, { instanceId })
      expect(report.tables).toMatchObject([
        { name: 'public.cache', deleted: 1, rowsAfter: 1 },
        { name: 'public.notes', deleted: 1 },
      ])
      expect(readdirSync(join(dataDirectory, 'trials'))).toEqual([])
      expect(await terminal.rows('select count(*)::int from notes')).toEqual([['1']])
    },
  )

  test('that needs the turn of whoever asks says so at once, and whose transaction it is', async () => {
    const { client, instanceId, terminal } = await start({ forkBytesMax: 1 })
    await terminal.script('begin; insert into notes values (2)')
    const { sessionId } = terminal
    const trying = tried(client, 'delete from notes', { instanceId, sessionId })
    const message = expect.stringMatching(/console 1 has one\. End it with COMMIT or ROLLBACK/) as unknown
    await expect(trying).rejects.toMatchObject({ code: 'in-use', message })
    expect(await terminal.rows('select count(*) from notes')).toEqual([['2']])
  })

  test('what would end the engine ends the copy alone', async () => {
    const { client, instanceId, terminal } = await start()
    await terminal.script('set application_name = $$kept$$')
    // Recursion that Postgres's own check does not see ends V8's stack.
    const report = await tried(client, 'delete from notes; select repeat(chr(91), 10000000)::json', {
      instanceId,
    })
    expect(report.failure).toMatchObject({ statementIndex: 1, line: 1, column: 20 })
    expect(report.failure?.error.code).toBe('engine-crashed')
    expect(report.remarks).toHaveLength(1)
    expect(await terminal.rows('show application_name')).toEqual([['kept']])
    expect(await terminal.rows('select count(*)::int from notes')).toEqual([['1']])
  })

  test('leaving the stream ends the trial, and the client’s end does', async () => {
    const { client, instanceId } = await start()
    const endless = { kind: 'inline', text: 'select pg_sleep(600)' } as const
    const params = { instanceId, sessionId: null, source: endless, mode: 'script' } as const
    for await (const { value } of client.stream('try.run', params)) {
      if (value.kind === 'step' && value.step === 'running') break
    }
    const left = client.stream('try.run', params)
    const isRunning = async (): Promise<boolean> => {
      for await (const { value } of left)
        if (value.kind === 'step' && value.step === 'running') client.dispose()
      return false
    }
    await expect(isRunning()).rejects.toMatchObject({ code: 'closed' })
  })
})
