/**
 * Goal: statements that clients run are counted by what they are called, over time and across restarts. Method: real
 * hosts with real engines on one data directory, asked through the contract.
 */

import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { StatementRow, StatisticsSettings } from '../src/contract/statistics.ts'
import { workbenchContract, type WorkbenchContract } from '../src/contract/workbench-contract.ts'
import { systemClock } from '../src/base/clock.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import { createMemoryPorts } from '../src/rpc/memory-port.ts'
import { connectContract, type ContractClient } from '../src/rpc/rpc-client.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const everything = { fromMs: 0, toMs: 4_000_000_000_000 }

describe('statistics of statements', () => {
  const path = temporaryDirectory()
  let host: WorkbenchHost
  let client: ContractClient<WorkbenchContract>
  let instanceId = ''

  async function start(): Promise<void> {
    const write = (): void => undefined
    const log = { info: write, warn: write, error: write }
    host = await startHost({ dataDirectory: path('data'), shell: 'command', clock: systemClock, log })
    const [near, far] = createMemoryPorts()
    host.attach(far)
    client = connectContract(workbenchContract, near)
  }

  beforeAll(async () => {
    await start()
    const wish = { name: 'counted', storage: 'directory', withSample: false } as const
    instanceId = (await client.call('instance.create', wish)).id
  })
  afterAll(() => host.stop())
  afterEach(() => client.call('statistics.reset', { instanceId: null, fingerprint: null }))

  async function run(...texts: readonly string[]): Promise<void> {
    const { sessionId } = await client.call('session.open', { instanceId, title: 'console' })
    for (const text of texts) {
      const stream = client.stream('statement.run', {
        ...{ sessionId, source: { kind: 'inline', text }, mode: 'statement' },
        ...{ resultBytesMax: 1e6, resultsMax: null },
      })
      for await (const { value } of stream) expect(value.kind).toBeTypeOf('string')
    }
    await client.call('session.close', { sessionId })
  }

  const top = async (search = ''): Promise<readonly StatementRow[]> => {
    const wish = { instanceId, ...everything, orderBy: 'calls', search, limit: 50 } as const
    return (await client.call('statistics.top', wish)).rows
  }

  const change = async (settings: Partial<StatisticsSettings>): Promise<StatisticsSettings> => {
    const before = await client.call('statistics.settings', null)
    await client.call('statistics.setSettings', { ...before, ...settings })
    return before
  }

  it('counts statements that differ in their literals as one, without any of these', async () => {
    await run(`select 'secret', 1`, `SELECT 'other', /* why */ 22`, 'select generate_series(1, 5)')
    const [first, second, ...rest] = await top()
    expect(rest).toEqual([])
    expect(first).toMatchObject({ text: 'select $1, $2', calls: 2, errors: 0, rows: 2 })
    expect(second).toMatchObject({ text: 'select generate_series($1, $2)', calls: 1, rows: 5 })
    expect(first?.p50Ms).toBeGreaterThan(0)
    expect(first?.maxMs).toBeGreaterThanOrEqual(first?.p999Ms ?? Infinity)
    expect(first?.totalMs).toBeGreaterThanOrEqual(first?.maxMs ?? Infinity)
  })

  it('counts errors by their SQLSTATE, and says who has called', async () => {
    await run('select 1/0', 'select 1/1', 'select * from nowhere', 'selec 1')
    const [row] = await top('/')
    expect(row).toMatchObject({ calls: 2, errors: 1 })
    const key = { instanceId, fingerprint: row?.fingerprint ?? '' }
    const details = await client.call('statistics.statement', { ...key, ...everything })
    expect(details.errorCodes).toEqual([{ sqlState: '22012', count: 1 }])
    expect(details.callers).toMatchObject([{ application: 'Wardian', endpoint: 'console', calls: 2 }])
    expect(details.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(2)
    expect(details.example?.text).toMatch(/^select 1\/[01]$/)
    expect((await top('selec …')).map(({ errors }) => errors)).toEqual([1])
  })

  it('tells them over time as one buffer of columns', async () => {
    await run('select 1', 'select 2')
    const wish = { instanceId, fingerprint: null, fromMs: 0, toMs: Date.now() + 60_000, pointsMax: 100 }
    const { value, buffers } = await client.callWithBuffers('statistics.overTime', wish)
    const numbers = new Float64Array(buffers[0] ?? new ArrayBuffer(0))
    expect(value.pointCount).toBe(1)
    expect(numbers.length).toBe((value.names.length + 1) * value.pointCount)
    const calls = numbers[1 + value.names.indexOf('calls')] ?? 0
    expect(calls * (value.intervalMs / 1_000)).toBeCloseTo(2)
  })

  it('compares what ran before with what runs now', async () => {
    await run('select 1')
    const [row] = await top()
    const never = { fromMs: 0, toMs: 1 }
    const wish = { instanceId, fingerprint: row?.fingerprint ?? '', limit: 5 }
    const compared = await client.call('statistics.compare', { ...wish, before: never, after: everything })
    expect(compared).toMatchObject([{ before: null, after: { calls: 1 }, changeMs: row?.totalMs }])
  })

  it('keeps them across restarts, and forgets them when asked to', async () => {
    await run('select 1')
    await host.stop()
    await start()
    await client.call('instance.start', { instanceId })
    expect((await top()).map(({ calls }) => calls)).toEqual([1])
    await run('select 2')
    expect((await top()).map(({ calls }) => calls)).toEqual([2])
    await client.call('statistics.reset', { instanceId, fingerprint: null })
    expect(await top()).toEqual([])
  })

  it('counts nothing while it is off', async () => {
    const before = await change({ isOn: false })
    await run('select 1')
    expect(await top()).toEqual([])
    await client.call('statistics.setSettings', before)
  })

  it('puts no literal on disk, and no password wherever it stands', async () => {
    const before = await change({ slowMs: 0, redactsSlow: false, examples: 'disk' })
    const body = `begin execute 'alter role ada password ''pass-word-2'''; end`
    await run(`create role ada password 'pass-word-1'`, `do $$ ${body} $$`)
    await change({ redactsSlow: true, examples: 'memory' })
    await run(`select 'literal-1'`, `comment on role ada is 'literal-2'`, `selec 'literal-3'`)
    const slow = await client.call('statistics.slow', { instanceId, limit: 50 })
    expect(slow.map(({ text }) => text)).toContain('select $1')
    await client.call('statistics.setSettings', before)
    await host.stop()
    const stored = contentsOf(path('data'), ['wardian.db', 'logs'])
    expect(stored).toContain('create role ada password')
    expect(stored).not.toMatch(/pass-word-\d/)
    await start()
    await client.call('instance.start', { instanceId })
  })
})

/** All bytes of these files and what lies in these directories. */
function contentsOf(directory: string, names: readonly string[]): string {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  const files = entries.map((entry) => join(entry.parentPath, entry.name))
  const chosen = files.filter((file) => names.some((name) => file.startsWith(join(directory, name))))
  return chosen.map((file) => readFileSync(file, 'latin1')).join('\n')
}
