/**
 * Goal: the log of a host has what an operator wants, down to the bytes of a conversation, and no secret. Method: a
 * real host at its most talkative; a client that sets and reads passwords; every file of the log searched for them.
 */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../src/base/clock.ts'
import { startAsKept } from '../src/contract/endpoint.ts'
import type { Threshold } from '../src/contract/monitor.ts'
import { workbenchContract } from '../src/contract/workbench-contract.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import { createMemoryPorts } from '../src/rpc/memory-port.ts'
import { clientPortLimits } from '../src/rpc/message-codec.ts'
import { connectContract } from '../src/rpc/rpc-client.ts'
import { openTimeoutMs } from './support/engine-fixture.ts'
import { expectNoLeaks } from './support/leak-check.ts'
import { withoutPreferredPort } from './support/preferred-port.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

describe('the log of a host', { timeout: openTimeoutMs }, () => {
  withoutPreferredPort()
  expectNoLeaks()
  const path = temporaryDirectory()
  let host: WorkbenchHost | null = null

  afterEach(async () => {
    await host?.stop()
    host = null
  })

  it('has what clients of the endpoint say as hex, and neither a password nor a token nor a verifier', async () => {
    const dataDirectory = path('data')
    const shown: string[] = []
    const show = (message: string): void => void shown.push(message)
    const log = { info: show, warn: show, error: show }
    host = await startHost({ dataDirectory, shell: 'serve', clock: systemClock, log })
    const [near, far] = createMemoryPorts(clientPortLimits)
    host.attach(far)
    const client = connectContract(workbenchContract, near)
    expect(await client.call('log.settings', null)).toEqual({ level: 'info', terminalLevel: 'info' })
    await client.call('log.setSettings', { level: 'trace', terminalLevel: 'error' })
    const wanted = { name: 'shop', storage: 'memory', withSample: false } as const
    const { id: instanceId } = await client.call('instance.create', wanted)
    await client.call('endpoint.start', { endpointId: 'postgres', ...startAsKept, port: 0 })
    const connection = await client.call('endpoint.connection', { endpointId: 'postgres', instanceId })
    const { password, port } = connection
    const program = new pg.Client({
      ...{ host: '127.0.0.1', port: port ?? 0, user: 'postgres', password, database: 'shop', ssl: false },
    })
    await program.connect()
    await program.query("select 'seen in the log'")
    await program.query("create role r login password 'hunter2-plain'")
    await program.query("alter role r with encrypted password E'hunter2-\\\\escaped'")
    await program.query('alter role r password $q$hunter2-dollar$q$')
    const { rows } = await program.query<{ rolpassword: string }>(
      "select rolpassword from pg_authid where rolname = 'r'",
    )
    await program.end()
    const thresholds: Threshold[] = [
      {
        ...{ id: 'any', metric: 'windows', instanceId: null, comparison: 'above' },
        ...{ limit: 0, forMs: 0, isOn: true },
      },
    ]
    const webhook = { url: 'http://127.0.0.1:1/hunter2-path', bearerToken: 'hunter2-bearer' }
    await client.call('monitor.setSettings', { thresholds, webhook })
    await client.call('monitor.testWebhook', null)
    const metricsToken = await host.operations.metricsToken()
    const tail = await client.call('log.tail', { linesMax: 1_000 })
    await host.stop()
    host = null

    const folder = join(dataDirectory, 'logs')
    const files = readdirSync(folder).filter((name) => name.startsWith('wardian.jsonl'))
    expect(files).toEqual(['wardian.jsonl'])
    expect(statSync(join(folder, 'wardian.jsonl')).mode & 0o777).toBe(0o600)
    const text = readFileSync(join(folder, 'wardian.jsonl'), 'utf8')
    const verifier = rows[0]?.rolpassword ?? 'none'
    expect(verifier).toMatch(/^SCRAM-SHA-256\$/)
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { level: string; wire?: { hex: string | null } })
    const bytes = lines.map(({ wire }) => dumpedBytes(wire?.hex ?? '')).join('\n')
    expect(bytes).toContain("select 'seen in the log'")
    for (const secret of [password, 'hunter2', metricsToken, verifier.slice(0, 40), verifier.slice(-20)]) {
      expect(text).not.toContain(secret)
      expect(bytes).not.toContain(secret)
    }
    expect(new Set(lines.map(({ level }) => level))).toContain('trace')
    expect(tail.lines.length).toBeGreaterThan(10)
    expect(tail.path).toBe(join(folder, 'wardian.jsonl'))
    // What is less than an error is not shown any more since it was set so.
    expect(shown.filter((message) => message.startsWith('Windows of the host'))).toEqual([])
  })
})

/** What a dump shows, as text. */
function dumpedBytes(hex: string): string {
  const numbers = hex.split('\n').flatMap((line) => line.slice(6, 53).match(/[0-9a-f]{2}/g) ?? [])
  return Buffer.from(numbers.join(''), 'hex').toString('latin1')
}
