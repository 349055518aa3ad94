/**
 * Goal: whichever moment a host dies in, every snapshot that is listed afterwards is whole, and an instance has what it
 * had before it went back, or after. Method: a process with a real host takes snapshots, deletes them and goes back
 * while it writes, and is killed with SIGKILL at random moments; then the directory is opened here. More rounds:
 * WARDIAN_SNAPSHOT_DEATHS.
 */

import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../src/base/clock.ts'
import { PgliteEngineFactory } from '../src/main/engine/pglite/pglite-engine-factory.ts'
import { InstanceCopies } from '../src/main/host/instance-copies.ts'
import { InstanceRegistry } from '../src/main/host/instance-registry.ts'
import { InstanceSnapshots } from '../src/main/host/instance-snapshots.ts'
import { SnapshotClient } from '../src/main/snapshots/snapshot-client.ts'
import { openTimeoutMs, testTemplatesDirectory, valueOf } from './support/engine-fixture.ts'
import { expectNoLeaks } from './support/leak-check.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const rounds = Number(process.env['WARDIAN_SNAPSHOT_DEATHS'] ?? '2')
/** A round of what the process does takes a second or two. */
const lifeMsMax = 4_000
const program = fileURLToPath(new URL('./support/snapshot-process.ts', import.meta.url))
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
const holder = { processId: process.pid, program: 'a test', startedAtMs: 0, endpoint: null }

describe('a host that dies', { timeout: openTimeoutMs * Math.max(1, rounds) }, () => {
  expectNoLeaks()
  const path = temporaryDirectory()
  const ends: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
  })

  /** What lies in the directory, with engines of this process. */
  async function open(dataDirectory: string) {
    const clock = systemClock
    const factory = new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory })
    const instances = new InstanceRegistry({ dataDirectory, factory, holder, clock, log: silent })
    const files = new SnapshotClient()
    expect(await instances.load()).toEqual([])
    const copies = new InstanceCopies({ instances, factory, files, clock })
    const snapshots = new InstanceSnapshots({ instances, copies, files, clock, log: silent })
    const end = async (): Promise<void> => {
      await instances.end()
      await files.close()
      await factory.dispose()
      snapshots.dispose()
    }
    return { instances, snapshots, end }
  }

  /** Kills the process at a random moment; answers what it has said until then. */
  async function liveAndDie(dataDirectory: string): Promise<string> {
    const child = spawn(process.execPath, [program, dataDirectory, testTemplatesDirectory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
    await once(child.stdout, 'data')
    const death = systemClock.after(randomInt(lifeMsMax), () => void child.kill('SIGKILL'))
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    death.dispose()
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' })
    return said
  }

  test('leaves whole snapshots, and one state of each instance', async () => {
    const dataDirectory = path('data')
    for (let round = 0; round < rounds; round++) {
      const said = await liveAndDie(dataDirectory)
      const { instances, snapshots, end } = await open(dataDirectory)
      ends.push(end)
      const [instance, ...forks] = instances.list()
      const instanceId = instance?.id ?? ''
      const { snapshots: list, problems } = await snapshots.list(instanceId)
      expect(problems, said).toEqual([])
      for (const { id } of list) expect(await snapshots.verify(instanceId, id), said).toEqual([])
      const engine = await instances.get(instanceId).engine()
      // Each transaction writes one generation into every row.
      expect(await valueOf(engine, 'select count(distinct generation)::text from notes'), said).toBe('1')
      expect(await valueOf(engine, 'select count(*)::text from notes'), said).toBe('2000')
      const generation = Number(await valueOf(engine, 'select max(generation)::text from notes'))
      expect(allowed(said), said).toContain(generation)
      // Those that had been made and not been removed yet.
      for (const { id } of forks) {
        const forked = await instances.get(id).engine()
        const whole = `select count(distinct generation) || ' ' || count(*) from notes`
        expect(await valueOf(forked, whole), said).toBe('1 2000')
        await instances.forget(id)
      }
      for (const { id: snapshotId } of list.slice(0, 1)) {
        const fork = await snapshots.fork(instanceId, { snapshotId, name: `fork ${round}` })
        const forked = await instances.get(fork.id).engine()
        expect(await valueOf(forked, 'select count(distinct generation)::text from notes')).toBe('1')
        await instances.delete(fork.id)
      }
      await end()
      ends.splice(0)
    }
  })
})

/** What the last lines of the process allow: the generation that it had committed, was committing or was going to. */
function allowed(said: string): readonly number[] {
  const lines = said.trim().split('\n')
  const last = lines.findLastIndex((line) => line.startsWith('at '))
  const numbers = lines.slice(last).flatMap((line) => line.match(/\d+/g) ?? [])
  return numbers.map(Number)
}
