/** The client of bench/introspect.bench.ts, in a thread of its own: asks once, and says what came and when. */

import { parentPort, workerData } from 'node:worker_threads'
import type { Encoding } from '../src/protocol/protocol-limits.ts'
import { openBenchClient, type EnvelopeAddress } from './envelope-address.ts'

export interface IntrospectJob {
  readonly address: EnvelopeAddress
  readonly encoding: Encoding
}

export interface IntrospectAnswer {
  /** How many relations there are, or what was answered instead. */
  readonly outcome: string
  readonly tookMs: number
}

const { address, encoding } = workerData as IntrospectJob
const client = await openBenchClient(address, { encoding })
const startedMs = performance.now()
const outcome = await client.introspect().then(
  (schemas) => `${schemas.reduce((sum, { relations }) => sum + relations.length, 0)} relations`,
  (error: unknown) => String(error),
)
parentPort?.postMessage({ outcome, tookMs: performance.now() - startedMs } satisfies IntrospectAnswer)
client.close()
