/**
 * Conversations of several sessions next to each other, as the wire endpoint has them: one suite, run for each
 * factory.
 */

import { beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/main/engine/engine.ts'
import { conversingFixture, type ConversingClient as Client } from '../support/conversing-client.ts'
import { engineFactories, must, openTimeoutMs, valueOf } from '../support/engine-fixture.ts'
import { serialize } from '../support/protocol-client.ts'

describe.each(engineFactories)('conversations on $name', ({ create }) => {
  const { engine: theEngine, open } = conversingFixture(create())
  let engine: Engine

  beforeAll(() => void (engine = theEngine()))

  test('are run in the order in which they were sent, each in its session', async () => {
    const all = await open(20)
    const answers = await Promise.all(
      all.map((client, index) => client.answer(serialize.query(`set application_name = 'n${index}'`))),
    )
    expect(new Set(answers)).toEqual(new Set(['CSZI']))
    const names = await Promise.all(
      all.map(async (client) => {
        client.conversation.send([serialize.query('show application_name')])
        while (client.conversation.state.isRunning) await new Promise((resolve) => setImmediate(resolve))
        return /n\d+/.exec(Buffer.concat(client.bytes.splice(0)).toString('latin1'))?.[0]
      }),
    )
    expect(names).toEqual(all.map((_, index) => `n${index}`))
  })

  test('wait while another has a transaction open, or is in the middle of a pipeline', async () => {
    const [a, b] = (await open(2)) as [Client, Client]
    const { parse, bind, execute, flush, sync, query } = serialize
    const insert = [parse({ text: 'insert into things values (1)' }), bind({}), execute({}), flush()]
    for (const [beginning, middle, end] of [
      [[query('begin')], query('select 1'), query('commit')],
      [insert, flush(), sync()],
    ] as const) {
      await a.answer(...beginning)
      const others = b.answer(query('select 1'))
      await a.answer(middle)
      expect(b.restCount).toBe(0)
      expect(await a.answer(end)).toMatch(/ZI$/)
      expect(await others).toBe('TDCZI')
      b.restCount = 0
    }
  })

  test('are not let go by a Sync, or a call, that more of the pipeline came with', async () => {
    for (const before of [serialize.sync(), Buffer.from('F\0\0\0\x0e\0\0\0\0\0\0\0\0\0\0', 'latin1')]) {
      const [one, other] = (await open(2)) as [Client, Client]
      const parse = (name: string): Buffer => serialize.parse({ name, text: 'select 1' })
      expect(await one.answer(Buffer.concat([before, parse('s')]))).toMatch(/ZI$/)
      const waiting = other.answer(serialize.query('select 2'))
      const rest = [serialize.bind({ statement: 's' }), serialize.execute(), serialize.sync()]
      expect(await one.answer(Buffer.concat(rest))).toBe('12DCZI')
      expect(await waiting).toBe('TDCZI')
      expect(await one.answer(Buffer.concat([before, parse('left')]))).toMatch(/ZI$/)
      one.dispose()
      expect(await other.answer(serialize.query('select 3'))).toBe('TDCZI')
    }
  })

  test('are in the middle of something after a Flush that is none, which nobody else is made to feel', async () => {
    const [one, other] = (await open(2)) as [Client, Client]
    expect(await one.answer(Buffer.from('H\0\0\0\x05\0', 'latin1'))).toBe('E(08P01)')
    const waiting = other.answer(serialize.parse({ text: 'select 2' }), serialize.sync())
    one.dispose()
    expect(await waiting).toBe('1ZI')
  })

  test('are cancelled one by one: what runs ends, what waits is withdrawn and never run', async () => {
    const [a, b] = (await open(2)) as [Client, Client]
    const sleeping = a.answer(serialize.query('select pg_sleep(3600)'))
    b.conversation.send([serialize.query('insert into things values (99)')])
    expect(b.conversation.withdraw()).toBe(true)
    // It may not have begun.
    while (a.conversation.state.isRunning) {
      await a.conversation.cancel()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await sleeping).toMatch(/E\(57014\)ZI$/)
    expect(await b.answer()).toBe('')
    expect(await b.answer(serialize.query('select 1 from things where i = 99'))).toBe('TCZI')
    expect(b.conversation.withdraw()).toBe(false)
  })

  test('end in the middle of anything, and the next one goes on', async () => {
    const unfinished = [
      [serialize.query('begin; insert into things values (7)')],
      [serialize.query('select pg_sleep(3600)')],
      [serialize.query('copy things from stdin')],
      [serialize.query('select * from generate_series(1, 10000000)')],
      [serialize.parse({ text: 'insert into things values (7)' }), serialize.bind({}), serialize.execute({})],
    ]
    for (const messages of unfinished) {
      const [a, b] = (await open(2)) as [Client, Client]
      a.conversation.send([...messages, serialize.flush()])
      const answer = b.answer(serialize.query('select 1 from things where i = 7'))
      a.dispose()
      expect(await answer).toBe('TCZI')
      b.dispose()
    }
  })

  test('stream a COPY in, however long, and a result out, however slowly it is taken', async () => {
    const [a, b] = (await open(2)) as [Client, Client]
    expect(await a.answer(serialize.query('copy things from stdin'))).toBe('G')
    const rows = Buffer.from('1234567\n'.repeat(8_000))
    for (let part = 0; part < 30; part += 1) {
      while (!a.conversation.mayCopy) await new Promise((resolve) => setImmediate(resolve))
      a.conversation.send([serialize.copyData(rows)])
    }
    a.conversation.send([serialize.copyDone()])
    while (!a.conversation.state.isReady) await new Promise((resolve) => setImmediate(resolve))
    expect(await a.answer()).toBe('CZI')
    a.conversation.hold(true)
    a.conversation.send([serialize.query('select * from things')])
    for (let turn = 0; turn < 1_000; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    const before = a.bytes.reduce((sum, { length }) => sum + length, 0)
    expect(before).toBeLessThan(3 << 20)
    a.conversation.hold(false)
    expect(await a.answer()).toBe('TDCZI')
    expect(await b.answer(serialize.query('truncate things'))).toBe('CZI')
  })

  test('take messages of many megabytes, and refuse what would end the backend', async () => {
    const [a, b] = (await open(2)) as [Client, Client]
    expect(await a.answer(serialize.query(`select length('${'x'.repeat(5 << 20)}')`))).toBe('TDCZI')
    expect(() => a.conversation.send([Buffer.of(0x7a, 0, 0, 0, 4)])).toThrow(
      /invalid frontend message type 122/,
    )
    await b.answer(serialize.query('copy things from stdin'))
    b.conversation.send([serialize.query('select 1')])
    await b.answer()
    expect(b.failure).toMatchObject({ code: 'invalid-message' })
  })

  test('wait for the end of a statement that somebody else runs, and that one for theirs', async () => {
    const [a] = (await open(1)) as [Client]
    expect(await a.answer(serialize.query('select 1'))).toBe('TDCZI')
    expect(await valueOf(engine, 'select 2')).toBe('2')
    expect(await a.answer(serialize.query('begin'))).toBe('CZT')
    expect(() => engine.openChannel()).toThrow('one thing at a time')
    expect(await a.answer(serialize.query('commit'))).toBe('CZI')
    expect(await valueOf(engine, 'select 3')).toBe('3')
  })

  test('a transaction that is begun ahead begins with what is sent next, and nothing is answered twice', async () => {
    const [a, b] = (await open(2)) as [Client, Client]
    const { query, sync, parse, bind, execute } = serialize
    expect([a.conversation.beginAhead(query('begin')), a.conversation.state.ahead]).toEqual([true, 'open'])
    expect(await b.answer(query('insert into things values (1)'))).toBe('CZI')
    const pipeline = [parse({ text: 'select * from things' }), bind(), execute({}), sync()]
    expect(await a.answer(Buffer.concat(pipeline))).toBe('12DCZT')
    expect([a.conversation.state.ahead, a.conversation.beginAhead(query('begin'))]).toEqual([null, false])
    expect(await a.answer(query('rollback'))).toBe('CZI')
    a.conversation.beginAhead(query('begin'))
    a.conversation.failAhead()
    expect(await a.answer(query('delete from things'))).toBe('E(25P02)ZE')
    expect(await a.answer(query('rollback'))).toBe('CZI')
    expect(await b.answer(query('select * from things'))).toBe('TDCZI')
    expect(await b.answer(query('truncate things'))).toBe('CZI')
  })

  test('a cancel that comes while a transaction begins ends what follows, or nothing', async () => {
    const [a] = (await open(1)) as [Client]
    const { query } = serialize
    for (let round = 0; round < 200; round += 1) {
      a.conversation.beginAhead(query('begin'))
      const answer = a.answer(query('insert into things values (1)'))
      for (let turn = 0; turn < round % 8; turn += 1) await Promise.resolve()
      const cancelled = round % 2 === 0 ? a.conversation.cancel() : Promise.resolve()
      if (round % 3 === 0) a.conversation.withdraw()
      const types = await answer
      await cancelled
      // Nothing is answered where it was withdrawn.
      expect(['CZT null', 'E(57014)ZE null', ' open']).toContain(`${types} ${a.conversation.state.ahead}`)
      expect(await a.answer(query('rollback'))).toBe('CZI')
    }
    expect(await valueOf(engine, 'select count(*) from things')).toBe('0')
  })

  test('a cancel that comes when a transaction has ended hits nobody who has begun meanwhile', async () => {
    const [a, b] = (await open(2)) as [Client, Client]
    const { query, copyData, copyDone } = serialize
    await must(engine, 'create table told (i int)')
    await must(
      engine,
      `create function tell() returns trigger language plpgsql
      as $$begin raise log 'it has begun'; return null; end$$`,
    )
    await must(engine, 'create trigger tell before insert on told execute function tell()')
    expect(await a.answer(query('begin'))).toBe('CZT')
    b.conversation.send([query('copy told from stdin')])
    a.conversation.send([query('commit')])
    // As long as this waits, the host takes no answer, and cannot know that the transaction has ended.
    const giveUpMs = performance.now() + openTimeoutMs / 2
    const hasBegun = (): boolean => engine.logTail?.some((line) => line.includes('it has begun')) === true
    while (!hasBegun()) expect(performance.now()).toBeLessThan(giveUpMs)
    const cancelled = a.conversation.cancel()
    expect(await a.answer()).toBe('CZI')
    await cancelled
    expect(await b.answer()).toBe('G')
    expect(await b.answer(copyData(Buffer.from('1\n')), copyDone())).toBe('CZI')
    expect(await valueOf(engine, 'select count(*) from told')).toBe('1')
  })

  test('an error behind a COPY that has failed skips what is the own client’s, and nobody else’s', async () => {
    const [a, b] = (await open(2)) as [Client, Client]
    const { query, copyData, parse, bind, execute, sync } = serialize
    expect(await b.answer(parse({ name: 's', text: 'select 1' }), sync())).toBe('1ZI')
    expect(await a.answer(query('copy things from stdin'))).toBe('G')
    const longFlush = Buffer.from('H\0\0\0\x05\0', 'latin1')
    const answered = a.answer(Buffer.concat([copyData(Buffer.alloc(4)), longFlush]))
    expect(await answered).toBe('E(22021)ZIE(08P01)')
    const other = b.answer(bind({ statement: 's' }), execute({}), sync())
    expect(await a.answer(query('select 1'))).toBe('')
    expect(await a.answer(sync())).toBe('ZI')
    expect(await other).toBe('2DCZI')
  })

  test('what a client that leaves in a COPY has sent behind it is answered to nobody', async () => {
    const [a, b] = (await open(2)) as [Client, Client]
    const { query, copyData, sync } = serialize
    await must(engine, 'create table rows (i int)')
    await must(
      engine,
      `create function wait() returns trigger language plpgsql
      as $$begin raise log 'a row has come'; perform pg_sleep(600); return new; end$$`,
    )
    await must(engine, 'create trigger wait before insert on rows for each row execute function wait()')
    expect(await a.answer(query('copy rows from stdin'))).toBe('G')
    a.conversation.send([Buffer.concat([copyData(Buffer.from('1\n')), copyData(Buffer.from('2\n')), sync()])])
    await expect
      .poll(() => engine.logTail?.join('\n'), { interval: 1, timeout: openTimeoutMs })
      .toContain('a row has come')
    a.dispose()
    expect(await b.answer(query('select 1'))).toBe('TDCZI')
  })

  test('a simple query in the middle of a pipeline leaves no transaction to others', async () => {
    const [a, b] = (await open(2)) as [Client, Client]
    const { parse, bind, execute, sync, query } = serialize
    const insert = [parse({ text: 'insert into things values (1)' }), bind({}), execute({})]
    expect(await a.answer(...insert, query('select 1'))).toBe('12CTDCZT')
    expect(await a.answer(sync())).toBe('ZI')
    expect(await b.answer(query('select * from things'))).toBe('TCZI')
    expect(await a.answer(query('insert into things values (2)'))).toBe('CZI')
    expect(await b.answer(query('delete from things'))).toBe('CZI')
  })
})
