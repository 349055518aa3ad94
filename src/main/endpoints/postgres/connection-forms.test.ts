/** What is pasted names the endpoint that was meant. Oracles: node-postgres reads the addresses, sh the commands. */

import { execFileSync } from 'node:child_process'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { present } from '../../../base/assert.ts'
import type { ConnectionFormKind } from '../../../contract/endpoint.ts'
import { withForms, type ConnectionTarget } from './connection-forms.ts'

const plain: ConnectionTarget = {
  ...{ host: '127.0.0.1', port: 5433, role: 'postgres', password: 'a-b_c', database: 'playground' },
  ...{ socketPath: null, tls: null },
}
const odd: ConnectionTarget = {
  ...plain,
  password: `p@ss:/?#'"\\$ %`,
  database: `it's 100% "ünïcode" &=+,;:@1`,
  socketPath: '/run/my dbs/.s.PGSQL.5433',
}

function form(target: ConnectionTarget, kind: ConnectionFormKind): string {
  return present(
    withForms(target).forms.find((each) => each.kind === kind),
    kind,
  ).text
}

function read(connectionString: string): Pick<pg.Client, 'host' | 'port'> & Record<string, unknown> {
  const { host, port, user, password, database } = new pg.Client({ connectionString })
  return { host, port, user, password, database }
}

/** The environment and the arguments that a command line comes to. */
function run(command: string): { environment: Record<string, string>; args: string[] } {
  const script = `psql() { printf '%s\\0' "\${PGPASSWORD-}" "\${PGDATABASE-}" "\${PGSSLMODE-}" "$@"; }; ${command}`
  const [password = '', database = '', sslmode = '', ...args] = execFileSync('sh', ['-c', script])
    .toString()
    .split('\0')
  return { environment: { password, database, sslmode }, args: args.slice(0, -1) }
}

describe('the forms of a connection', () => {
  it.each([
    ['plain', plain],
    ['odd', odd],
  ])('name %s databases and passwords as they are', (_, target) => {
    const { host, port, password, database } = target
    const wanted = { host, port, user: 'postgres', password, database }
    expect(read(form(target, 'url'))).toEqual(wanted)
    expect(read(form(target, 'env').replace(/^DATABASE_URL="(.*)"$/, '$1'))).toEqual(wanted)
    expect(form(target, 'env')).toMatch(/^DATABASE_URL="[^"$`\\]*"$/)
    const literal = /connectionString: (".*") }\)$/.exec(form(target, 'node'))?.[1]
    expect(read(String(JSON.parse(literal ?? '')))).toEqual(wanted)
    const { environment, args } = run(form(target, 'psql'))
    expect(environment['password']).toBe(password)
    expect(environment['database'] || args.at(-1)).toBe(database)
    expect(args.slice(0, 6)).toEqual(['-h', host, '-p', String(port), '-U', 'postgres'])
  })

  it('are as expected, word for word, in the plain case', () => {
    expect(withForms(plain).forms).toEqual([
      { kind: 'url', text: 'postgres://postgres:a-b_c@127.0.0.1:5433/playground' },
      { kind: 'psql', text: 'PGPASSWORD=a-b_c psql -h 127.0.0.1 -p 5433 -U postgres -d playground' },
      {
        kind: 'jdbc',
        text: 'jdbc:postgresql://127.0.0.1:5433/playground?user=postgres&password=a-b_c',
      },
      {
        kind: 'node',
        text: 'new pg.Pool({ connectionString: "postgres://postgres:a-b_c@127.0.0.1:5433/playground" })',
      },
      { kind: 'env', text: 'DATABASE_URL="postgres://postgres:a-b_c@127.0.0.1:5433/playground"' },
    ])
  })

  it('have one for the Unix-domain socket where there is one', () => {
    expect(read(form(odd, 'socket'))).toEqual({
      ...{ host: '/run/my dbs', port: 5433, user: 'postgres' },
      ...{ password: odd.password, database: odd.database },
    })
  })

  it('demand TLS and trust the certificate where the endpoint demands it', () => {
    const target = { ...plain, tls: { certificatePath: '/data/my tls/server.crt' } }
    const query = 'sslmode=verify-full&sslrootcert=%2Fdata%2Fmy%20tls%2Fserver.crt'
    expect(form(target, 'url')).toBe(`postgres://postgres:a-b_c@127.0.0.1:5433/playground?${query}`)
    expect(form(target, 'jdbc')).toContain(`&${query}`)
    expect(run(form(target, 'psql')).environment['sslmode']).toBe('verify-full')
    const signed = { ...plain, tls: { certificatePath: null } }
    expect(form(signed, 'url')).toBe('postgres://postgres:a-b_c@127.0.0.1:5433/playground?sslmode=require')
    expect(run(form(signed, 'psql')).environment['sslmode']).toBe('require')
  })

  it('leave psql no database name to take for a connection string', () => {
    const { environment, args } = run(form({ ...plain, database: 'host=elsewhere' }, 'psql'))
    expect(environment['database']).toBe('host=elsewhere')
    expect(args).toEqual(['-h', '127.0.0.1', '-p', '5433', '-U', 'postgres'])
  })
})
