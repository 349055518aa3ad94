/**
 * `npm run bench -- trial [--json] [--check]`: how long a trial of something large holds the host's event loop at
 * once: a script of one long line, bodies of functions, an error behind megabytes, a large table written anew, and a
 * schema of thousands of objects. A turn is measured in the processor's time of its thread, which other programs and
 * the engine's thread do not lengthen; the window's half, which parses the report, runs in the same thread.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Instance } from '../src/contract/instance.ts'
import { uploadSql } from '../src/main/cli/sql-input.ts'
import { BenchHost } from './bench-host.ts'
import { LoopTurns } from './loop-turns.ts'

/** Longer, and another window's keystrokes wait visibly. */
const barMs = 50

const body = 'insert into notes select copy, other from notes where id = 1; '

const scripts: Readonly<Record<string, string>> = {
  'ten thousand statements on one line': `select '${'x'.repeat(1_000)}';`.repeat(10_000),
  'bodies of 60 functions': Array.from({ length: 60 }, (_, number) => {
    return `create procedure p${number}() as $$ begin ${body.repeat(1_500)} end $$ language plpgsql;\n`
  }).join(''),
  'an error behind 10 MB': `insert into notes (id) values ${'(-1),\n'.repeat(1_500_000)} (oops)`,
  'a table of 100,000 rows written anew':
    'alter table large alter id type bigint; update large set text = id::text',
  'three thousand tables': `do $$ begin for i in 1 .. 3000 loop
    execute format('create table t%s (id int primary key, one text, other text)', i); end loop; end $$`,
}

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, check: { type: 'boolean', default: false } },
})
const home = mkdtempSync(join(tmpdir(), 'wardian-bench-trial-'))
const longestMs = new Map<string, number>()

const host = await BenchHost.start(home)
try {
  const instance = await host.create('tried')
  await host.query(instance, 'create table notes (id int, copy text, other text)')
  await host.query(
    instance,
    'create table large as select id, md5(id::text) as text from generate_series(1, 100000) id',
  )
  // Code that runs for the first time is not compiled yet.
  await tried(instance, 'select 1')
  for (const [what, sql] of Object.entries(scripts)) {
    longestMs.set(what, await tried(instance, sql))
  }
} finally {
  await host.stop()
  rmSync(home, { recursive: true, force: true })
}
report()

/** The longest turn, from when the host has the text to the report. */
async function tried(instance: Instance, sql: string): Promise<number> {
  const source = await uploadSql(host.client, sql)
  const turns = new LoopTurns()
  const params = { instanceId: instance.id, sessionId: null, source, mode: 'script' } as const
  const stream = host.client.stream('try.run', params)
  for await (const chunk of stream) void chunk
  await stream.result
  return turns.end()
}

function report(): void {
  const measured = [...longestMs].map(([what, ms]) => ({ what, longestMs: ms, isMet: ms <= barMs }))
  if (values.json) console.log(JSON.stringify({ bench: 'trial', barMs, measured }))
  else {
    for (const { what, longestMs: ms, isMet } of measured) {
      const words = `longest turn ${ms.toFixed(1).padStart(6)} ms   bar ${barMs} ms`
      console.log(`${what.padEnd(40)}${words}  ${isMet ? 'ok' : 'missed'}`)
    }
  }
  if (values.check && measured.some(({ isMet }) => !isMet)) process.exitCode = 1
}
