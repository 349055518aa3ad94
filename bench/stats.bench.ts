/**
 * `npm run bench -- stats [--json] [--check] [--rounds N] [--seconds N]`: what counting statements costs. pgbench's
 * select-only against one host, with counting on and off turn by turn in short rounds, each way of sending: statements
 * a second, and the processor's time for each, which other programs disturb less. Then the count itself, on messages
 * as pgbench sends them and without an engine. Needs pgbench.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { present } from '../src/base/assert.ts'
import { startAsKept } from '../src/contract/endpoint.ts'
import { addressOfUrl, type ServerAddress } from '../test/support/wire/server-address.ts'
import { BenchHost } from './bench-host.ts'
import { median } from './median.ts'
import { countCosts } from './stats-count.ts'
import { fillTables, modes, runLoad } from './wire-load.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '2' },
  },
})
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)

/** Of the throughput, and of the processor's time. */
const overheadMax = 0.02
const clients = 4

interface Round {
  readonly perSecond: number
  /** Of this process: host, engine and parser. */
  readonly cpuMicroseconds: number
}

interface Row {
  readonly mode: string
  readonly on: Round
  readonly off: Round
  /** Medians of rounds that follow each other; what is more than 0 is a cost. */
  readonly throughputLoss: number
  readonly cpuGrowth: number
}

async function measure(host: BenchHost, address: ServerAddress): Promise<Row[]> {
  const settings = await host.client.call('statistics.settings', null)
  const turn = (isOn: boolean): Promise<unknown> =>
    host.client.call('statistics.setSettings', { ...settings, isOn })
  const rows: Row[] = []
  for (const mode of modes) {
    const round = async (isOn: boolean): Promise<Round> => {
      await turn(isOn)
      const before = process.cpuUsage()
      const rate = await runLoad(address, { script: 'select-only', mode, clients, seconds })
      const { user, system } = process.cpuUsage(before)
      const perSecond = present(rate, 'A rate')
      return { perSecond, cpuMicroseconds: (user + system) / (perSecond * seconds) }
    }
    await round(true)
    const pairs: { on: Round; off: Round }[] = []
    for (let index = 0; index < rounds; index++) {
      // Whoever comes second has the warmer caches.
      const isFirst = index % 2 === 0
      const first = await round(isFirst)
      const second = await round(!isFirst)
      pairs.push(isFirst ? { on: first, off: second } : { on: second, off: first })
    }
    rows.push(rowOf(mode, pairs))
  }
  await turn(true)
  return rows
}

function rowOf(mode: string, pairs: readonly { on: Round; off: Round }[]): Row {
  const middle = (rounds: readonly Round[]): Round => ({
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    cpuMicroseconds: median(rounds.map(({ cpuMicroseconds }) => cpuMicroseconds)),
  })
  return {
    mode,
    on: middle(pairs.map(({ on }) => on)),
    off: middle(pairs.map(({ off }) => off)),
    throughputLoss: 1 - median(pairs.map(({ on, off }) => on.perSecond / off.perSecond)),
    cpuGrowth: median(pairs.map(({ on, off }) => on.cpuMicroseconds / off.cpuMicroseconds)) - 1,
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

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
  const rows = await measure(host, address)
  const costs = countCosts()
  const missed = rows.filter(
    ({ throughputLoss, cpuGrowth }) => Math.min(throughputLoss, cpuGrowth) > overheadMax,
  )
  if (values.json) process.stdout.write(`${JSON.stringify({ rows, costs })}\n`)
  else {
    for (const { mode, on, off, throughputLoss, cpuGrowth } of rows) {
      const rates = `${Math.round(off.perSecond)} -> ${Math.round(on.perSecond)} a second`
      const cpu = `${off.cpuMicroseconds.toFixed(1)} -> ${on.cpuMicroseconds.toFixed(1)} us of the processor`
      process.stdout.write(
        `${mode.padEnd(9)} ${rates} (${percent(throughputLoss)} less), ${cpu} (${percent(cpuGrowth)} more)\n`,
      )
    }
    for (const [what, nanoseconds] of Object.entries(costs))
      process.stdout.write(`counting  ${what}: ${Math.round(nanoseconds)} ns a statement\n`)
  }
  for (const { mode } of missed)
    process.stdout.write(`MISSED: ${mode} costs more than ${percent(overheadMax)}\n`)
  if (values.check && missed.length > 0) process.exitCode = 1
} finally {
  await host.stop()
  rmSync(home, { recursive: true, force: true })
}
