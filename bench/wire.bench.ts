/**
 * `npm run bench -- wire [--json] [--check] [--rounds N] [--seconds N] [--only TEXT] [--load-mb N] [--unix]`: pgbench
 * against this endpoint, native PostgreSQL 18 and pglite-socket, turn by turn in short rounds, with PGlite in process
 * as the ceiling, and a server without a database as the floor; then large results and loads, connecting, cancelling,
 * and the console beside an idle endpoint. With `--unix` it is pgbench alone, over Unix-domain sockets. Tells medians,
 * and what they are to the bars. Needs pgbench.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { ServerAddress } from '../test/support/wire/server-address.ts'
import { median } from './median.ts'
import { judge, medianOrNull, type Rates, type Verdict } from './wire-bars.ts'
import { measureConnecting } from './wire-connecting.ts'
import { measureConsole } from './wire-console.ts'
import { Ceiling } from './wire-in-process.ts'
import { clientCounts, fillTables, modes, runLoad, scripts, type Load } from './wire-load.ts'
import { measureCancels, measureCopyIn, measureOut, outKinds } from './wire-large.ts'
import {
  startCanned,
  startDurableWardian,
  startNative,
  startPgliteSocket,
  startWardian,
  type BenchServer,
} from './wire-servers.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    'load-mb': { type: 'string', default: '100' },
    unix: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)
if (!Number.isInteger(seconds) || seconds < 1)
  throw new Error('--seconds takes a whole number, as pgbench -T does')

const warmUpSeconds = 10
/** Of what has no length in seconds. */
const warmUpRounds = 2
/**
 * What runs once for each connection has run often enough to be compiled for good (3,000 times, and anew where that was
 * too early: V8's `--invocation-count-for-turbofan`) after some ten thousand connections.
 */
const connectingWarmUpSeconds = 30
/** For a load of any size. */
const copyGrowthMaxMB = 200

/** How much slower the console may seem: medians of noisy times differ by themselves. */
const consoleTimesMax = 1.05

const names = ['wardian', 'pglite-socket', 'native', 'wardian durable', 'socket alone'] as const
type Name = (typeof names)[number]

interface Cell {
  readonly what: string
  readonly unit: string
  /** Medians; null where a round failed. */
  readonly results: Partial<Record<Column, number | null>>
  readonly verdicts: readonly Verdict[]
}

type Column = Name | 'one client' | 'in process' | 'one after the other' | 'no endpoint' | 'wardian at first'

/** In each round. */
type Rounds = Partial<Record<Column, Rates>>

const home = mkdtempSync(join(tmpdir(), 'wardian-bench-wire-'))
const servers = new Map<Name, BenchServer>()
const cells: Cell[] = []

try {
  servers.set('native', await startNative(socketOf('native')))
  servers.set('wardian', await startWardian(join(home, 'memory'), socketOf('memory')))
  servers.set('wardian durable', await startDurableWardian(join(home, 'durable'), socketOf('durable')))
  servers.set('pglite-socket', await startPgliteSocket(socketOf('pglite')))
  for (const { address } of servers.values()) await fillTables(address)
  servers.set('socket alone', await startCanned(socketOf('canned')))
  const ceiling = await Ceiling.start()
  try {
    await measureAll(ceiling)
  } finally {
    await ceiling.stop()
  }
  if (cells.length === 0) throw new Error(`Nothing that is measured has ${values.only} in its name`)
  if (values.json) process.stdout.write(`${JSON.stringify({ rounds, seconds, cells })}\n`)
  if (values.check && cells.some(isMissed)) process.exitCode = 1
} finally {
  for (const server of servers.values()) await server.stop()
  rmSync(home, { recursive: true, force: true })
}

async function measureAll(ceiling: Ceiling): Promise<void> {
  const warmed = loads().filter(
    (load) => load.clients === 1 && nameOf(load).includes(values.only.replace(/ \d+$/, '')),
  )
  for (const load of warmed) await warmUp(load, ceiling)
  for (const load of loads()) if (isWanted(nameOf(load))) add(await measureLoad(load, ceiling))
  if (values.unix) return
  const large = isWanted('1M') ? await largeCells(ceiling) : []
  for (const cell of large) add(cell)
  if (isWanted('connect')) add(await connectingCell())
  if (isWanted('cancel')) add(await cancelCell())
  if (isWanted('console')) add(await consoleCell())
}

function socketOf(name: string): string | null {
  return values.unix ? join(home, `${name}.d`) : null
}

/** What is run for the first time is compiled for the first time. */
async function warmUp(load: Load, ceiling: Ceiling): Promise<void> {
  for (const name of namesFor(load)) await runOn(name, { ...load, seconds: warmUpSeconds })
  await ceiling.rate(load.script, load.mode, warmUpSeconds)
}

function loads(): Load[] {
  return scripts.flatMap((script) =>
    modes.flatMap((mode) => clientCounts.map((clients) => ({ script, mode, clients, seconds }))),
  )
}

function nameOf({ script, mode, clients }: Load): string {
  return `${script} ${mode} ${clients}`
}

function isWanted(name: string): boolean {
  return name.includes(values.only)
}

async function measureLoad(load: Load, ceiling: Ceiling): Promise<Cell> {
  const isSelect = load.script === 'select-only'
  const wanted = namesFor(load)
  const all: Rounds = {}
  const note = (name: Column, rate: number | null): void => {
    all[name] = [...(all[name] ?? []), rate]
  }
  // Several clients are another path than one, which all have been warmed with.
  if (load.clients > 1) for (const name of wanted) await runOn(name, load)
  for (let round = 0; round < rounds; round += 1) {
    for (const name of wanted) note(name, await runOn(name, load))
    // In the same minute: a machine's speed is not the same in the next.
    if (isSelect && load.clients > 1) note('one client', await runOn('wardian', { ...load, clients: 1 }))
    note('in process', await ceiling.rate(load.script, load.mode, seconds))
  }
  const medians = mediansOf(all)
  const series = isSelect && load.clients === 1 ? { 'one after the other': inSeries(medians) } : {}
  const verdicts = isSelect ? selectBars(load, all) : bars(all, { 'pglite-socket': 1.3 })
  return { what: nameOf(load), unit: 'transactions/s', results: { ...medians, ...series }, verdicts }
}

/** Reads are as fast in either; nothing can be written to a server without tables. */
function namesFor({ script }: Load): readonly Name[] {
  const left = script === 'select-only' ? 'wardian durable' : 'socket alone'
  return names.filter((name) => name !== left)
}

/**
 * A second's transactions of a server that takes no time itself: one client waits for the socket and then for PGlite,
 * and nothing of the two can be done at once.
 */
function inSeries(results: Cell['results']): number | null {
  const [socket, inProcess] = [results['socket alone'], results['in process']]
  return socket && inProcess ? 1 / (1 / socket + 1 / inProcess) : null
}

/** pglite-socket may not survive a load; the next one is not to suffer for it. */
async function runOn(name: Name, load: Load): Promise<number | null> {
  const rate = await runLoad(serverOf(name).address, load)
  if (rate === null && name === 'pglite-socket') {
    await serverOf(name).stop()
    servers.set(name, await startPgliteSocket(socketOf('pglite')))
    await fillTables(serverOf(name).address)
  }
  return rate
}

function selectBars({ mode, clients }: Load, all: Rounds): Verdict[] {
  const [timesSocket, share] = clients === 16 ? [3.5, 0.7] : [3, 0.6]
  const isNamed = mode === 'prepared' && clients !== 4
  return bars(all, {
    'pglite-socket': isNamed ? timesSocket : 1,
    ...(isNamed ? { 'in process': share } : {}),
    ...(clients > 1 ? { 'one client': 1 } : {}),
  })
}

/** `factors`: how many times the rate of others is enough. */
function bars(all: Rounds, factors: Partial<Record<Column, number>>): Verdict[] {
  const entries = Object.entries(factors) as [Column, number][]
  return entries.map(([other, factor]) => judge(all.wardian ?? [], all[other] ?? [], { other, factor }))
}

async function largeCells(ceiling: Ceiling): Promise<Cell[]> {
  const large: Cell[] = []
  const three = ['wardian', 'pglite-socket', 'native'] as const
  for (const kind of outKinds) {
    const firstMs: number[] = []
    const all = await byTurns(three, async (name, isWarm) => {
      const run = await measureOut(serverOf(name).address, kind)
      if (name === 'wardian' && isWarm) firstMs.push(run.firstRowMs)
      return run.rate
    })
    const first = { text: `first row after ${median(firstMs).toFixed(1)} ms`, isMissed: median(firstMs) > 5 }
    const verdicts = [...bars(all, { 'pglite-socket': 1.1 }), ...(kind === 'SELECT' ? [first] : [])]
    large.push({ what: `${kind} of 1M rows`, unit: 'MB/s', results: mediansOf(all), verdicts })
  }
  const ours = await measureCopyIn(serverOf('wardian'))
  const all = { wardian: [ours.rate], 'in process': [await ceiling.copyIn()] }
  const verdicts = bars(all, { 'in process': 0.9 })
  const copyIn = { what: 'COPY in of 1M rows', unit: 'MB/s', results: mediansOf(all), verdicts }
  return [...large, copyIn, await copyMemoryCell(Number(values['load-mb']))]
}

/** On disk, since the rows of an instance in memory are memory. */
async function copyMemoryCell(loadMB: number): Promise<Cell> {
  const server = serverOf('wardian durable')
  // Once before, so that what any COPY needs is there.
  await measureCopyIn(server)
  const { grownMB } = await measureCopyIn(server, loadMB)
  const isMissed = grownMB !== null && grownMB > copyGrowthMaxMB
  const verdicts = [{ text: `${isMissed ? 'not ' : ''}${copyGrowthMaxMB} MB at most`, isMissed }]
  return {
    ...{ what: `COPY in of ${loadMB} MB`, unit: 'MB more', results: { 'wardian durable': grownMB } },
    verdicts,
  }
}

/** What `measure` answers for each server in each round: some unheeded, since what runs first is slow. */
async function byTurns(
  servers: readonly Name[],
  measure: (name: Name, isWarm: boolean) => Promise<number>,
): Promise<Rounds> {
  const all = new Map<Name, number[]>(servers.map((name) => [name, []]))
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    for (const [name, measured] of all) {
      const one = await measure(name, round >= 0)
      if (round >= 0) measured.push(one)
    }
  }
  return Object.fromEntries(all)
}

async function connectingCell(): Promise<Cell> {
  const three = ['wardian', 'native', 'socket alone'] as const
  const atFirst = await measureConnecting(loginOf('wardian'), seconds)
  for (const name of three) await measureConnecting(loginOf(name), connectingWarmUpSeconds)
  const warm = await byTurns(three, (name) => measureConnecting(loginOf(name), seconds))
  const results = { ...mediansOf(warm), 'wardian at first': atFirst }
  const verdicts = bars(warm, { native: 3 })
  return { what: 'connect, SCRAM, select 1', unit: 'connections/s', results, verdicts }
}

/** The server without a database asks everybody else for a password, as the others do. */
function loginOf(name: Name): ServerAddress {
  const { address } = serverOf(name)
  return name === 'socket alone' ? { ...address, user: 'postgres' } : address
}

async function cancelCell(): Promise<Cell> {
  const times = await measureCancels(serverOf('wardian').address, 100)
  const late = times.filter((milliseconds) => milliseconds > 50).length
  const verdicts = [{ text: `${late} of ${times.length} later than 50 ms`, isMissed: late > 0 }]
  return { what: 'cancel, slowest of 100', unit: 'ms', results: { wardian: Math.max(...times) }, verdicts }
}

async function consoleCell(): Promise<Cell> {
  const { aloneMs, besideMs } = await measureConsole(join(home, 'console'), Math.max(rounds, 5))
  const times = besideMs / aloneMs
  const verdicts = [{ text: `${times.toFixed(2)} × no endpoint`, isMissed: times > consoleTimesMax }]
  const results = { wardian: besideMs, 'no endpoint': aloneMs }
  return { what: 'console, idle endpoint', unit: 'ms', results, verdicts }
}

function mediansOf(all: Rounds): Cell['results'] {
  return Object.fromEntries(Object.entries(all).map(([name, rates]) => [name, medianOrNull(rates)]))
}

function isMissed({ verdicts }: Cell): boolean {
  return verdicts.some((verdict) => verdict.isMissed)
}

function add(cell: Cell): void {
  cells.push(cell)
  if (values.json) return
  const results = Object.entries(cell.results).map(([name, value]) => `${name} ${format(value)}`)
  const verdicts = cell.verdicts.map(({ text }) => text).join('; ')
  const verdict = `${isMissed(cell) ? 'MISSED' : 'ok'}${verdicts && ': '}${verdicts}`
  process.stdout.write(
    `${cell.what.padEnd(26)} ${cell.unit.padEnd(14)} ${results.join(' · ')} · ${verdict}\n`,
  )
}

function format(value: number | null | undefined): string {
  return value === null || value === undefined
    ? 'failed'
    : value < 10
      ? value.toFixed(2)
      : value < 100
        ? value.toFixed(1)
        : value.toFixed(0)
}

function serverOf(name: Name): BenchServer {
  const server = servers.get(name)
  if (!server) throw new Error(`${name} does not run`)
  return server
}
