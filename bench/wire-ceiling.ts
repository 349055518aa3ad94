/**
 * What PGlite does in process, without any socket, worker or session: the ceiling of every server on it. A process of
 * its own: answers each line `MODE SECONDS` on its input with statements a
 * second as a line of JSON, and `copy 0` with MB a second.
 */

import { createInterface } from 'node:readline'
import { PGlite } from '@electric-sql/pglite'
import { serialize } from 'pg-protocol'
import { copyData } from './wire-large.ts'

const accounts = 100_000
const sql = 'SELECT abalance FROM pgbench_accounts WHERE aid = $1;'

/** As pgbench -i makes them. */
const setup = `
  create table pgbench_accounts (aid int not null, bid int, abalance int, filler char(84)) with (fillfactor=100);
  insert into pgbench_accounts select aid, (aid - 1) / 100000 + 1, 0, '' from generate_series(1, ${accounts}) aid;
  alter table pgbench_accounts add primary key (aid)`

const pglite = await PGlite.create()
await pglite.exec(setup)
await pglite.execProtocolRaw(Buffer.concat([serialize.parse({ name: 'P_1', text: sql }), serialize.sync()]))
process.stdout.write('{}\n')

for await (const line of createInterface(process.stdin)) {
  const [mode = '', seconds = ''] = line.split(' ')
  const rate = mode === 'copy' ? await copyIn() : await measure(mode, Number(seconds) * 1_000)
  process.stdout.write(`${JSON.stringify({ rate })}\n`)
}
await pglite.close()

async function measure(mode: string, milliseconds: number): Promise<number> {
  const started = performance.now()
  let count = 0
  for (; performance.now() - started < milliseconds; count += 1) await pglite.execProtocolRaw(messages(mode))
  return (count * 1_000) / (performance.now() - started)
}

/** PGlite's own way: the whole data as a blob. MB a second. */
async function copyIn(): Promise<number> {
  await pglite.exec('drop table if exists copied; create table copied (a int, b text, c float8)')
  const blob = new Blob([...copyData()].map((part) => Uint8Array.from(part.subarray(5))))
  const started = performance.now()
  await pglite.query(`copy copied from '/dev/blob'`, [], { blob })
  return blob.size / (1 << 20) / ((performance.now() - started) / 1_000)
}

/** What libpq sends. */
function messages(mode: string): Uint8Array {
  const aid = String(1 + Math.floor(Math.random() * accounts))
  if (mode === 'simple') return serialize.query(sql.replace('$1', aid))
  const statement = mode === 'prepared' ? 'P_1' : ''
  const rest = [
    serialize.bind({ statement, values: [aid] }),
    serialize.describe({ type: 'P' }),
    serialize.execute({}),
    serialize.sync(),
  ]
  return Buffer.concat(mode === 'prepared' ? rest : [serialize.parse({ text: sql }), ...rest])
}
