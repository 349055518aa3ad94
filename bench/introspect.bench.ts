/**
 * `npm run bench -- introspect [--json] [--check] [--tables N] [--columns N]`: how long the answer to `introspect` of
 * a large schema holds the host's event loop at once, in either subprotocol. A turn is measured in the processor's
 * time of its thread; the client that asks runs in a thread of its own (introspect-client.ts).
 */

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { Encoding } from '../src/protocol/protocol-limits.ts'
import { BenchHost } from './bench-host.ts'
import type { EnvelopeAddress } from './envelope-address.ts'
import type { IntrospectAnswer, IntrospectJob } from './introspect-client.ts'
import { LoopTurns } from './loop-turns.ts'
import { median } from './median.ts'

/** Longer, and another window's keystrokes wait visibly. */
const barMs = 50

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    tables: { type: 'string', default: '5000' },
    columns: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
  },
})
const [tables, columns] = [Number(values.tables), Number(values.columns)]

interface Measured {
  readonly encoding: Encoding
  /** The longest turn of each round. */
  readonly longestMs: readonly number[]
  readonly totalMs: number
  readonly answer: IntrospectAnswer
}

async function serve(host: BenchHost): Promise<EnvelopeAddress> {
  const instance = await host.create('large')
  const list = Array.from({ length: columns }, (_, number) => `column_${number} int`).join(', ')
  // In several transactions: the locks of one have their bound.
  for (let from = 1; from <= tables; from += 250) {
    const to = Math.min(tables, from + 249)
    const create = `execute format('create table table_%s (${list})', i)`
    await host.query(instance, `do $$ begin for i in ${from} .. ${to} loop ${create}; end loop; end $$`)
  }
  const { url, port } = await host.client.call('web.start', { port: 0 })
  if (url === null || port === null) throw new Error('The web endpoint does not listen')
  const { secret } = await host.client.call('web.createToken', {
    ...{ label: 'bench', instanceIds: null, access: 'read-write', role: 'postgres', expiresAtMs: null },
  })
  return { url, port, token: secret, tenant: 'large' }
}

async function ask(address: EnvelopeAddress, encoding: Encoding): Promise<IntrospectAnswer> {
  const workerData: IntrospectJob = { address, encoding }
  const worker = new Worker(new URL('introspect-client.ts', import.meta.url), { workerData })
  const [answer] = (await once(worker, 'message')) as [IntrospectAnswer]
  await once(worker, 'exit')
  return answer
}

async function measure(address: EnvelopeAddress, encoding: Encoding): Promise<Measured> {
  // Code that runs for the first time is not compiled yet.
  let answer = await ask(address, encoding)
  const longestMs: number[] = []
  const totalMs: number[] = []
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const turns = new LoopTurns()
    answer = await ask(address, encoding)
    longestMs.push(await turns.end())
    totalMs.push(answer.tookMs)
  }
  return { encoding, longestMs, totalMs: median(totalMs), answer }
}

function report(measured: readonly Measured[]): void {
  const checks = measured.map((each) => ({ ...each, isMet: Math.max(...each.longestMs) <= barMs }))
  if (values.json) console.log(JSON.stringify({ bench: 'introspect', barMs, tables, columns, checks }))
  else {
    for (const { encoding, longestMs, totalMs, answer, isMet } of checks) {
      const turns = longestMs.map((ms) => ms.toFixed(1)).join(', ')
      const about = `${answer.outcome} in ${totalMs.toFixed(0)} ms`
      console.log(
        `${encoding.padEnd(8)} longest turns ${turns} ms, bar ${barMs} ms ${isMet ? 'ok' : 'missed'}: ${about}`,
      )
    }
  }
  if (values.check && checks.some(({ isMet }) => !isMet)) process.exitCode = 1
}

const home = mkdtempSync(join(tmpdir(), 'wardian-bench-introspect-'))
const host = await BenchHost.start(home)
try {
  const address = await serve(host)
  const measured: Measured[] = []
  for (const encoding of ['json', 'msgpack'] as const) measured.push(await measure(address, encoding))
  report(measured)
} finally {
  await host.stop()
  rmSync(home, { recursive: true, force: true })
}
