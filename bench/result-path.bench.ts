/**
 * A million rows of (int, text, float8) from the engine's worker to the grid's thread, beside two baselines in
 * the same process: bytes discarded as they arrive, and PGlite's own `db.query`. Rounds are interleaved, each run is
 * compared with the floor of its own round, since the machine's speed changes between rounds, and only medians of
 * ratios are judged. `--json` prints one document; `--check` exits 1 when a bar is missed.
 */

import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { present } from '../src/base/assert.ts'
import { resultBytesMax } from '../src/contract/limits.ts'
import type { Engine, EngineStatement } from '../src/main/engine/engine.ts'
import { PgliteEngineFactory } from '../src/main/engine/pglite/pglite-engine-factory.ts'
import { median } from './median.ts'
import { measureExtraPeak } from './peak-memory.ts'
import { measureServed, type ServedResult } from './served-result.ts'

const rows = 1_000_000
const setupSql =
  `create table t3 as select i::int4 as id, 'row number ' || lpad(i::text, 6, '0') as name, ` +
  `i * 1.5::float8 as amount from generate_series(1, ${rows}) i`
const sql = 'select * from t3'
const baseline = { setupSql, sql, formats: [1, 0, 1] }

const bars = {
  ofFloorMax: 1.1,
  fasterThanQueryMin: 20,
  peakOfPayloadMax: 1.5,
  firstBatchMsMax: 5,
  blockedMsMax: 50,
}

interface ProductRun {
  readonly totalMs: number
  readonly firstBatchMs: number
  readonly payloadBytes: number
  readonly blockedMs: number
}

interface Product {
  readonly engine: Engine
  close(): Promise<void>
}

/** Keeps every batch, as the grid does, and lets them go at the end. */
async function runProduct(engine: Engine, text: string): Promise<ProductRun> {
  const statement: EngineStatement = {
    sql: new TextEncoder().encode(text),
    parameters: [],
    resultBytesMax,
  }
  const kept: ArrayBuffer[] = []
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const started = performance.now()
  let firstBatchMs = 0
  let received = 0
  for await (const event of engine.execute(statement)) {
    if (event.kind === 'batch') {
      if (received === 0) firstBatchMs = performance.now() - started
      received += event.rowCount
      kept.push(event.buffer)
    }
    if (event.kind === 'completed' && event.outcome.status !== 'ok') throw new Error('The statement failed')
  }
  const totalMs = performance.now() - started
  delay.disable()
  if (received !== rows && text === sql) throw new Error(`Expected ${rows} rows, got ${received}`)
  const payloadBytes = kept.reduce((sum, buffer) => sum + buffer.byteLength, 0)
  return { totalMs, firstBatchMs, payloadBytes, blockedMs: delay.max / 1e6 }
}

async function openProduct(templatesDirectory: string, directory: string | null = null): Promise<Product> {
  const factory = new PgliteEngineFactory({ templatesDirectory: join(templatesDirectory, 'templates') })
  const engine = await factory.open({ directory, durability: 'relaxed' })
  return { engine, close: () => factory.dispose() }
}

class BaselineWorker {
  readonly #worker = new Worker(new URL('./pglite-baseline-worker.ts', import.meta.url), {
    workerData: baseline,
  })
  readonly ready = this.#answer()

  async run(mode: 'floor' | 'query'): Promise<number> {
    const answer = this.#answer()
    const started = performance.now()
    this.#worker.postMessage(mode)
    await answer
    return performance.now() - started
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  #answer(): Promise<unknown> {
    // Rejects when the worker fails instead.
    return once(this.#worker, 'message')
  }
}

/**
 * Runs in a process of its own, on a database that another one has filled: memory freed by setting up would
 * hide what the result needs. The table is read once without output, so that the buffers of Postgres are warm.
 */
async function memoryMode(directory: string): Promise<void> {
  const product = await openProduct(directory, join(directory, 'filled'))
  await runProduct(product.engine, 'select count(*), max(name), sum(amount) from t3')
  await runProduct(product.engine, 'select * from t3 limit 1000')
  const { result, extraPeakBytes } = await measureExtraPeak(() => runProduct(product.engine, sql))
  process.stdout.write(JSON.stringify({ extraPeakBytes, payloadBytes: result.payloadBytes }))
  await product.close()
}

async function measureMemory(directory: string, rounds: number) {
  const filling = await openProduct(directory, join(directory, 'filled'))
  await runProduct(filling.engine, setupSql)
  await filling.close()
  const results = Array.from({ length: rounds }, () => {
    const child = spawnSync(process.execPath, ['--expose-gc', import.meta.filename, '--memory', directory], {
      encoding: 'utf8',
    })
    if (child.status !== 0) throw new Error(`The memory run failed: ${child.stderr}`)
    return JSON.parse(child.stdout) as { extraPeakBytes: number; payloadBytes: number }
  })
  return {
    extraPeakBytes: median(results.map((result) => result.extraPeakBytes)),
    payloadBytes: median(results.map((result) => result.payloadBytes)),
  }
}

async function measureTimes(directory: string, rounds: number) {
  const baselines = new BaselineWorker()
  await baselines.ready
  const product = await openProduct(directory)
  await runProduct(product.engine, setupSql)
  const floorMs: number[] = []
  const queryMs: number[] = []
  const runs: ProductRun[] = []
  for (let warmUp = 0; warmUp < 2; warmUp++) {
    await baselines.run('floor')
    await runProduct(product.engine, sql)
  }
  for (let round = 0; round < rounds; round++) {
    floorMs.push(await baselines.run('floor'))
    globalThis.gc?.()
    runs.push(await runProduct(product.engine, sql))
    globalThis.gc?.()
    // Objects are so far from the floor that a third of the rounds is enough to place them.
    if (round % 3 === 0) queryMs.push(await baselines.run('query'))
    globalThis.gc?.()
  }
  await product.close()
  await baselines.close()
  return { floorMs, queryMs, runs }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '15' },
      memory: { type: 'string' },
    },
  })
  if (values.memory !== undefined) return memoryMode(values.memory)
  const directory = mkdtempSync(join(tmpdir(), 'wardian-bench-'))
  try {
    const memory = await measureMemory(directory, 3)
    const rounds = Number(values.rounds)
    const { floorMs, queryMs, runs } = await measureTimes(directory, rounds)
    const served = await measureServed({ dataDirectory: join(directory, 'served'), setupSql, sql, rounds })
    const productMs = median(runs.map((run) => run.totalMs))
    const report = {
      rows,
      payloadBytes: memory.payloadBytes,
      floorMs: median(floorMs),
      queryMs: median(queryMs),
      productMs,
      ofFloor: median(runs.map((run, round) => run.totalMs / present(floorMs[round], 'A floor'))),
      fasterThanQuery: median(queryMs) / productMs,
      firstBatchMs: median(runs.map((run) => run.firstBatchMs)),
      firstBatchMsMax: Math.max(...runs.map((run) => run.firstBatchMs)),
      blockedMsMax: Math.max(...runs.map((run) => run.blockedMs)),
      served,
      extraPeakBytes: memory.extraPeakBytes,
      peakOfPayload: memory.extraPeakBytes / memory.payloadBytes,
      rounds: { floorMs, queryMs, productMs: runs.map((run) => run.totalMs) },
    }
    process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : table(report))
    const missed =
      report.ofFloor > bars.ofFloorMax ||
      report.fasterThanQuery < bars.fasterThanQueryMin ||
      report.peakOfPayload > bars.peakOfPayloadMax ||
      report.firstBatchMs > bars.firstBatchMsMax ||
      report.blockedMsMax > bars.blockedMsMax ||
      served.hostBlockedMsMax > bars.blockedMsMax
    if (values.check && missed) process.exitCode = 1
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function table(report: {
  readonly floorMs: number
  readonly queryMs: number
  readonly productMs: number
  readonly ofFloor: number
  readonly fasterThanQuery: number
  readonly firstBatchMs: number
  readonly blockedMsMax: number
  readonly peakOfPayload: number
  readonly payloadBytes: number
  readonly served: ServedResult
}): string {
  const lines: [string, string, string][] = [
    ['what', 'measured', 'bar'],
    ['bytes discarded (floor)', `${report.floorMs.toFixed(0)} ms`, ''],
    ['db.query', `${report.queryMs.toFixed(0)} ms`, ''],
    ['worker to the grid’s thread', `${report.productMs.toFixed(0)} ms`, ''],
    ['  of the floor', `${report.ofFloor.toFixed(2)} ×`, `<= ${bars.ofFloorMax.toFixed(2)} ×`],
    ['  faster than db.query', `${report.fasterThanQuery.toFixed(1)} ×`, `>= ${bars.fasterThanQueryMin} ×`],
    ['first batch, warm', `${report.firstBatchMs.toFixed(1)} ms`, `<= ${bars.firstBatchMsMax} ms`],
    ['event loop blocked at most', `${report.blockedMsMax.toFixed(1)} ms`, `<= ${bars.blockedMsMax} ms`],
    ['served, over WebSocket', `${report.served.totalMs.toFixed(0)} ms`, ''],
    ['  first batch', `${report.served.firstBatchMs.toFixed(1)} ms`, ''],
    ['  host blocked at most', `${report.served.hostBlockedMsMax} ms`, `<= ${bars.blockedMsMax} ms`],
    ['payload', `${(report.payloadBytes / 1e6).toFixed(1)} MB`, ''],
    ['extra peak memory', `${report.peakOfPayload.toFixed(2)} × payload`, `<= ${bars.peakOfPayloadMax} ×`],
  ]
  return lines.map(([what, measured, bar]) => `${what.padEnd(30)}${measured.padEnd(18)}${bar}\n`).join('')
}

await main()
