/** The start of a connection: versions, options, requests before it, passwords, databases, and what is refused. */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

describe('start-up', () => {
  const suite = wireSuite()

  suite.case('protocol 3.0 gives a key of four bytes, 3.2 a longer one', async (stage) => {
    await stage.attempt('old', { protocol: m.PROTOCOL_3_0 })
    const lines = await stage.attempt('new', { protocol: m.PROTOCOL_3_2 })
    expect(lines.filter((line) => line.startsWith('K') || line.startsWith('v'))).toEqual([
      'K a pid and a key of 32 bytes',
    ])
  })

  suite.case('newer minor versions and unknown protocol options are negotiated', async (stage) => {
    await stage.attempt('newer', { protocol: 0x0003_0063 })
    await stage.attempt('option', { parameters: { '_pq_.nosuch': '1', '_pq_.other': '2' } })
    await stage.attempt('both', { protocol: 0x0003_270f, parameters: { '_pq_.nosuch': '1' } })
    await stage.attempt('between', { protocol: 0x0003_0001 })
  })

  suite.case('other major versions are refused', async (stage) => {
    for (const protocol of [0x0002_0000, 0x0004_0000, 0x0001_0000]) {
      await stage.attempt(`v${protocol >> 16}`, { protocol })
    }
  })

  suite.case('GSSENCRequest is declined with one byte, and start-up goes on', async (stage) => {
    const a = await stage.open('a')
    stage.note(`GSSENC ${await a.socket.ask(m.untyped(m.int32(m.GSSENC_REQUEST)))}`)
    stage.noteAll('a<', (await a.start()).slice(-1))
    await a.query('select 1')
  })

  suite.case('GSSENCRequest and SSLRequest may follow each other', async (stage) => {
    const a = await stage.open('a')
    stage.note(`GSSENC ${await a.socket.ask(m.untyped(m.int32(m.GSSENC_REQUEST)))}`)
    const answer = await a.socket.ask(m.untyped(m.int32(m.SSL_REQUEST)))
    expect(['S', 'N']).toContain(answer)
    if (answer === 'N') stage.noteAll('a<', (await a.start()).slice(-1))
    else stage.note('a< Z I')
  })

  suite.case('a wrong password, and none, and that of another, are 28P01', async (stage) => {
    const role = stage.role('app')
    await stage.sql(`create role ${role} login password 'right'`)
    await stage.attempt('right', { user: role, password: 'right' })
    await stage.attempt('wrong', { user: role, password: 'wrong' })
    await stage.attempt('empty', { user: role, password: '' })
    await stage.attempt('super', { password: 'wrong' })
    await stage.attempt('again', { user: role, password: 'right' })
  })

  suite.case('roles that may not log in, or are not there', async (stage) => {
    const roles = {
      nologin: stage.role('nologin'),
      without: stage.role('without'),
      expired: stage.role('expired'),
    }
    await stage.sql(`create role ${roles.nologin} nologin password 'pw'; create role ${roles.without} login;
      create role ${roles.expired} login password 'pw' valid until '2020-01-01'`)
    for (const [name, user] of Object.entries(roles)) await stage.attempt(name, { user, password: 'pw' })
    await stage.attempt('unknown', { user: stage.role('nobody'), password: 'pw' })
  })

  suite.case('a password may be any text, is prepared as such, and may change', async (stage) => {
    const role = stage.role('app')
    for (const password of [
      'with space',
      'p\u00e4ssw\u00f6rd',
      'I\u00adX',
      '\u2168',
      `quote'd`,
      'x'.repeat(200),
    ]) {
      await stage.sql(
        `drop role if exists ${role}; create role ${role} login password '${password.replaceAll(`'`, `''`)}'`,
      )
      const lines = await stage.attempt('a', {
        user: role,
        password: password.normalize('NFKC').replace('\u00ad', ''),
      })
      expect(lines.at(-1)).toBe('Z I')
    }
    const open = await stage.connect('open', { user: role, password: 'x'.repeat(200) })
    await open.query(`alter role ${role} password 'new'`)
    await open.query('select 1')
    await stage.attempt('old', { user: role, password: 'x'.repeat(200) })
    await stage.attempt('new', { user: role, password: 'new' })
  })

  suite.case('a database that is not there is 3D000, one without CONNECT 42501', async (stage) => {
    await stage.attempt('a', { database: 'nosuch' })
    await stage.attempt('b', { database: `${stage.address.database}X` })
    const role = stage.role('app')
    await stage.sql(`create role ${role} login password 'pw';
      revoke connect on database ${stage.address.database} from public`)
    await stage.attempt('c', { user: role, password: 'pw' })
    await stage.sql(`grant connect on database ${stage.address.database} to public`)
    await stage.attempt('d', { user: role, password: 'pw' })
  })

  suite.case(
    'without a database the user\u2019s name is taken, without a user there is none',
    async (stage) => {
      const a = await stage.open('a')
      await a.socket.write(m.startup(m.PROTOCOL_3_0, { database: stage.address.database }))
      await a.closed()
      const role = stage.role('app')
      await stage.sql(`create role ${role} login password 'pw'`)
      const b = await stage.open('b', { user: role, password: 'pw', database: '' })
      stage.noteAll('b<', await b.start())
    },
    {
      oneBackend: {
        reason: 'roles belong to a database: where there is none, nobody can be told from a stranger',
        expectation: (lines) =>
          expect(lines.slice(-2)).toEqual([
            'b< E FATAL 28P01 password authentication failed for user "DB_app"',
            'b< closed',
          ]),
      },
    },
  )

  suite.case('a role\u2019s connection limit is 53300', async (stage) => {
    const role = stage.role('app')
    await stage.sql(`create role ${role} login password 'pw' connection limit 1`)
    const a = await stage.connect('a', { user: role, password: 'pw' })
    await stage.attempt('b', { user: role, password: 'pw' })
    await a.terminate()
    await stage.until(`select count(*) = 0 from pg_stat_activity where usename = '${role}'`)
    await stage.attempt('c', { user: role, password: 'pw' })
  })

  suite.case('SASL messages that are wrong end the log-in', async (stage) => {
    const first = Buffer.from('n,,n=,r=abcdefghijkl')
    const initial = (mechanism: string, data: Buffer): Buffer =>
      m.frame('p', Buffer.concat([m.cstring(mechanism), m.int32(data.length), data]))
    for (const [name, message] of [
      ['mechanism', initial('SCRAM-SHA-512', first)],
      ['nothing', initial('SCRAM-SHA-256', Buffer.alloc(0))],
      ['garbage', initial('SCRAM-SHA-256', Buffer.from('garbage'))],
      ['binding', initial('SCRAM-SHA-256', Buffer.from('p=tls-unique,,n=,r=abcdefghijkl'))],
      ['type', m.query('select 1')],
      ['authzid', initial('SCRAM-SHA-256', Buffer.from('n,a=other,n=,r=abcdefghijkl'))],
    ] as const) {
      const a = await stage.open(name)
      await a.socket.write(a.startupPacket())
      await a.take(1)
      await a.socket.write(message)
      await a.closed()
    }
  })

  suite.case('a log-in that stops half-way keeps nobody from logging in', async (stage) => {
    const silent = await stage.open('silent')
    const half = await stage.open('half')
    await half.socket.write(half.startupPacket().subarray(0, 6))
    const asked = await stage.open('asked')
    await asked.socket.write(asked.startupPacket())
    await asked.take(1)
    const b = await stage.connect('b')
    await b.query('select 1')
    for (const client of [silent, half, asked]) client.socket.destroy()
  })

  suite.case('lengths of start-up packets that cannot be', async (stage) => {
    const packets: readonly (readonly [string, Buffer])[] = [
      ['zero', Buffer.from([0, 0, 0, 0])],
      ['four', Buffer.from([0, 0, 0, 4])],
      ['seven', Buffer.from([0, 0, 0, 7, 0, 3, 0])],
      ['huge', Buffer.from([0x7f, 0xff, 0xff, 0xff, 0, 3, 0, 0])],
      ['negative', Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 3, 0, 0])],
      ['http', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
      ['10001', Buffer.concat([m.int32(10_001), m.int32(m.PROTOCOL_3_0), Buffer.alloc(9_993)])],
    ]
    for (const [name, packet] of packets) {
      const a = await stage.open(name)
      await a.socket.write(packet)
      stage.noteAll(`${name}<`, (await a.drain()).slice(-1))
    }
    const b = await stage.connect('b')
    await b.query('select 1')
  })

  suite.case('start-up parameters without an end, a value, or a name', async (stage) => {
    const head = m.int32(m.PROTOCOL_3_0)
    const { user, database } = stage.address
    const named = [m.cstring('user'), m.cstring(user), m.cstring('database'), m.cstring(database)]
    for (const [name, parts] of [
      ['unterminated', [head, ...named]],
      ['dangling', [head, ...named, m.cstring('application_name')]],
      ['trailing', [head, ...named, Buffer.from([0, 1, 2, 3])]],
      ['nothing', [head]],
    ] as const) {
      const a = await stage.open(name)
      await a.socket.write(m.untyped(Buffer.concat(parts)))
      const line = (await a.take(1))[0] ?? ''
      expect(line).toMatch(/^(E FATAL|R SASL)/)
    }
  })

  suite.case(
    'log-ins of one role at the same time all succeed, with distinct pids and keys',
    async (stage) => {
      const clients = await Promise.all(Array.from({ length: 12 }, (_, n) => stage.connect(`c${n}`)))
      expect(new Set(clients.map(({ pid }) => pid)).size).toBe(12)
      expect(new Set(clients.map(({ key }) => key.toString('hex'))).size).toBe(12)
      for (const client of clients) {
        const rows = await client.values('select pg_backend_pid()')
        expect(rows).toEqual([[String(client.pid)]])
      }
    },
  )
})
