/**
 * `npm run bench -- stats [--json] [--check] [--rounds N] [--window MS] [--monitor-rounds N]`: what counting statements
 * and the monitor cost. pgbench's select-only against one host, with counting on and off in turn every 80 ms, each way
 * of sending: statements a second, and the processor's time for each, with the interval in which the median lies. What
 * counting hands over once a second is measured by itself, because windows are shorter than that. Then the monitor, on
 * and off, looking once a second; and the count itself, on messages as pgbench sends them and without an engine. Needs
 * pgbench.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { present } from '../src/base/assert.ts'
import { startAsKept } from '../src/contract/endpoint.ts'
import { addressOfUrl, type ServerAddress } from '../test/support/wire/server-address.ts'
import { BenchHost } from './bench-host.ts'
import { median, type MedianInterval } from './median.ts'
import { measurePairs, type PairedResult } from './paired-load.ts'
import { countCosts } from './stats-count.ts'
import { fillTables, modes } from './wire-load.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '150' },
    window: { type: 'string', default: '80' },
    'monitor-rounds': { type: 'string', default: '12' },
  },
})
const rounds = Number(values.rounds)
const windowMs = Number(values.window)
const monitorRounds = Number(values['monitor-rounds'])

/** Of the throughput, or of the processor's time. */
const overheadMax = 0.02
/** Of fewer the least and the greatest are no interval of 95 %. */
const roundsMin = 6
const clients = 4
/** Two looks of the monitor, which looks for the first time a second after it was switched on. */
const monitorWindowMs = 2_050
/** One time of storing in each. */
const handOverSeconds = 10

interface Row extends PairedResult {
  readonly what: string
  /** Besides: handing over, as a share of one core. */
  readonly handOverShare: number
}

/** `shown`: the whole interval is within the bar. `missed`: the whole interval is beyond it. */
type Verdict = 'shown' | 'not sure' | 'missed'

function verdictOf({ cpuGrowth, throughputLoss, handOverShare, rounds: measured }: Row): Verdict {
  if (measured < roundsMin) return 'not sure'
  const costs = [cpuGrowth, throughputLoss]
  if (costs.some(({ high }) => high + handOverShare <= overheadMax)) return 'shown'
  return costs.every(({ low }) => low + handOverShare > overheadMax) ? 'missed' : 'not sure'
}

async function measureCounting(host: BenchHost, address: ServerAddress): Promise<Row[]> {
  const settings = await host.client.call('statistics.settings', null)
  const turn = (isOn: boolean): Promise<unknown> =>
    host.client.call('statistics.setSettings', { ...settings, isOn })
  const handOverShare = await measureHandOver(host, { address, turn })
  const rows: Row[] = []
  for (const mode of modes) {
    const load = { script: 'select-only', mode, clients } as const
    const logPrefix = join(home, 'log')
    rows.push({
      ...(await measurePairs({ address, load, logPrefix, rounds, windowMs, turn })),
      ...{ what: mode, handOverShare },
    })
  }
  await turn(true)
  return rows
}

interface Counting {
  readonly address: ServerAddress
  turn(isOn: boolean): Promise<unknown>
}

/**
 * What naming, adding up and storing takes of a core, while a statement a second is counted, less what the statement
 * takes by itself. Storing comes each ten seconds.
 */
async function measureHandOver(host: BenchHost, { address, turn }: Counting): Promise<number> {
  const { host: name, port, user, password, database } = address
  const client = new pg.Client({ host: name, port, user, password, database })
  await client.connect()
  await host.client.call('monitor.setSettings', { isOn: false })
  const shares = { on: [] as number[], off: [] as number[] }
  for (const side of ['off', 'on', 'off', 'off', 'on'] as const) {
    await turn(side === 'on')
    const before = process.cpuUsage()
    for (let second = 0; second < handOverSeconds; second += 1) {
      await client.query('select 1')
      await delay(1_000)
    }
    const { user: own, system } = process.cpuUsage(before)
    shares[side].push((own + system) / (handOverSeconds * 1e6))
  }
  await host.client.call('monitor.setSettings', { isOn: true })
  await client.end()
  // The first was to be warm.
  return Math.max(0, median(shares.on) - median(shares.off.slice(1)))
}

async function measureMonitor(host: BenchHost, address: ServerAddress): Promise<Row> {
  const turn = (isOn: boolean): Promise<unknown> =>
    host.client.call('monitor.setSettings', { isOn, intervalMs: 1_000 })
  const load = { script: 'select-only', mode: 'prepared', clients } as const
  const logPrefix = join(home, 'log')
  const shape = { rounds: monitorRounds, windowMs: monitorWindowMs }
  const result = await measurePairs({ address, load, logPrefix, turn, ...shape })
  await turn(true)
  return { ...result, what: 'monitor', handOverShare: 0 }
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`
const interval = ({ median: middle, low, high }: MedianInterval): string =>
  `${percent(middle)} (95 %: ${percent(low)} to ${percent(high)})`

function print(row: Row): void {
  const { what, on, off, throughputLoss, cpuGrowth, handOverShare, rounds: measured } = row
  const rates = `${Math.round(off.perSecond)} -> ${Math.round(on.perSecond)} a second`
  const cpu = `${off.cpuMicroseconds.toFixed(1)} -> ${on.cpuMicroseconds.toFixed(1)} us of the processor`
  process.stdout.write(
    `${what.padEnd(9)} ${rates}, less by ${interval(throughputLoss)}\n` +
      `          ${cpu}, more by ${interval(cpuGrowth)}\n` +
      `          ${measured} rounds; handing over ${percent(handOverShare)} of a core; ` +
      `at most ${percent(overheadMax)}: ${verdictOf(row)}\n`,
  )
}

const home = mkdtempSync(join(tmpdir(), 'wardian-bench-'))
const host = await BenchHost.start(home)
try {
  const wish = { name: 'counted', storage: 'memory', withSample: false } as const
  const { id: instanceId } = await host.client.call('instance.create', wish)
  const endpointId = 'postgres'
  await host.client.call('endpoint.start', { ...startAsKept, endpointId, port: 0 })
  const { forms } = await host.client.call('endpoint.connection', { endpointId, instanceId })
  const url = present(
    forms.find(({ kind }) => kind === 'url'),
    'The address',
  )
  const address = addressOfUrl(url.text)
  await fillTables(address)
  const rows = [...(await measureCounting(host, address)), await measureMonitor(host, address)]
  const costs = countCosts()
  if (values.json) {
    const told = rows.map((row) => ({ ...row, verdict: verdictOf(row) }))
    process.stdout.write(`${JSON.stringify({ rows: told, costs })}\n`)
  } else {
    for (const row of rows) print(row)
    for (const [what, { hot, cold }] of Object.entries(costs)) {
      const times = `${Math.round(hot)} ns a statement, ${Math.round(cold)} ns with cold caches`
      process.stdout.write(`counting  ${what}: ${times}\n`)
    }
  }
  if (values.check && rows.some((row) => verdictOf(row) !== 'shown')) process.exitCode = 1
} finally {
  await host.stop()
  rmSync(home, { recursive: true, force: true })
}
