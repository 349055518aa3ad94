/**
 * Raw conversations with the backend, as endpoints hold them: one suite, run for each factory.
 */

import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { WorkbenchError } from '../../src/contract/error.ts'
import type { Engine } from '../../src/main/engine/engine.ts'
import { engineFactories, engineFixture, must, openTimeoutMs, valueOf } from '../support/engine-fixture.ts'
import { ProtocolClient, serialize, short } from '../support/protocol-client.ts'

const copyRows = (count: number): Buffer =>
  Buffer.from(Array.from({ length: count }, (_, index) => `${index}\trow ${index}\n`).join(''))

describe.each(engineFactories)('a channel on $name', ({ create }) => {
  const { common } = engineFixture(create())
  let engine: Engine

  beforeAll(async () => {
    engine = await common()
    await must(engine, 'create table items (i int, name text)')
  }, openTimeoutMs)

  async function withClient(converse: (client: ProtocolClient) => Promise<void>): Promise<void> {
    const client = new ProtocolClient(engine.openChannel())
    try {
      await converse(client)
    } finally {
      client.channel.dispose()
    }
    await client.finished().catch(() => undefined)
    expect(await valueOf(engine, 'select 6 * 7')).toBe('42')
    expect((await must(engine, 'select 1')).outcome.transaction).toBe('idle')
  }

  test('answers simple and extended queries, and errors inside pipelines', async () => {
    await withClient(async (client) => {
      expect(await client.query('select 1; select 2')).toBe('TDCTDCZI')
      const { parse, bind, execute, sync, describe: describeMessage } = serialize
      const whole = [
        parse({ text: 'select $1::int' }),
        bind({ values: ['5'] }),
        describeMessage({ type: 'P' }),
      ]
      expect(short(await client.ask('Z', ...whole, execute({}), sync()))).toBe('12TDCZI')
      const broken = [parse({ text: 'select 1/0' }), bind({}), execute({}), parse({ text: 'select 2' })]
      expect(short(await client.ask('Z', ...broken, sync()))).toBe('1E(22012)ZI')
    })
  })

  test('what a client leaves in the middle of a pipeline is not committed', async () => {
    await withClient(async (client) => {
      const { parse, bind, execute, flush } = serialize
      const insert = [
        parse({ text: `insert into items values (99, 'left')` }),
        bind({}),
        execute({}),
        flush(),
      ]
      await client.ask('C', ...insert)
    })
    expect(await valueOf(engine, `select count(*) from items where name = 'left'`)).toBe('0')
  })

  test('tells the transaction’s state, and whether everything has been answered', async () => {
    await withClient(async (client) => {
      expect(client.channel.state).toEqual({ transaction: 'idle', isReady: true })
      await client.query('begin')
      expect(client.channel.state).toEqual({ transaction: 'open', isReady: true })
      await client.query('select 1/0')
      expect(client.channel.state).toEqual({ transaction: 'failed', isReady: true })
      await client.send(serialize.parse({ text: 'rollback' }))
      expect(client.channel.state.isReady).toBe(false)
    })
  })

  test('takes messages split at any byte, and many in one piece', async () => {
    await withClient(async (client) => {
      const { parse, bind, execute, sync, query } = serialize
      const conversation = Buffer.concat([
        query(`select 'whole'`),
        ...[parse({ text: 'select 1' }), bind({}), execute({}), sync()],
        query('create temp table x (i int); copy x from stdin'),
        ...[serialize.copyData(Buffer.from('1\n')), serialize.copyDone()],
        query('select i from x; drop table x'),
      ])
      for (let at = 1; at < conversation.length; at += 1) {
        await client.send(conversation.subarray(0, at), conversation.subarray(at))
        const types: string[] = []
        for (let i = 0; i < 4; i += 1) types.push(short(await client.ask('Z')))
        expect(types.join(' '), `split at ${at}`).toBe('TDCZI 12DCZI CGCZI TDCCZI')
      }
      for (const byte of conversation) await client.send(Uint8Array.of(byte))
      for (let i = 0; i < 4; i += 1) await client.ask('Z')
    })
  })

  test('COPY streams in both directions', async () => {
    await withClient(async (client) => {
      await client.ask('G', serialize.query('copy items from stdin'))
      for (let part = 0; part < 50; part += 1) await client.send(serialize.copyData(copyRows(1000)))
      expect(short(await client.ask('Z', serialize.copyDone()))).toBe('CZI')
      expect(await client.query('copy items to stdout')).toBe('HdcCZI')
      await client.ask('G', serialize.query('copy items from stdin'))
      expect(short(await client.ask('Z', serialize.copyFail('changed my mind')))).toBe('E(57014)ZI')
      await client.ask('G', serialize.query('copy items from stdin'))
      await client.send(serialize.copyData(Buffer.from('not a number\n')))
      expect(short(await client.ask('Z', serialize.copyDone()))).toBe('E(22P02)ZI')
      expect(await client.query('truncate items')).toBe('CZI')
    })
  })

  test('many rows arrive whole although nobody takes them at first', async () => {
    await withClient(async (client) => {
      const answers = await client.ask(
        'Z',
        serialize.query(`select i, repeat('y', 500) from generate_series(1, 50000) i`),
      )
      expect(answers.filter(({ type }) => type === 'D').length).toBe(50_000)
    })
  })

  test('is cancelled while it runs, while it copies in, and not while it waits', async () => {
    await withClient(async (client) => {
      await engine.cancel()
      await client.send(serialize.query('select pg_sleep(3600)'))
      await Promise.all([
        engine.cancel(),
        client.ask('Z').then((answers) => expect(short(answers)).toContain('E(57014)ZI')),
      ])
      await client.ask('G', serialize.query('copy items from stdin'))
      await Promise.all([
        engine.cancel(),
        client.ask('Z').then((answers) => expect(short(answers)).toBe('E(57014)ZI')),
      ])
      await client.send(serialize.parse({ text: 'select 1' }), serialize.flush())
      await client.ask('1')
      await engine.cancel()
      expect(short(await client.ask('Z', serialize.bind({}), serialize.execute({}), serialize.sync()))).toBe(
        '2DCZI',
      )
    })
  })

  test.each([
    ['in a transaction', ['begin; create table lost (i int)']],
    ['in a failed transaction', ['begin; select 1/0']],
    ['in a running statement', ['select pg_sleep(3600)']],
    ['in a loop that never ends', ['do $$ begin loop end loop; end $$']],
    ['in COPY from stdin', ['copy items from stdin']],
    ['in a large result', ['select * from generate_series(1, 10000000)']],
    ['behind a queue of queries', ['select 1', 'select pg_sleep(3600)', 'select 2', 'select pg_sleep(3600)']],
  ])('that is disposed %s leaves the backend idle', async (_, statements) => {
    const channel = engine.openChannel()
    for (const sql of statements) await channel.write(serialize.query(sql))
    channel.dispose()
    expect(await valueOf(engine, `select to_regclass('lost')`)).toBeNull()
    expect((await must(engine, 'select count(*) from items')).outcome.transaction).toBe('idle')
    await expect(channel.write(serialize.sync())).rejects.toMatchObject({ code: 'closed' })
  })

  test('that is disposed in the middle of a pipeline or of a message leaves the backend idle', async () => {
    const { parse, bind, execute, flush, query } = serialize
    const beginnings = [
      [parse({ text: 'select 1/0' }), bind({}), execute({}), flush()],
      [parse({ text: 'select 1' })],
      [parse({ text: 'nonsense' }), flush()],
      [query('drop table items').subarray(0, 12)],
      [Buffer.concat([query('select 1'), query('drop table items').subarray(0, 3)])],
    ]
    for (const messages of beginnings) {
      const channel = engine.openChannel()
      for (const message of messages) await channel.write(message)
      channel.dispose()
      expect((await must(engine, 'select count(*) from items')).outcome.transaction).toBe('idle')
    }
  })

  test('refuses what would end the backend, whatever it is', async () => {
    const allowed = new Set('QPBFdCDEHScf')
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 40 }), async (bytes) => {
        const channel = engine.openChannel()
        const type = String.fromCharCode(bytes[0] ?? 0)
        const written = channel.write(bytes)
        const code = await written.then(
          () => null,
          (error: unknown) => (error instanceof WorkbenchError ? error.code : String(error)),
        )
        expect(allowed.has(type) ? [null, 'invalid-message'] : ['invalid-message']).toContain(code)
        channel.dispose()
        expect(await valueOf(engine, 'select 1')).toBe('1')
      }),
      { numRuns: Number(process.env['WARDIAN_TEST_FUZZ'] ?? 100) },
    )
  })

  test('survives allowed messages with any content', async () => {
    const body = fc.uint8Array({ maxLength: 60 })
    const type = fc.constantFrom('Q', 'P', 'B', 'F', 'd', 'C', 'D', 'E', 'H', 'S', 'c', 'f')
    const message = fc.tuple(type, body).map(([letter, content]) => {
      const head = Buffer.alloc(5)
      head.write(letter, 0, 'latin1')
      head.writeInt32BE(content.length + 4, 1)
      return Buffer.concat([head, content])
    })
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 8 }), async (messages) => {
        const channel = engine.openChannel()
        for (const each of messages) await channel.write(each).catch(() => undefined)
        channel.dispose()
        expect(await valueOf(engine, 'select 1')).toBe('1')
      }),
      { numRuns: Number(process.env['WARDIAN_TEST_FUZZ'] ?? 100) },
    )
  })

  test('refuses what cannot be sent while COPY reads', async () => {
    const client = new ProtocolClient(engine.openChannel())
    await client.send(Buffer.concat([serialize.query('copy items from stdin'), serialize.query('select 1')]))
    await expect(client.finished()).rejects.toMatchObject({ code: 'invalid-message' })
    await expect(client.send(serialize.sync())).rejects.toMatchObject({ code: 'invalid-message' })
    client.channel.dispose()
    expect(await valueOf(engine, 'select 1')).toBe('1')
  })

  test('leaves text in UTF-8 behind, whatever a program has set', async () => {
    await withClient(async (client) => {
      await client.query(`set client_encoding to 'LATIN1'`)
    })
    expect(await valueOf(engine, `select 'é'`)).toBe('é')
  })
})
