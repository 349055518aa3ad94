/**
 * Point queries a second: through `@wardian/client` on one socket, through Neon's driver on one socket of the same host
 * (which sends a query when the last one is answered), and in process, where a loop drives PGlite itself with a
 * statement that is prepared. All ask the same table for a random row.
 */

import { Client, neonConfig } from '@neondatabase/serverless'
import { WebSocket } from 'ws'
import { present } from '../src/base/assert.ts'
import type { WardianClient } from '../src/client/wardian-client.ts'
import { openBenchClient, type EnvelopeAddress } from './envelope-address.ts'
import { median } from './median.ts'
import { Ceiling } from './wire-in-process.ts'

const accounts = 100_000
const text = 'SELECT abalance FROM pgbench_accounts WHERE aid = $1'

/** Under way at once; the endpoint takes 256 of a socket. */
const concurrency = 128

const setup = [
  'create table pgbench_accounts (aid int not null, bid int, abalance int, filler char(84)) with (fillfactor=100)',
  `insert into pgbench_accounts select aid, 1, 0, '' from generate_series(1, ${accounts}) aid`,
  'alter table pgbench_accounts add primary key (aid)',
]

const randomAid = (): number => 1 + Math.floor(Math.random() * accounts)

/** Runs `query` as often as it can for `seconds`, so many at once. */
async function rateOf(query: () => Promise<unknown>, seconds: number): Promise<number> {
  const started = performance.now()
  const end = started + seconds * 1_000
  let count = 0
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      await query()
      count += 1
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return (count * 1_000) / (performance.now() - started)
}

async function openNeon({ port, token, tenant }: EnvelopeAddress): Promise<Client> {
  Object.assign(neonConfig, {
    ...{ wsProxy: () => `127.0.0.1:${port}/v2`, useSecureWebSocket: false, webSocketConstructor: WebSocket },
  })
  const client = new Client({ host: '127.0.0.1', user: 'postgres', password: token, database: tenant })
  await client.connect()
  return client
}

export async function measurePoints(
  address: EnvelopeAddress,
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
) {
  const pool = { max: 1, outstandingMax: 256 }
  const msgpack = await openBenchClient(address, { pool })
  const json = await openBenchClient(address, { pool, encoding: 'json' })
  const spread = await openBenchClient(address, { pool: { max: 4, outstandingMax: concurrency / 4 } })
  for (const statement of setup) await json.query(statement)
  const neon = await openNeon(address)
  const ceiling = await Ceiling.start()
  const ask = (client: WardianClient) => (): Promise<unknown> => client.query(text, [randomAid()])
  const ways: Record<string, (forSeconds: number) => Promise<number>> = {
    msgpack: (forSeconds) => rateOf(ask(msgpack), forSeconds),
    json: (forSeconds) => rateOf(ask(json), forSeconds),
    onFourSockets: (forSeconds) => rateOf(ask(spread), forSeconds),
    neon: (forSeconds) =>
      rateOf(() => neon.query({ name: 'point', text, values: [randomAid()] }), forSeconds),
    inProcess: (forSeconds) => ceiling.rate('select-only', 'prepared', forSeconds),
  }
  for (const way of Object.values(ways)) await way(seconds / 4)
  const all = Object.fromEntries(Object.keys(ways).map((name) => [name, [] as number[]]))
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, way] of Object.entries(ways)) all[name]?.push(await way(seconds))
  }
  msgpack.close()
  json.close()
  spread.close()
  await neon.end()
  await ceiling.stop()
  const ratio = (name: string, to: string): number =>
    median((all[name] ?? []).map((rate, round) => rate / present(all[to]?.[round], 'a round')))
  return {
    rates: Object.fromEntries(Object.entries(all).map(([name, rates]) => [name, median(rates)])),
    ofNeon: ratio('msgpack', 'neon'),
    ofInProcess: ratio('msgpack', 'inProcess'),
    jsonOfNeon: ratio('json', 'neon'),
    jsonOfInProcess: ratio('json', 'inProcess'),
  }
}
