/**
 * A million rows of (int, text, float8) to a program over a WebSocket: as column batches, as JSON, and the way of the
 * window's grid, over a WebSocket of the same host and, without any, from an engine's thread to this one. All keep
 * what they get until it is all there.
 */

import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { present } from '../src/base/assert.ts'
import type { WardianClient } from '../src/client/wardian-client.ts'
import { resultBytesMax } from '../src/contract/limits.ts'
import type { WorkbenchClient } from '../src/main/cli/host-connection.ts'
import { PgliteEngineFactory } from '../src/main/engine/pglite/pglite-engine-factory.ts'
import { openBenchClient, type EnvelopeAddress } from './envelope-address.ts'
import { median } from './median.ts'
import { runOnce } from './served-result.ts'

const rowCount = 1_000_000
const setup =
  `create table t3 as select i::int4 as id, 'row number ' || lpad(i::text, 6, '0') as name, ` +
  `i * 1.5::float8 as amount from generate_series(1, ${rowCount}) i`
const text = 'select * from t3'

/** As a program does that looks at the columns: typed arrays, and texts if `hasTexts`. */
async function receive(client: WardianClient, hasTexts: boolean): Promise<void> {
  const kept: unknown[] = []
  let received = 0
  for await (const batch of client.stream(text, [], { credit: 16 })) {
    received += batch.length
    kept.push(hasTexts ? batch.columns() : batch)
  }
  if (received !== rowCount) throw new Error(`Expected ${rowCount} rows, got ${received}`)
}

async function openEngine() {
  const directory = join(tmpdir(), `wardian-bench-templates-${process.pid}`)
  const factory = new PgliteEngineFactory({ templatesDirectory: directory })
  const engine = await factory.open({ directory: null, durability: 'relaxed' })
  const run = async (sql: string): Promise<void> => {
    const kept: ArrayBuffer[] = []
    const statement = { sql: new TextEncoder().encode(sql), parameters: [], resultBytesMax }
    for await (const event of engine.execute(statement)) if (event.kind === 'batch') kept.push(event.buffer)
  }
  await run(setup)
  const close = async (): Promise<void> => {
    await factory.dispose()
    rmSync(directory, { recursive: true, force: true })
  }
  return { run: () => run(text), close }
}

export async function measureRows(
  address: EnvelopeAddress & { readonly instanceId: string },
  workbench: WorkbenchClient,
  rounds: number,
) {
  const msgpack = await openBenchClient(address)
  const json = await openBenchClient(address, { encoding: 'json' })
  await json.query(setup)
  const engine = await openEngine()
  const { sessionId } = await workbench.call('session.open', {
    instanceId: address.instanceId,
    title: 'bench',
  })
  const ways: Record<string, () => Promise<unknown>> = {
    columnBatches: () => receive(msgpack, false),
    columnsWithTexts: () => receive(msgpack, true),
    json: () => receive(json, false),
    gridOverWebSocket: () => runOnce(workbench, { sessionId, sql: text }),
    workerToGrid: () => engine.run(),
  }
  for (const way of Object.values(ways)) await way()
  const all = Object.fromEntries(Object.keys(ways).map((name) => [name, [] as number[]]))
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, way] of Object.entries(ways)) {
      globalThis.gc?.()
      const started = performance.now()
      await way()
      all[name]?.push(performance.now() - started)
    }
  }
  msgpack.close()
  json.close()
  await engine.close()
  const ratio = (name: string, to: string): number =>
    median((all[name] ?? []).map((ms, round) => ms / present(all[to]?.[round], 'a round')))
  return {
    milliseconds: Object.fromEntries(Object.entries(all).map(([name, ms]) => [name, median(ms)])),
    fasterThanJson: 1 / ratio('columnBatches', 'json'),
    ofGridPath: ratio('columnBatches', 'workerToGrid'),
    ofGridOverWebSocket: ratio('columnBatches', 'gridOverWebSocket'),
  }
}
