/**
 * `npm run bench -- instances [--json] [--check] [--rounds N]`: how fast an instance is there: made from the template,
 * forked with 100 MB in it, and started again after its thread was killed, each with its first query answered; and how
 * much memory an idle one takes. Against PGlite's own create() and clone(), and against copying the files, by turns
 * in one run; medians. Ten idle instances are opened in a process of their own.
 */

import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { present } from '../src/base/assert.ts'
import type { Instance } from '../src/contract/instance.ts'
import { BenchHost } from './bench-host.ts'
import { median } from './median.ts'

const bars = {
  createMs: 500,
  createRatio: 5,
  forkBeyondCopyMs: 400,
  cloneRatio: 3,
  restartMs: 2_000,
  idleMegabytes: 100,
} as const

/** Several times what starting a thread takes. */
const pauseMs = 2_000

/** 8 KB pages of rows that do not compress. */
const fillerSql = `create table filler as
  select g, (select string_agg(md5(random()::text || g || i), '') from generate_series(1, 30) i) as text
  from generate_series(1, 90000) g`

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
  },
})
const rounds = Number(values.rounds)
const home = mkdtempSync(join(tmpdir(), 'wardian-bench-instances-'))
const times = new Map<string, number[]>()
let count = 0

const host = await BenchHost.start(home)
try {
  // The template, compiled code and caches are there once per machine.
  await host.delete(await host.create('warm'))
  await firstStart()
  const large = await host.create('large')
  await host.query(large, fillerSql)
  await host.query(large, 'checkpoint')
  const plain = join(home, 'plain')
  await host.client.call('instance.stop', { instanceId: large.id })
  cpSync(filesOf(large), plain, { recursive: true })
  for (let round = 0; round < rounds; round += 1) await measureOnce(large, plain)
} finally {
  await host.stop()
  rmSync(home, { recursive: true, force: true })
}
report(idleMegabytes())

async function measureOnce(large: Instance, plain: string): Promise<void> {
  // As a person does, for whom the thread of the next engine has been made meanwhile; and as a program does.
  await setTimeout(pauseMs)
  const made = await timed('create', () => host.create(`made-${count++}`))
  const next = await timed('create, at once after another', () => host.create(`made-${count++}`))
  await host.delete(made)
  await host.delete(next)
  await createFirst(0)
  await createFirst(pauseMs)
  const dataDir = join(home, `pglite-${count++}`)
  const create = await worker('pglite-create-worker', dataDir, ['created'])
  note('PGlite.create()', present(create[0], 'a time'))
  rmSync(dataDir, { recursive: true, force: true })

  const copy = join(home, `copy-${count++}`)
  await timed('copy', () => Promise.resolve(cpSync(filesOf(large), copy, { recursive: true })))
  rmSync(copy, { recursive: true, force: true })
  const forked = await timed('fork', async () => {
    const fork = await host.fork(large, `fork-${count++}`)
    await host.query(fork, 'select count(*) from filler')
    return fork
  })
  await host.delete(forked)
  const [opened = 0, cloned = 0] = await worker('pglite-clone-worker', plain, ['opened', 'cloned'])
  note('PGlite clone()', cloned - opened)

  const killed = await host.create(`killed-${count++}`)
  await host.query(killed, 'create table kept as select 1 as n')
  await timed('restart', async () => {
    await host.killEngines()
    const rows = await host.query(killed, 'table kept')
    if (rows[0]?.[0] !== '1') throw new Error('What was committed is gone')
  })
  await host.delete(killed)
}

/** A host's very first start also makes the playground and fills it, which no later one does. */
async function firstStart(): Promise<void> {
  const fresh = await BenchHost.start(join(home, 'again'))
  const [playground] = await fresh.client.call('instance.list', null)
  await fresh.query(present(playground, 'the playground'), 'select 1')
  await fresh.stop()
}

/** In a host that has opened nothing since it started: at once, as a program does, or as a person does who looks. */
async function createFirst(afterMs: number): Promise<void> {
  const fresh = await BenchHost.start(join(home, 'again'))
  try {
    await setTimeout(afterMs)
    const what = afterMs > 0 ? 'create, first of a host' : 'create, at once with its host'
    await fresh.delete(await timed(what, () => fresh.create(`first-${count++}`)))
  } finally {
    await fresh.stop()
  }
}

function filesOf({ directory }: Instance): string {
  return join(present(directory, 'its directory'), 'data')
}

function note(what: string, milliseconds: number): void {
  times.set(what, [...(times.get(what) ?? []), milliseconds])
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startedMs = performance.now()
  const result = await work()
  note(what, performance.now() - startedMs)
  return result
}

/** When each of the messages came, in milliseconds since the thread was started. */
function worker(name: string, dataDir: string, messages: readonly string[]): Promise<number[]> {
  const startedMs = performance.now()
  const thread = new Worker(new URL(`./${name}.ts`, import.meta.url), { workerData: { dataDir } })
  const seen: number[] = []
  return new Promise((resolve, reject) => {
    thread.on('message', (message) => {
      if (message !== messages[seen.length]) return
      seen.push(performance.now() - startedMs)
      if (seen.length === messages.length) void thread.terminate().then(() => resolve(seen))
    })
    thread.once('error', reject)
  })
}

function idleMegabytes(): number {
  const program = join(import.meta.dirname, 'idle-instances.ts')
  const said = execFileSync(process.execPath, ['--expose-gc', program], { encoding: 'utf8' })
  const { eachBytes } = JSON.parse(said) as { eachBytes: number }
  return eachBytes / 2 ** 20
}

function report(idle: number): void {
  const of = (what: string): number => median(times.get(what) ?? [])
  const results: [name: string, value: number, bar: number, isMet: boolean][] = [
    ['create, ms', ...atMost(of('create'), bars.createMs)],
    ['create, at once after another, ms', ...atMost(of('create, at once after another'), bars.createMs)],
    ['create, first of a host, ms', ...atMost(of('create, first of a host'), bars.createMs)],
    ['create, at once with its host, ms', ...atMost(of('create, at once with its host'), bars.createMs)],
    ...atLeast('create against PGlite.create(), x', of('PGlite.create()') / of('create'), bars.createRatio),
    ['fork beyond copying, ms', ...atMost(of('fork') - of('copy'), bars.forkBeyondCopyMs)],
    ...atLeast('fork against PGlite clone(), x', of('PGlite clone()') / of('fork'), bars.cloneRatio),
    ['restart after a kill, ms', ...atMost(of('restart'), bars.restartMs)],
    ['memory of an idle instance, MB', ...atMost(idle, bars.idleMegabytes)],
  ]
  const missed = results.filter(([, , , isMet]) => !isMet)
  if (values.json) {
    const medianMs = Object.fromEntries([...times.keys()].map((what) => [what, of(what)]))
    const measured = results.map(([name, value, bar, isMet]) => ({ name, value, bar, isMet }))
    console.log(JSON.stringify({ bench: 'instances', rounds, medianMs, measured }))
  } else {
    for (const what of times.keys()) console.log(`${what.padEnd(36)}${of(what).toFixed(0).padStart(8)} ms`)
    for (const [name, value, bar, isMet] of results) {
      console.log(
        `${name.padEnd(36)}${value.toFixed(1).padStart(8)}   bar ${bar}  ${isMet ? 'ok' : 'missed'}`,
      )
    }
  }
  if (values.check && missed.length > 0) process.exitCode = 1
}

function atMost(value: number, bar: number): [value: number, bar: number, isMet: boolean] {
  return [value, bar, value <= bar]
}

function atLeast(name: string, value: number, bar: number): [[string, number, number, boolean]] {
  return [[name, value, bar, value >= bar]]
}
