/**
 * The same result through everything: `wardian serve` in a process of its own, its contract over WebSocket, and
 * this process as the window. Tells how long it took and how long the host's event loop stood still meanwhile, by
 * the host's own samples. Judges nothing.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { systemClock } from '../src/base/clock.ts'
import { resultBytesMax } from '../src/contract/limits.ts'
import { openConnection, type WorkbenchClient } from '../src/main/cli/host-connection.ts'
import { median } from './median.ts'

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

const entry = join(import.meta.dirname, '../src/main/cli/main.ts')

export async function measureServed(options: ServedOptions): Promise<ServedResult> {
  const args = [entry, 'serve', '--no-open', '--json', '--data', options.dataDirectory]
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let complaint = ''
  server.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
  try {
    const address = once(createInterface(server.stdout), 'line')
    const exit = once(server, 'exit').then(([code]) => {
      throw new Error(`wardian serve ended with ${String(code)}: ${complaint}`)
    })
    await Promise.race([address, exit])
    const connection = await openConnection({
      startHost: () => Promise.reject(new Error('The served host has gone')),
      dataDirectory: options.dataDirectory,
      clock: systemClock,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    })
    const measured = await measure(connection.client, options)
    await connection.close()
    return measured
  } finally {
    const ended = once(server, 'exit')
    server.kill()
    await ended
  }
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

async function runOnce(client: WorkbenchClient, request: { sessionId: string; sql: string }) {
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
