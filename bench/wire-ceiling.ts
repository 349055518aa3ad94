/**
 * What PGlite does in process, without any socket, worker or session: the ceiling of every server on it. A process of
 * its own: answers each line `SCRIPT MODE SECONDS` on its input with transactions a second as a line of JSON, and
 * `copy` with MB a second.
 */

import { createInterface } from 'node:readline'
import { PGlite } from '@electric-sql/pglite'
import { serialize } from 'pg-protocol'
import { copyData } from './wire-large.ts'

const accounts = 100_000
const tellers = 10

/** As pgbench -i makes them, for a scale of 1. */
const setup = `
  create table pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
  create table pgbench_tellers (tid int not null, bid int, tbalance int, filler char(84)) with (fillfactor=100);
  create table pgbench_accounts (aid int not null, bid int, abalance int, filler char(84)) with (fillfactor=100);
  create table pgbench_branches (bid int not null, bbalance int, filler char(88)) with (fillfactor=100);
  insert into pgbench_branches values (1, 0, null);
  insert into pgbench_tellers select tid, 1, 0, null from generate_series(1, ${tellers}) tid;
  insert into pgbench_accounts select aid, (aid - 1) / 100000 + 1, 0, '' from generate_series(1, ${accounts}) aid;
  alter table pgbench_branches add primary key (bid);
  alter table pgbench_tellers add primary key (tid);
  alter table pgbench_accounts add primary key (aid)`

/** What pgbench has a value for each time. */
const variables = {
  aid: () => 1 + Math.floor(Math.random() * accounts),
  tid: () => 1 + Math.floor(Math.random() * tellers),
  bid: () => 1,
  delta: () => Math.floor(Math.random() * 10_001) - 5_000,
}
type Values = Record<keyof typeof variables, number>

/** The scripts of pgbench (builtin_script, bin/pgbench/pgbench.c). */
const scripts: Readonly<Record<string, readonly string[]>> = {
  'select-only': ['SELECT abalance FROM pgbench_accounts WHERE aid = :aid;'],
  'tpcb-like': [
    'BEGIN;',
    'UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid;',
    'SELECT abalance FROM pgbench_accounts WHERE aid = :aid;',
    'UPDATE pgbench_tellers SET tbalance = tbalance + :delta WHERE tid = :tid;',
    'UPDATE pgbench_branches SET bbalance = bbalance + :delta WHERE bid = :bid;',
    'INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (:tid, :bid, :aid, :delta, CURRENT_TIMESTAMP);',
    'END;',
  ],
}

interface Command {
  readonly name: string
  readonly text: string
  /** The text with parameters for its variables, in their order. */
  readonly numbered: string
  readonly names: readonly (keyof Values)[]
}

const commands = new Map(Object.entries(scripts).map(([script, texts]) => [script, texts.map(commandOf)]))

const pglite = await PGlite.create()
await pglite.exec(setup)
for (const { name, numbered } of [...commands.values()].flat())
  await pglite.execProtocolRaw(Buffer.concat([serialize.parse({ name, text: numbered }), serialize.sync()]))
process.stdout.write('{}\n')

for await (const line of createInterface(process.stdin)) {
  const [script = '', mode = '', seconds = ''] = line.split(' ')
  const rate = script === 'copy' ? await copyIn() : await measure(script, mode, Number(seconds) * 1_000)
  process.stdout.write(`${JSON.stringify({ rate })}\n`)
}
await pglite.close()

async function measure(script: string, mode: string, milliseconds: number): Promise<number> {
  const wanted = commands.get(script) ?? []
  const started = performance.now()
  let count = 0
  for (; performance.now() - started < milliseconds; count += 1) {
    const values: Values = { ...drawn() }
    for (const command of wanted) await pglite.execProtocolRaw(messages(command, mode, values))
  }
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
function messages({ name, text, numbered, names }: Command, mode: string, values: Values): Uint8Array {
  if (mode === 'simple') {
    return serialize.query(text.replaceAll(/:(\w+)/g, (_, of: keyof Values) => String(values[of])))
  }
  const statement = mode === 'prepared' ? name : ''
  const rest = [
    serialize.bind({ statement, values: names.map((of) => String(values[of])) }),
    serialize.describe({ type: 'P' }),
    serialize.execute({}),
    serialize.sync(),
  ]
  return Buffer.concat(mode === 'prepared' ? rest : [serialize.parse({ text: numbered }), ...rest])
}

function drawn(): Values {
  const { aid, tid, bid, delta } = variables
  return { aid: aid(), tid: tid(), bid: bid(), delta: delta() }
}

/** As pgbench does: each variable has one number, however often it stands there. */
function commandOf(text: string, index: number): Command {
  const names: (keyof Values)[] = []
  const numbered = text.replaceAll(/:(aid|tid|bid|delta)\b/g, (_, of: keyof Values) => {
    if (!names.includes(of)) names.push(of)
    return `$${names.indexOf(of) + 1}`
  })
  return { name: `P_${text.length}_${index}`, text, numbered, names }
}
