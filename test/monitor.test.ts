/**
 * Goal: what a host and its instances use is measured, kept over a restart, told of, and holds nobody up. Method: real
 * hosts and engines on temporary directories, looks that are asked for, clients of the contract.
 */

import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { present } from '../src/base/assert.ts'
import { systemClock } from '../src/base/clock.ts'
import { openDisposables } from '../src/base/disposable.ts'
import type { Alert, Threshold } from '../src/contract/monitor.ts'
import { workbenchContract, type WorkbenchContract } from '../src/contract/workbench-contract.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import { createMemoryPorts } from '../src/rpc/memory-port.ts'
import { clientPortLimits } from '../src/rpc/message-codec.ts'
import { connectContract, type ContractClient } from '../src/rpc/rpc-client.ts'
import { openTimeoutMs } from './support/engine-fixture.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

type Client = ContractClient<WorkbenchContract>

/** As fast as it may be, so that tests wait little. */
const fast = { intervalMs: 250, databaseIntervalMs: 1_000 }

describe('the monitor of a host', { timeout: openTimeoutMs }, () => {
  const path = temporaryDirectory()
  const logged: string[] = []
  let host: WorkbenchHost
  let client: Client

  beforeAll(open, openTimeoutMs)
  afterAll(async () => {
    await host.stop()
    await vi.waitFor(() => expect(openDisposables()).toEqual({}), { timeout: openTimeoutMs })
  }, openTimeoutMs)

  /** On the same directory each time. */
  async function open(): Promise<void> {
    const write = (message: string): void => void logged.push(message)
    const log = { info: write, warn: write, error: write }
    host = await startHost({ dataDirectory: path('data'), shell: 'serve', clock: systemClock, log })
    const [near, far] = createMemoryPorts(clientPortLimits)
    host.attach(far)
    client = connectContract(workbenchContract, near)
    await client.call('monitor.setSettings', fast)
  }

  /** The next sample in which all of `metrics` are there. */
  async function measured(instanceId: string | null, metrics: string[]): Promise<number[]> {
    const stream = client.stream('monitor.live', { instanceId, metrics })
    for await (const { value } of stream) {
      const values = value.values.filter((each) => each !== null)
      if (values.length === metrics.length) return values
    }
    throw new Error('The monitor has ended')
  }

  /** Runs a script in a session; answers the status of each statement. */
  async function run(sessionId: string, text: string): Promise<string[]> {
    const source = { kind: 'inline', text } as const
    const asked = { sessionId, source, mode: 'script', resultBytesMax: 1 << 20, resultsMax: null } as const
    const ends: string[] = []
    for await (const { value } of client.stream('statement.run', asked)) {
      if (value.kind === 'completed') ends.push(value.outcome.status)
    }
    return ends
  }

  it('counts what pages move apart from what programs move, and both for the instance', async () => {
    const { id } = await client.call('instance.create', {
      name: 'pages',
      storage: 'memory',
      withSample: false,
    })
    const { url } = await client.call('web.start', { port: 0 })
    const wish = {
      label: 'test',
      instanceIds: [id],
      access: 'read-only',
      role: null,
      expiresAtMs: null,
    } as const
    const { secret } = await client.call('web.createToken', wish)
    const answer = await fetch(`${present(url, 'the address')}/sql`, {
      ...{ method: 'POST', body: JSON.stringify({ query: `select repeat('x', 5000)`, params: [] }) },
      headers: { 'Neon-Connection-String': `postgres://token:${secret}@localhost/pages` },
    })
    expect((await answer.text()).length).toBeGreaterThan(5_000)
    const sumOf = async (name: string): Promise<number> => {
      const { text } = await client.call('monitor.exposition', { format: 'prometheus' })
      const line = text.split('\n').find((each) => each.startsWith(`${name} `))
      return Number(line?.slice(name.length) ?? NaN)
    }
    const [pages, own] = [
      'wardian_endpoint_sent_bytes_total{endpoint="web"}',
      'wardian_instance_sent_bytes_total{database="pages"}',
    ]
    await vi.waitFor(async () => expect(await sumOf(own)).toBeGreaterThan(5_000), { timeout: openTimeoutMs })
    expect(await sumOf(pages)).toBeGreaterThan(5_000)
    expect(await sumOf('wardian_endpoint_sent_bytes_total{endpoint="postgres"}')).toBe(0)
    await client.call('web.stop', null)
  })

  it('gives way to whoever wants the backend, and does not ask an instance that nobody uses', async () => {
    const { id } = await client.call('instance.create', {
      name: 'shop',
      storage: 'memory',
      withSample: false,
    })
    await measured(id, ['walWritten'])
    const { sessionId } = await client.call('session.open', { instanceId: id, title: 'test' })
    expect(await run(sessionId, 'begin; select 1')).toEqual(['ok', 'ok'])
    // The transaction is open, so that nobody else has the backend; what was read before is still told.
    const [wal] = await measured(id, ['walWritten'])
    expect(wal).toBeGreaterThanOrEqual(0)
    expect(await run(sessionId, 'select pg_sleep(1.5); commit')).toEqual(['ok', 'ok'])
    const [commits] = await measured(id, ['commits'])
    expect(commits).toBeGreaterThanOrEqual(0)
  })

  it('tells windows, the log and the webhook of an alert, and when it is over', async () => {
    const posted: { headers: string; body: string }[] = []
    const arrived = Promise.withResolvers<void>()
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', (part: Buffer) => (body += part.toString()))
      request.on('end', () => {
        posted.push({ headers: request.headers.authorization ?? '', body })
        response.end()
        if (posted.length === 2) arrived.resolve()
      })
    })
    const url = await listen(server)
    try {
      const alerts: Alert[] = []
      const over = Promise.withResolvers<void>()
      client.on('monitor.didAlert', (alert) => {
        alerts.push(alert)
        if (alert.endedAtMs !== null) over.resolve()
      })
      const threshold: Threshold = {
        ...{ id: 'busy', metric: 'windows', instanceId: null, comparison: 'above' },
        ...{ limit: 0, forMs: 0, isOn: true },
      }
      const webhook = { url: `${url}/secret-path`, bearerToken: 'secret-token' }
      const set = await client.call('monitor.setSettings', { ...fast, thresholds: [threshold], webhook })
      expect(set.webhook).toEqual({ origin: url })
      while (alerts.length === 0) await measured(null, ['windows'])
      await client.call('monitor.setSettings', { thresholds: [] })
      await Promise.all([over.promise, arrived.promise])
      await client.call('monitor.setSettings', { webhook: null })
      expect(alerts.map(({ endedAtMs }) => endedAtMs === null)).toEqual([true, false])
      expect(posted.map(({ headers }) => headers)).toEqual(['Bearer secret-token', 'Bearer secret-token'])
      expect(posted.map(({ body }) => (JSON.parse(body) as { kind: string }).kind)).toEqual([
        'firing',
        'resolved',
      ])
      expect(logged.filter((line) => line.startsWith('Windows of the host is 1, above 0'))).toHaveLength(1)
      expect(JSON.stringify([logged, alerts, set])).not.toContain('secret')
    } finally {
      server.close()
      server.closeAllConnections()
    }
  })

  it('refuses what it does not know', async () => {
    const range = { fromMs: 0, toMs: 1, pointsMax: 10 }
    await expect(
      client.callWithBuffers('monitor.series', { instanceId: null, metrics: ['nothing'], ...range }),
    ).rejects.toMatchObject({ code: 'not-found' })
    await expect(
      client.callWithBuffers('monitor.series', { instanceId: 'nobody', metrics: ['disk'], ...range }),
    ).rejects.toMatchObject({ code: 'not-found' })
    await expect(client.call('monitor.testWebhook', null)).rejects.toMatchObject({ code: 'conflict' })
    for (const url of ['file:///etc/passwd', 'https://user:pw@example.org/', 'nothing']) {
      await expect(client.call('monitor.setSettings', { webhook: { url } })).rejects.toMatchObject({
        code: 'invalid-argument',
      })
    }
  })

  it('measures the host, a running instance and its database, and keeps it over a restart', async () => {
    const { id } = await client.call('instance.create', {
      name: 'kept',
      storage: 'directory',
      withSample: false,
    })
    const { sessionId } = await client.call('session.open', { instanceId: id, title: 'test' })
    await run(sessionId, 'create table t as select generate_series(1, 1000) as n; create index on t (n)')
    const fromMs = Date.now()
    const hostMetrics = ['rss', 'cpu', 'loopDelayMax', 'wasmTotal', 'instancesRunning', 'windows', 'diskFree']
    for (const value of await measured(null, hostMetrics)) expect(value).toBeGreaterThanOrEqual(0)
    const own = ['wasmMemory', 'engineHeap', 'engineCpu', 'disk', 'walDisk', 'queueDepth', 'bytesIn']
    const [wasm, heap, , disk] = await measured(id, own)
    for (const bytes of [wasm, heap, disk]) expect(bytes).toBeGreaterThan(1 << 20)
    const [tables, indexes] = await measured(id, ['tableBytes', 'indexBytes', 'bufferHits', 'walWritten'])
    expect(tables).toBeGreaterThan(30_000)
    expect(indexes).toBeGreaterThan(0)
    const query = { instanceId: id, metrics: ['wasmMemory'], fromMs: fromMs - 60_000, toMs: fromMs + 600_000 }
    const before = await client.callWithBuffers('monitor.series', { ...query, pointsMax: 10_000 })
    expect(before.value.sampleCount).toBeGreaterThan(1)
    await host.stop()
    await open()
    const after = await client.callWithBuffers('monitor.series', { ...query, pointsMax: 10_000 })
    expect(after.value.sampleCount).toBeGreaterThanOrEqual(before.value.sampleCount)
    const values = new Float64Array(present(after.buffers[0], 'the points'))
    const [first] = values.subarray(after.value.pointCount)
    expect(first).toBe(wasm)
    expect(logged.filter((line) => line.includes('could not'))).toEqual([])
  })
})

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
