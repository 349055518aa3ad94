/**
 * What 100 requests at once cost a client in memory, in a process of its own that does nothing else: what they hold
 * while all are under way, and the most that was in use while many were answered. Heap and memory outside of it.
 */

import { spawnSync } from 'node:child_process'
import { openBenchClient, type EnvelopeAddress } from './envelope-address.ts'

const concurrency = 100
const answered = 2_000
const flag = '--client'

export interface ClientMemory {
  /** Kept by requests that are under way, garbage aside. */
  readonly outstandingBytes: number
  /** The most that was in use, garbage of the last requests with it. */
  readonly peakBytes: number
}

/** Starts the process and waits for it. */
export function measureMemory(address: EnvelopeAddress): ClientMemory {
  const args = ['--expose-gc', import.meta.filename, flag, JSON.stringify(address)]
  const child = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (child.status !== 0) throw new Error(`The client of the memory run failed: ${child.stderr}`)
  return JSON.parse(child.stdout) as ClientMemory
}

function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function settledBytes(): number {
  globalThis.gc?.()
  globalThis.gc?.()
  return usedBytes()
}

async function runClient(address: EnvelopeAddress): Promise<ClientMemory> {
  const client = await openBenchClient(address, { pool: { max: 1 } })
  const text = "select i as id, repeat('x', 100) as filler from generate_series(1, $1::int4) i"
  await client.query(text, [10])
  const beforeBytes = settledBytes()
  const waiting = Array.from({ length: concurrency }, () =>
    client.query('select pg_sleep(0.01), repeat($1, 100)', ['x']),
  )
  await new Promise((resolve) => setImmediate(resolve))
  const outstandingBytes = settledBytes() - beforeBytes
  await Promise.all(waiting)
  let peakBytes = 0
  for (let done = 0; done < answered; done += concurrency) {
    const answers = Array.from({ length: concurrency }, () => client.query(text, [100]))
    await Promise.all(answers)
    peakBytes = Math.max(peakBytes, usedBytes() - beforeBytes)
    globalThis.gc?.()
  }
  client.close()
  return { outstandingBytes, peakBytes }
}

if (process.argv[2] === flag) {
  process.stdout.write(JSON.stringify(await runClient(JSON.parse(process.argv[3] ?? '') as EnvelopeAddress)))
}
