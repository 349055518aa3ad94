/**
 * Writes generations into an instance, takes snapshots of it, deletes them and goes back to them, forks it and deletes
 * that, until it is killed.
 * Tells on stdout what it has done (`at N`) and what it is about to do (`to N`), each before the next.
 */

import { writeSync } from 'node:fs'
import { systemClock } from '../../src/base/clock.ts'
import { PgliteEngineFactory } from '../../src/main/engine/pglite/pglite-engine-factory.ts'
import { InstanceCopies } from '../../src/main/host/instance-copies.ts'
import { InstanceRegistry } from '../../src/main/host/instance-registry.ts'
import { InstanceSnapshots } from '../../src/main/host/instance-snapshots.ts'
import { SnapshotClient } from '../../src/main/snapshots/snapshot-client.ts'

const [dataDirectory = '', templatesDirectory = ''] = process.argv.slice(2)
const say = (line: string): void => void writeSync(1, `${line}\n`)
const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const holder = { processId: process.pid, program: 'a test', startedAtMs: 0, endpoint: null }
const clock = systemClock
const factory = new PgliteEngineFactory({ templatesDirectory })
const instances = new InstanceRegistry({ dataDirectory, factory, holder, clock, log })
const files = new SnapshotClient()
await instances.load()
const copies = new InstanceCopies({ instances, factory, files, clock })
const snapshots = new InstanceSnapshots({ instances, copies, files, clock, log })
const [known] = instances.list()
const instance = known
  ? instances.get(known.id)
  : await instances.add({ name: 'notes', storage: 'directory', withSample: false })

async function run(sql: string): Promise<void> {
  const engine = await instance.engine()
  const taker = { title: 'a writer' }
  const ticket = instance.turns.request(taker)
  while (!ticket.isGranted) await ticket.changed()
  try {
    const statement = { sql: new TextEncoder().encode(sql), parameters: [], resultBytesMax: 1 << 20 }
    for await (const event of engine.execute(statement)) {
      if (event.kind === 'completed' && event.outcome.status !== 'ok')
        throw new Error(JSON.stringify(event.outcome))
    }
  } finally {
    instance.turns.release(taker, { inTransaction: false })
  }
}

/** Generations are never used twice, so that each state can be told. */
let generation = Math.floor(clock.nowMs() / 10)
if (!known) {
  await run('create table notes (id int primary key, generation bigint, filling text)')
  await run(`insert into notes select n, ${generation}, repeat('x', 200) from generate_series(1, 2000) n`)
} else await run(`update notes set generation = ${generation}`)
say(`at ${generation}`)

const kept = new Map<string, number>()
for (;;) {
  generation += 1
  say(`to ${generation}`)
  await run(`update notes set generation = ${generation}`)
  say(`at ${generation}`)
  const { id } = await snapshots.take(instance.id, { reason: { kind: 'request' } })
  kept.set(id, generation)
  const [oldest = ''] = kept.keys()
  if (kept.size > 3) {
    kept.delete(oldest)
    await snapshots.remove(instance.id, oldest)
  }
  if (generation % 3 === 1) {
    const fork = await copies.forkStarted(instance.id, `fork ${generation}`)
    await instances.forget(fork.id)
  }
  const target = [...kept].at(-2)
  if (target && generation % 3 === 0) {
    say(`to ${target[1]}`)
    await snapshots.rewind(instance.id, target[0])
    say(`at ${target[1]}`)
  }
}
