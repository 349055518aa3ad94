/**
 * `npm run bench -- wire [--json] [--check] [--rounds N] [--seconds N] [--only TEXT] [--load-mb N]`: pgbench against
 * this endpoint, native PostgreSQL 18 and pglite-socket, turn by turn in short rounds, with PGlite in process as the
 * ceiling, and a server without a database as the floor; then large results and loads, connecting, cancelling, and
 * the console beside an idle endpoint. Tells medians and which bars they reach. Needs pgbench.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { ServerAddress } from '../test/support/wire/server-address.ts'
import { median } from './median.ts'
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
  readonly results: Partial<
    Record<
      Name | 'one client' | 'in process' | 'one after the other' | 'no endpoint' | 'wardian at first',
      number | null
    >
  >
  /** What is wrong, or nothing. */
  readonly missed: readonly string[]
}

const home = mkdtempSync(join(tmpdir(), 'wardian-bench-wire-'))
const servers = new Map<Name, BenchServer>()
const cells: Cell[] = []

try {
  servers.set('native', await startNative())
  servers.set('wardian', await startWardian(join(home, 'memory')))
  servers.set('wardian durable', await startDurableWardian(join(home, 'durable')))
  servers.set('pglite-socket', await startPgliteSocket())
  for (const { address } of servers.values()) await fillTables(address)
  servers.set('socket alone', await startCanned())
  const ceiling = await Ceiling.start()
  try {
    await measureAll(ceiling)
  } finally {
    await ceiling.stop()
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ rounds, seconds, cells })}\n`)
  if (values.check && cells.some(({ missed }) => missed.length > 0)) process.exitCode = 1
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
  const large = isWanted('1M') ? await largeCells(ceiling) : []
  for (const cell of large) add(cell)
  if (isWanted('connect')) add(await connectingCell())
  if (isWanted('cancel')) add(await cancelCell())
  if (isWanted('console')) add(await consoleCell())
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
  const rates = new Map<string, (number | null)[]>()
  const note = (name: string, rate: number | null): void => {
    rates.set(name, [...(rates.get(name) ?? []), rate])
  }
  // Several clients are another path than one, which all have been warmed with.
  if (load.clients > 1) for (const name of wanted) await runOn(name, load)
  for (let round = 0; round < rounds; round += 1) {
    for (const name of wanted) note(name, await runOn(name, load))
    // In the same minute: a machine's speed is not the same in the next.
    if (isSelect && load.clients > 1) note('one client', await runOn('wardian', { ...load, clients: 1 }))
    note('in process', await ceiling.rate(load.script, load.mode, seconds))
  }
  const results = Object.fromEntries(
    [...rates].map(([name, all]) => [name, medianOrNull(all)]),
  ) as Cell['results']
  if (isSelect && load.clients === 1) results['one after the other'] = inSeries(results)
  const bars = isSelect ? selectBars(load, results) : tpcbBars(results)
  return { what: nameOf(load), unit: 'transactions/s', results, missed: bars }
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
    servers.set(name, await startPgliteSocket())
    await fillTables(serverOf(name).address)
  }
  return rate
}

function selectBars({ mode, clients }: Load, results: Cell['results']): string[] {
  const [ours, socket, inProcess] = [results.wardian, results['pglite-socket'], results['in process']]
  const isPrepared = mode === 'prepared'
  const [timesSocket, share] = clients === 16 ? [3.5, 0.7] : [3, 0.6]
  const isNamed = isPrepared && clients !== 4
  return [
    ...bar(ours, socket, isNamed ? timesSocket : 1, 'pglite-socket'),
    ...(isNamed ? bar(ours, inProcess, share, 'in process') : []),
    ...(clients > 1 ? bar(ours, results['one client'], 1, 'with one client') : []),
  ]
}

function tpcbBars(results: Cell['results']): string[] {
  return bar(results.wardian, results['pglite-socket'], 1.3, 'pglite-socket')
}

async function largeCells(ceiling: Ceiling): Promise<Cell[]> {
  const large: Cell[] = []
  const three = ['wardian', 'pglite-socket', 'native'] as const
  for (const kind of outKinds) {
    const firstMs: number[] = []
    const results = await byTurns(three, async (name, isWarm) => {
      const run = await measureOut(serverOf(name).address, kind)
      if (name === 'wardian' && isWarm) firstMs.push(run.firstRowMs)
      return run.rate
    })
    const missed = bar(results['wardian'], results['pglite-socket'], 1.1, 'pglite-socket')
    const late =
      kind === 'SELECT' && median(firstMs) > 5 ? [`first row after ${median(firstMs).toFixed(1)} ms`] : []
    large.push({ what: `${kind} of 1M rows`, unit: 'MB/s', results, missed: [...missed, ...late] })
  }
  const ours = await measureCopyIn(serverOf('wardian'))
  const results = { wardian: ours.rate, 'in process': await ceiling.copyIn() }
  const missed = bar(results.wardian, results['in process'], 0.9, 'in process')
  const copyIn = { what: 'COPY in of 1M rows', unit: 'MB/s', results, missed }
  return [...large, copyIn, await copyMemoryCell(Number(values['load-mb']))]
}

/** On disk, since the rows of an instance in memory are memory. */
async function copyMemoryCell(loadMB: number): Promise<Cell> {
  const server = serverOf('wardian durable')
  // Once before, so that what any COPY needs is there.
  await measureCopyIn(server)
  const { grownMB } = await measureCopyIn(server, loadMB)
  const missed = grownMB !== null && grownMB > copyGrowthMaxMB ? [`not ${copyGrowthMaxMB} MB at most`] : []
  const results = { 'wardian durable': grownMB }
  return { what: `COPY in of ${loadMB} MB`, unit: 'MB more', results, missed }
}

/** Medians of what `measure` answers for each server: once unheeded, since what runs first is slow, then by turns. */
async function byTurns(
  servers: readonly Name[],
  measure: (name: Name, isWarm: boolean) => Promise<number>,
): Promise<Partial<Record<Name, number>>> {
  const all = new Map<Name, number[]>(servers.map((name) => [name, []]))
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    for (const [name, measured] of all) {
      const one = await measure(name, round >= 0)
      if (round >= 0) measured.push(one)
    }
  }
  return Object.fromEntries([...all].map(([name, measured]) => [name, median(measured)]))
}

async function connectingCell(): Promise<Cell> {
  const three = ['wardian', 'native', 'socket alone'] as const
  const atFirst = await measureConnecting(loginOf('wardian'), seconds)
  for (const name of three) await measureConnecting(loginOf(name), connectingWarmUpSeconds)
  const warm = await byTurns(three, (name) => measureConnecting(loginOf(name), seconds))
  const missed = bar(warm['wardian'], warm['native'], 3, 'native')
  const results = { ...warm, 'wardian at first': atFirst }
  return { what: 'connect, SCRAM, select 1', unit: 'connections/s', results, missed }
}

/** The server without a database asks everybody else for a password, as the others do. */
function loginOf(name: Name): ServerAddress {
  const { address } = serverOf(name)
  return name === 'socket alone' ? { ...address, user: 'postgres' } : address
}

async function cancelCell(): Promise<Cell> {
  const times = await measureCancels(serverOf('wardian').address, 100)
  const late = times.filter((milliseconds) => milliseconds > 50).length
  const missed = late > 0 ? [`${late} of ${times.length} later than 50 ms`] : []
  return { what: 'cancel, slowest of 100', unit: 'ms', results: { wardian: Math.max(...times) }, missed }
}

async function consoleCell(): Promise<Cell> {
  const { aloneMs, besideMs } = await measureConsole(join(home, 'console'), Math.max(rounds, 5))
  const times = besideMs / aloneMs
  const missed = times > consoleTimesMax ? [`${times.toFixed(2)} × without an endpoint`] : []
  const results = { wardian: besideMs, 'no endpoint': aloneMs }
  return { what: 'console, idle endpoint', unit: 'ms', results, missed }
}

function bar(
  ours: number | null | undefined,
  other: number | null | undefined,
  ...[factor, name]: [factor: number, name: string]
): string[] {
  if (ours === null || ours === undefined) return ['failed']
  // Who has failed is behind anybody who has not.
  if (other === null || other === undefined || ours >= factor * other) return []
  return [`${(ours / other).toFixed(2)} × ${name}, not ${factor}`]
}

function medianOrNull(all: readonly (number | null)[]): number | null {
  const known = all.filter((one) => one !== null)
  return known.length === all.length ? median(known) : null
}

function add(cell: Cell): void {
  cells.push(cell)
  if (values.json) return
  const results = Object.entries(cell.results).map(([name, value]) => `${name} ${format(value)}`)
  const verdict = cell.missed.length > 0 ? `MISSED: ${cell.missed.join('; ')}` : 'ok'
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
