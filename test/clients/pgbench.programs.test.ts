/**
 * Goal: pgbench initialises and runs in every mode, and its books balance afterwards. Method: short runs of a fixed
 * number of transactions; how fast they are is the benchmark's question, not this one's.
 */

import { beforeAll, describe, expect, test, vi } from 'vitest'
import { DEADLINE_MS, SERVERS, serverFixture } from '../support/clients/client-server.ts'
import { toolOutput } from '../support/clients/postgres-tools.ts'

const TRANSACTIONS = 60

vi.setConfig({ testTimeout: DEADLINE_MS, hookTimeout: DEADLINE_MS })

describe.each(SERVERS)('pgbench on %s', (name) => {
  const server = serverFixture(name, 'clients_pgbench')

  beforeAll(async () => {
    const words = ['-i', '-q', '--foreign-keys', '--init-steps=dtGvpf']
    await toolOutput(server(), ['pgbench', ...words])
  })

  const cases = ['simple', 'extended', 'prepared'].flatMap((mode) =>
    ['select-only', 'simple-update', 'tpcb-like'].map((script) => ({ mode, script })),
  )

  test.each(cases)('runs $script with the $mode protocol', async ({ mode, script }) => {
    const words = ['-n', '-c', '1', '-t', String(TRANSACTIONS), '-M', mode, '-b', script]
    const report = await toolOutput(server(), ['pgbench', ...words])
    expect(report).toContain(`number of transactions actually processed: ${TRANSACTIONS}/${TRANSACTIONS}\n`)
    expect(report).toContain('number of failed transactions: 0 ')
  })

  test('runs four clients, each with a thread of its own, and loses no update', async () => {
    const words = ['-n', '-c', '4', '-j', '4', '-t', '20', '-M', 'prepared']
    const report = await toolOutput(server(), ['pgbench', ...words])
    expect(report).toContain('number of transactions actually processed: 80/80\n')
    const balanced = await toolOutput(server(), [
      ...(['psql', '-XAtc'] as const),
      `select (select sum(abalance) from pgbench_accounts) = (select sum(delta) from pgbench_history),
        (select sum(bbalance) from pgbench_branches) = (select sum(tbalance) from pgbench_tellers)`,
    ])
    expect(balanced.trim()).toBe('t|t')
  })
})
