/**
 * Goal: whatever psql shows of a database, it shows here as on native Postgres. Method: one schema on both, every
 * command of the \d family, and the printed text compared character by character.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { DEADLINE_MS, SERVERS, serversFixture, type ServerName } from '../support/clients/client-server.ts'
import { runTool, toolOutput } from '../support/clients/postgres-tools.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const SCHEMA = join(import.meta.dirname, 'schema.sql')
const READER = `do $$ begin create role clients_reader; exception when duplicate_object then null; end $$`

const DESCRIBE_COMMANDS = [
  ...['\\d', '\\d sales.*', '\\d+ sales.*', '\\dt sales.*', '\\dt+ sales.customers', '\\di+ sales.*'],
  ...['\\dv sales.*', '\\dm sales.*', '\\ds+ sales.*', '\\dP+ sales.*', '\\df sales.*', '\\df+ sales.*'],
  ...['\\dn', '\\dn+', '\\dp sales.*', '\\ddp', '\\dT+ sales.*', '\\dD+ sales.*', '\\dC sales.*', '\\dx'],
  ...['\\du clients_*', '\\drg clients_*', '\\dd sales.*', '\\des', '\\dF', '\\dy', '\\dX', '\\dO sales.*'],
  ...['\\dA+', '\\do+ ||', '\\da count', '\\dg postgres', '\\dRp', '\\dconfig work_mem'],
  ...[
    '\\sf sales.add',
    '\\sf+ sales.touch',
    '\\sv+ sales.totals',
    '\\z sales.orders',
    '\\lo_list',
    '\\encoding',
  ],
  ...['\\d+ pg_class', '\\dS+ pg_stat_activity', '\\d nothing_of_that_name'],
]
/** They name who made the cluster, who is called otherwise on native. */
const OF_THE_CLUSTER = ['\\dL', '\\db', '\\dt *.pg_class']
const CLUSTER_OWNER = /\bchief\b/g

vi.setConfig({ testTimeout: DEADLINE_MS, hookTimeout: DEADLINE_MS })

describe('psql', () => {
  const server = serversFixture('clients_psql')
  const path = temporaryDirectory()

  beforeAll(async () => {
    for (const name of SERVERS) {
      await toolOutput(server(name), ['psql', '-Xqc', READER])
      await toolOutput(server(name), ['psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', SCHEMA])
    }
  })

  async function both(command: readonly string[], input?: string): Promise<[string, string]> {
    const [native, wardian] = await Promise.all(
      SERVERS.map(async (name) => {
        const { stdout, stderr, exitCode } = await runTool(server(name), ['psql', '-X', ...command], input)
        return `${stdout}${stderr}exit ${exitCode}`
      }),
    )
    return [native ?? '', wardian ?? '']
  }

  test.each(DESCRIBE_COMMANDS)('shows %s as on native Postgres', async (command) => {
    const [native, wardian] = await both(['-c', command])
    expect(wardian).toBe(native)
  })

  test.each(OF_THE_CLUSTER)('shows %s as on native Postgres', async (command) => {
    const [native, wardian] = await both(['-A', '-c', command])
    expect(wardian).toBe(native.replaceAll(CLUSTER_OWNER, 'postgres'))
  })

  test('runs a script with variables, conditions and \\gexec, and prints in every format', async () => {
    const script = `
      \\set n 3
      select i, 'text ' || i as "T", null as "null" from generate_series(1, :n) i \\gset last_ \\g
      select i, 'text ' || i as "T", null as "null" from generate_series(1, :n) i;
      \\if :n
        \\echo taken
      \\else
        \\echo not taken
      \\endif
      select format('create temp table made_%s (a int)', i) from generate_series(1, 2) i \\gexec
      \\d made_1
      select $1 + $2 as sum \\bind 40 2 \\g
      \\pset format aligned
      \\x on
      table sales.totals order by 1 limit 2;
      \\x off
      ${['csv', 'html', 'asciidoc', 'latex', 'unaligned']
        .map((format) => `\\pset format ${format}\nselect 1 as a, E'b\\n|"c' as b;`)
        .join('\n')}
      \\pset format aligned
      select i / 2 as row, i % 2 as col, i from generate_series(0, 3) i \\crosstabview
      select 1/0;
      \\errverbose
      \\gdesc
      select 1 as a, 'x'::text as b, now() as c \\gdesc
      begin; select 1; savepoint s; select no_column; rollback to s; select 2; commit;
      select 3 \\; select 4;
      \\parse made
      select 5 \\parse five
      \\bind_named five \\g
      \\close five
      \\startpipeline
      select $1 \\bind 6 \\sendpipeline
      select $1 \\bind 7 \\sendpipeline
      \\endpipeline
    `.replaceAll(/^ +/gm, '')
    const [native, wardian] = await both([], script)
    const shown = (text: string): string =>
      text.replaceAll(/ *Table "pg_temp_\d+(_\d+)?/g, 'Table "pg_temp_N')
    expect(shown(wardian)).toBe(shown(native))
    expect(native).toContain('taken')
  })

  test('keeps its place after an error when told to roll back to it', async () => {
    const words = ['-v', 'ON_ERROR_ROLLBACK=on', '-v', 'AUTOCOMMIT=off', '-At']
    const script = 'create temp table r (a int);\ninsert into r values (1);\nselect 1/0;\ntable r;\ncommit;\n'
    const [native, wardian] = await both(words, script)
    expect(wardian).toBe(native)
    expect(native).toContain('division by zero')
  })

  test('fetches by cursor when told to', async () => {
    const query = 'select i, md5(i::text) from generate_series(1, 2500) i'
    const [native, wardian] = await both(['-At', '-v', 'FETCH_COUNT=100', '-c', query])
    expect(wardian).toBe(native)
    expect(native.split('\n')).toHaveLength(2501)
  })

  test('copies files in and out, with what is wrong in them said the same way', async () => {
    const lines = Array.from(
      { length: 20_000 },
      (_, i) => `${i},"line ""${i}""\nsecond",${i % 7 ? i / 8 : ''}\n`,
    )
    const csv = `id,text,value\n${lines.join('')}`
    writeFileSync(path('in.csv'), csv)
    const copy = async (name: ServerName): Promise<string> => {
      const out = path(`${name}.csv`)
      const script = `
create table copied (id int primary key, text text, value float8);
\\copy copied from '${path('in.csv')}' with (format csv, header match)
\\copy (table copied order by id) to '${out}' with (format csv, header)
\\copy copied to '${out}.binary' with (format binary)
truncate copied;
\\copy copied from '${out}.binary' with (format binary)
select count(*), sum(value) from copied;
\\copy copied from stdin
1\tduplicate\t1
\\.
copy copied from stdin with (on_error ignore, log_verbosity verbose);
-1\tgood\t1
-2\tbad\tx
\\.
\\copy copied from '${path('in.csv')}'
\\copy copied from program 'printf "%s\\t%s\\t%s\\n" 99999 z 1 2 3 4'
select count(*) from copied;
`
      const { stdout, stderr } = await runTool(server(name), ['psql', '-X'], script)
      return `${stdout}${stderr.replaceAll(path(''), '')}`
    }
    const [native, wardian] = await Promise.all(SERVERS.map(copy))
    expect(wardian).toBe(native)
    expect(readFileSync(path('wardian.csv'), 'utf8')).toBe(readFileSync(path('native.csv'), 'utf8'))
    expect(readFileSync(path('wardian.csv.binary')).equals(readFileSync(path('native.csv.binary')))).toBe(
      true,
    )
    expect(native).toContain('20000')
  })

  test('stores and reads large objects', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) % 251))
    writeFileSync(path('large'), bytes)
    for (const name of SERVERS) {
      const script = `\\lo_import '${path('large')}'\n\\lo_export :LASTOID '${path(name)}'\n\\lo_unlink :LASTOID\n`
      await toolOutput(server(name), ['psql', '-X', '-v', 'ON_ERROR_STOP=1'], script)
      expect(readFileSync(path(name)).equals(bytes), name).toBe(true)
    }
  })

  test('hears notifications between its statements', async () => {
    const [native, wardian] = await both(['-At'], `listen news;\nnotify news, 'hello';\nselect 1;\n`)
    const shown = (text: string): string => text.replace(/PID \d+/, 'PID')
    expect(shown(wardian)).toBe(shown(native))
    expect(native).toContain('with payload "hello"')
  })
})
