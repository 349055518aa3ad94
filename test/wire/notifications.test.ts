/** LISTEN and NOTIFY: at commit, to every listener once, in order, and to nobody after a rollback. */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

describe('notifications', () => {
  const suite = wireSuite()

  suite.case('an idle listener hears a notification at once, with payload and pid', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('listen news')
    await b.query(`notify news, 'hello'`)
    expect(await a.take(1)).toEqual(['A news "hello" from b'])
    await b.query('notify news')
    expect(await a.take(1)).toEqual(['A news "" from b'])
    await b.query(`select pg_notify('news', repeat('x', 7999))`)
    await a.take(1)
  })

  suite.case('several listeners hear it, those of other channels do not', async (stage) => {
    const clients = await Promise.all(['a', 'b', 'c'].map((name) => stage.connect(name)))
    const notifier = await stage.connect('n')
    const [a, b, c] = clients
    await a?.query('listen one')
    await b?.query('listen one; listen two')
    await c?.query('listen three')
    await notifier.query(`notify one, '1'`)
    await notifier.query(`notify two, '2'`)
    await notifier.query(`notify three, '3'`)
    await a?.take(1)
    await b?.take(2)
    await c?.take(1)
    for (const client of clients) await client.query('select 1')
  })

  suite.case('the notifier hears itself if it listens, before ReadyForQuery', async (stage) => {
    const a = await stage.connect('a')
    await a.query('listen self')
    await a.query(`notify self, 'me'`)
    await a.query(`begin; notify self, 'one'`)
    await a.query(`notify self, 'two'`)
    await a.query('commit')
    await a.exchange(m.extended(`notify self, 'three'`), m.extended('select 1'), m.sync())
  })

  suite.case('a notification is sent at commit, and never after a rollback', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('listen news')
    await b.query(`begin; notify news, 'lost'; rollback`)
    await b.query(`begin; notify news, 'kept'`)
    await b.query(`savepoint s; notify news, 'undone'; rollback to s; notify news, 'last'`)
    await b.query('commit')
    await a.take(2)
    await b.query(`notify news, 'failed'; select 1/0`)
    await b.query(`notify news, 'end'`)
    expect(await a.take(1)).toEqual(['A news "end" from b'])
  })

  suite.case('equal notifications of one transaction are one, and order is kept', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('listen x; listen y')
    await b.query(`begin; notify x, '1'; notify y, '1'; notify x, '1'; notify x, '2'; notify y, '1'; commit`)
    await a.take(3)
    await b.query(`notify x, '1'`)
    await b.query(`notify x, '1'`)
    await a.take(2)
    await a.query('select 1')
  })

  suite.case('a listener in a transaction hears after it', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('listen news')
    await a.query('begin; select 1')
    await a.query('select 2')
    await a.query('commit')
    await b.query(`notify news, 'now'`)
    await a.take(1)
  })

  suite.case(
    'a notification that comes during a listener\u2019s transaction waits for its end',
    async (stage) => {
      const a = await stage.connect('a')
      const b = await stage.connect('b')
      await a.query('listen news')
      await a.query('begin')
      if (stage.features.isConcurrent) {
        await b.query(`notify news, 'meanwhile'`)
        await a.query('select 1')
        await a.query('commit')
      } else {
        await b.launch(`notify news, 'meanwhile'`)
        await a.query('select 1')
        await a.query('commit')
        await b.ready()
        await a.take(1)
      }
    },
    {
      oneBackend: {
        reason: 'the notifier\u2019s transaction waits for that of the listener to end',
        expectation: (lines) =>
          expect(lines.slice(-4)).toEqual([
            'a< Z I',
            'b< C NOTIFY',
            'b< Z I',
            'a< A news "meanwhile" from b',
          ]),
      },
    },
  )

  suite.case('LISTEN takes effect at commit, and not after a rollback', async (stage) => {
    const a = await stage.connect('a')
    await a.query('begin; listen news; rollback')
    await a.query('select * from pg_listening_channels()')
    await a.query(`notify news, 'unheard'`)
    await a.query(`begin; listen news; notify news, 'same transaction'; commit`)
    await a.query('begin; unlisten news; rollback')
    await a.query('select * from pg_listening_channels()')
    await a.query(`notify news, 'heard'`)
  })

  suite.case('UNLISTEN of one channel, of all, and of unknown ones', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('listen one; listen two; listen three; listen one')
    await b.query('listen one')
    await a.query('unlisten two; unlisten nosuch')
    await a.query('select * from pg_listening_channels() order by 1')
    await b.query(`notify one; notify two; notify three`)
    await a.take(2)
    await a.query('unlisten *')
    await a.query('select count(*) from pg_listening_channels()')
    await b.query(`notify one, 'still b'`)
    await a.query('select 1')
    await b.query('select * from pg_listening_channels()')
  })

  suite.case('channels are names: folded, quoted, cut at 63 bytes', async (stage) => {
    const a = await stage.connect('a')
    await a.query('listen News; listen "News"')
    await a.query(`notify news, 'folded'; notify "News", 'quoted'`)
    await a.query(`listen ${'c'.repeat(70)}; select * from pg_listening_channels() order by 1`)
    await a.query(`select pg_notify('${'c'.repeat(63)}', 'cut')`)
    await a.query(`select pg_notify('${'c'.repeat(64)}', 'long')`)
    await a.query(`select pg_notify('', 'none')`)
    await a.query(`select pg_notify('news', repeat('x', 8000))`)
    await a.query(`select pg_notify(null, 'x')`)
  })

  suite.case('a trigger notifies listeners of what others insert', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await b.query(`create table t (n int); create function tell() returns trigger language plpgsql as
      $$begin perform pg_notify('rows', new.n::text); return new; end$$;
      create trigger tell after insert on t for each row execute function tell()`)
    await a.query('listen rows')
    await b.query('insert into t select generate_series(1, 5)')
    await a.take(5)
    await b.exchange(
      m.extended('insert into t values ($1)', ['6']),
      m.extended('insert into t values (7)'),
      m.sync(),
    )
    await a.take(2)
  })

  suite.case('a listener that is gone, or comes late, hears nothing', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('listen news')
    await a.terminate()
    await b.query(`notify news, 'nobody'`)
    const c = await stage.connect('c')
    await c.query('listen news')
    await b.query(`notify news, 'c'`)
    await c.take(1)
    await c.query('select pg_notification_queue_usage() >= 0')
  })

  suite.case('discard all stops listening for its client alone', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('listen news')
    await b.query('listen news')
    await a.query('discard all')
    await b.query(`notify news, 'b'`)
    await a.query('select * from pg_listening_channels()')
  })

  suite.case('notifications come between the answers of a pipeline, never inside one', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('listen news')
    await a.exchange(
      m.extended('select 1'),
      m.extended(`notify news, 'own'`),
      m.extended('select 2'),
      m.sync(),
    )
    await b.query(`notify news, 'b'`)
    await a.take(1)
  })

  suite.case('a hundred notifications of one transaction come in order', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query('listen news')
    await b.query(`select pg_notify('news', n::text) from generate_series(1, 100) n`)
    await a.take(100)
  })
})
