/** What a statement of the console takes, without an endpoint and beside one that has clients who do nothing. */

import { startAsKept } from '../src/contract/endpoint.ts'
import type { WorkbenchClient } from '../src/main/cli/host-connection.ts'
import { median } from './median.ts'
import { withServedHost } from './served-host.ts'
import { runOnce } from './served-result.ts'
import { RawClient } from './wire-raw.ts'

const endpointId = 'postgres'
const idleClients = 16
const statementsPerRound = 200

/** Medians, in milliseconds. */
export interface ConsoleLatency {
  readonly aloneMs: number
  readonly besideMs: number
}

/** Turn by turn, so that both see the same machine. */
export function measureConsole(dataDirectory: string, rounds: number): Promise<ConsoleLatency> {
  return withServedHost(dataDirectory, async (client) => {
    const created = { name: 'console', storage: 'memory', withSample: false } as const
    const { id } = await client.call('instance.create', created)
    const { sessionId } = await client.call('session.open', { instanceId: id, title: 'bench' })
    await timesOf(client, sessionId)
    const alone: number[] = []
    const beside: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      alone.push(...(await timesOf(client, sessionId)))
      beside.push(...(await besideIdleClients(client, id, () => timesOf(client, sessionId))))
    }
    return { aloneMs: median(alone), besideMs: median(beside) }
  })
}

async function besideIdleClients<T>(
  client: WorkbenchClient,
  instanceId: string,
  work: () => Promise<T>,
): Promise<T> {
  const start = { endpointId, ...startAsKept, port: 0, roleInstanceId: instanceId }
  await client.call('endpoint.start', start)
  const { host, port, role, password, database } = await client.call('endpoint.connection', {
    endpointId,
    instanceId,
  })
  const address = { host, port, user: role, password, database }
  const clients = await Promise.all(Array.from({ length: idleClients }, () => RawClient.open(address)))
  try {
    return await work()
  } finally {
    for (const each of clients) each.end()
    await client.call('endpoint.stop', { endpointId })
  }
}

async function timesOf(client: WorkbenchClient, sessionId: string): Promise<number[]> {
  const times: number[] = []
  for (let count = 0; count < statementsPerRound; count += 1) {
    times.push((await runOnce(client, { sessionId, sql: 'select 1' })).totalMs)
  }
  return times
}
