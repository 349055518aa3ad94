/**
 * The same result through everything: a host in a process of its own, its contract over WebSocket, and this process
 * as the window. Tells how long it took and how long the host's event loop stood still meanwhile, by
 * the host's own samples. Judges nothing.
 */

import { resultBytesMax } from '../src/contract/limits.ts'
import type { WorkbenchClient } from '../src/main/cli/host-connection.ts'
import { median } from './median.ts'
import { withServedHost } from './served-host.ts'

export interface ServedResult {
  readonly totalMs: number
  readonly firstBatchMs: number
  readonly hostBlockedMsMax: number
}

export interface ServedOptions {
  readonly dataDirectory: string
  readonly setupSql: string
  readonly sql: string
  readonly rounds: number
}

export function measureServed(options: ServedOptions): Promise<ServedResult> {
  return withServedHost(options.dataDirectory, (client) => measure(client, options))
}

async function measure(client: WorkbenchClient, options: ServedOptions): Promise<ServedResult> {
  const { id } = await client.call('instance.create', { name: 'bench', storage: 'memory', withSample: false })
  const session = await client.call('session.open', { instanceId: id, title: 'bench' })
  const run = (sql: string) => runOnce(client, { sessionId: session.sessionId, sql })
  await run(options.setupSql)
  await run(options.sql)
  // The sample that is under way still counts the setting up.
  await nextSample(client)
  const blocked: number[] = []
  const watching = client.on('host.didSample', (sample) => blocked.push(sample.eventLoopDelayMaxMs))
  const runs = []
  for (let round = 0; round < options.rounds; round++) runs.push(await run(options.sql))
  await nextSample(client)
  watching.dispose()
  return {
    totalMs: median(runs.map((each) => each.totalMs)),
    firstBatchMs: median(runs.map((each) => each.firstBatchMs)),
    hostBlockedMsMax: Math.max(...blocked),
  }
}

function nextSample(client: WorkbenchClient): Promise<void> {
  return new Promise((resolve) => {
    const watching = client.on('host.didSample', () => {
      watching.dispose()
      resolve()
    })
  })
}

/** Runs one statement and takes its whole result. */
export async function runOnce(client: WorkbenchClient, request: { sessionId: string; sql: string }) {
  const startedMs = performance.now()
  let firstBatchMs = 0
  const stream = client.stream('statement.run', {
    sessionId: request.sessionId,
    source: { kind: 'inline', text: request.sql },
    mode: 'statement',
    resultBytesMax,
    resultsMax: null,
  })
  for await (const { value } of stream) {
    if (value.kind === 'batch' && firstBatchMs === 0) firstBatchMs = performance.now() - startedMs
    if (value.kind === 'completed' && value.outcome.status !== 'ok') throw new Error('The statement failed')
  }
  await stream.result
  return { totalMs: performance.now() - startedMs, firstBatchMs }
}
