/**
 * Goal: what a client has sent without a Sync is run as soon as it pauses, so that errors are told as a server tells
 * them, and what does not belong into a COPY ends its own client alone. Method: conversations of a real instance; what
 * each is told, as lines.
 */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { present } from '../src/base/assert.ts'
import { systemClock } from '../src/base/clock.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import type { WireConversation } from '../src/main/session/wire-conversation.ts'
import { openTimeoutMs } from './support/engine-fixture.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import * as m from './support/wire/frontend-messages.ts'
import { messageLine } from './support/wire/message-lines.ts'
import { memoryWorkbench } from './support/wire-workbench.ts'

class Client {
  readonly conversation: WireConversation
  readonly #lines: string[] = []
  #bytes = Buffer.alloc(0)
  #wake: () => void = () => undefined
  /** Called within what delivers it. */
  onLine: (line: string) => void = () => undefined

  constructor(conversation: WireConversation) {
    this.conversation = conversation
    conversation.start({
      onOutput: (bytes) => this.#take(Buffer.from(bytes)),
      onRoom: () => undefined,
      onEnd: (error) => this.#add(error ? `ended: ${error.message}` : 'ended'),
    })
  }

  send(...messages: readonly Uint8Array[]): void {
    this.conversation.write(Buffer.concat(messages))
  }

  /** Everything up to a line that begins with `start`. */
  async until(start: string): Promise<string[]> {
    for (;;) {
      const at = this.#lines.findIndex((line) => line.startsWith(start))
      if (at >= 0) return this.#lines.splice(0, at + 1)
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  async query(sql: string): Promise<string[]> {
    this.send(m.query(sql))
    return this.until('Z')
  }

  #take(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes])
    for (let size = 0; this.#bytes.length >= 5; this.#bytes = this.#bytes.subarray(size)) {
      size = 1 + this.#bytes.readInt32BE(1)
      if (size > this.#bytes.length) break
      const type = String.fromCharCode(this.#bytes[0] ?? 0)
      this.#add(messageLine({ type, body: this.#bytes.subarray(5, size) }, String))
    }
  }

  #add(line: string): void {
    this.#lines.push(line)
    this.onLine(line)
    this.#wake()
  }
}

const lost = 'ended: terminating connection because protocol synchronization was lost'
const misplaced = (type: string): string =>
  `E ERROR 08P01 unexpected message type ${type} during COPY from stdin`

describe('what a client has sent without a Sync', () => {
  const path = temporaryDirectory()
  const clients: Client[] = []
  let host: WorkbenchHost

  beforeAll(async () => {
    host = await startHost({
      ...{ dataDirectory: path('data'), shell: 'command', clock: systemClock },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    })
    await memoryWorkbench(host, 'shop')
  }, openTimeoutMs)
  afterAll(() => host.stop())
  beforeEach(async () => {
    for (const { conversation } of clients.splice(0)) conversation.dispose()
    const client = await connect()
    await client.query('drop table if exists t; create table t (n int)')
  })

  async function connect(): Promise<Client> {
    const server = present(host.wireServer('shop'), 'The instance')
    const options = { role: 'postgres', settings: new Map(), title: 'client', address: null, port: null }
    const client = new Client(await server.openSession(options))
    clients.push(client)
    return client
  }

  test('is run when it pauses, its errors are told at once, and the rest is skipped to its Sync', async () => {
    const a = await connect()
    const b = await connect()
    a.send(m.extended('insert into t values (1)'), m.extended('select 1/0'))
    expect((await a.until('E')).slice(-1)).toEqual(['E ERROR 22012 division by zero'])
    b.send(m.query('select count(*) from t'))
    a.send(m.extended('nonsense'), m.flush(), m.sync())
    expect(await a.until('Z')).toEqual(['Z I'])
    expect(await b.until('Z')).toContain('D ["0"]')
  })

  test("is nobody else's trouble when the client leaves at the very first answer of a COPY", async () => {
    const a = await connect()
    const b = await connect()
    const { conversation } = a
    const left = new Promise<void>((resolve) => {
      a.onLine = (line) => {
        if (!line.startsWith('G')) return
        conversation.dispose()
        resolve()
      }
    })
    a.send(m.extended('copy t from stdin'), m.sync())
    b.send(m.query('select count(*) from t'))
    await left
    expect(await b.until('Z')).toContain('D ["0"]')
    const c = await connect()
    expect(await c.query('select count(*) from t')).toContain('D ["0"]')
  })

  test('tells of notices at once, too', async () => {
    const a = await connect()
    a.send(m.extended(`do $$begin raise notice 'x'; end$$`))
    expect((await a.until('N')).slice(-1)).toEqual(['N NOTICE 00000 x'])
    a.send(m.sync())
    expect(await a.until('Z')).toEqual(['C DO', 'Z I'])
  })

  test('is run behind the transaction of another, with what has come meanwhile', async () => {
    const a = await connect()
    const b = await connect()
    await b.query('begin')
    a.send(m.extended('insert into t values (1)'))
    await b.query('select 1')
    a.send(m.extended('nonsense').subarray(0, 7))
    await b.query('commit')
    a.send(m.extended('nonsense').subarray(7))
    expect((await a.until('E')).slice(-1)[0]).toMatch(/^E ERROR 42601 /)
    a.send(m.sync())
    expect(await a.until('Z')).toEqual(['Z I'])
  })

  test('is still run when it ends, and nothing of it stays', async () => {
    const b = await connect()
    for (const how of ['terminate', 'close'] as const) {
      const a = await connect()
      a.send(m.extended('insert into t values (1)'), m.parse('nonsense'))
      a.conversation.end(how)
      expect((await a.until('ended')).slice(-2)).toEqual([
        'E ERROR 42601 syntax error at or near "nonsense" | P=1',
        'ended',
      ])
      expect(await b.query('begin; lock table t; select count(*) from t; commit')).toContain('D ["0"]')
    }
  })

  test('waits for its Sync if the host itself may be meant', async () => {
    const a = await connect()
    a.send(m.extended('create database made'))
    // Whose pause begins later has been run.
    const b = await connect()
    b.send(m.extended('nonsense'))
    await b.until('E')
    b.send(m.sync())
    a.send(m.sync())
    expect((await a.until('Z')).slice(-2)).toEqual(['C CREATE DATABASE', 'Z I'])
    expect(await a.query('drop database made')).toEqual(['C DROP DATABASE', 'Z I'])
  })

  test('waits for a lock of another session, as what is at its end does', async () => {
    const a = await connect()
    const b = await connect()
    const c = await connect()
    await b.query('select pg_advisory_lock(7)')
    for (const end of [m.flush(), Buffer.alloc(0)]) {
      a.send(m.extended('insert into t values (1)'), m.extended('select pg_advisory_lock(7)'), end)
      // Meanwhile others have the backend: nothing of it has been done.
      for (let round = 0; round < 3; round += 1) {
        expect(await c.query('select count(*), pg_sleep(0.05) from t')).toContain('D ["0", ""]')
      }
      await b.query('select pg_advisory_unlock(7)')
      a.send(m.sync())
      const lines = await a.until('Z')
      expect(lines.filter((line) => line.startsWith('C'))).toEqual(['C INSERT 0 1', 'C SELECT 1'])
      expect(lines.at(-1)).toBe('Z I')
      await a.query('select pg_advisory_unlock(7); delete from t')
      await b.query('select pg_advisory_lock(7)')
    }
  })

  test.for([
    ['Query', m.query('select 1'), '0x51'],
    ['Parse', m.parse('select 1'), '0x50'],
    ['message of no type', m.frame('?'), '0x3F'],
    ['Query of no length', m.frame('Q', Buffer.alloc(0), 0), '0x51'],
    ['Bind behind good data', Buffer.concat([m.copyData('2\n'), m.bind()]), '0x42'],
  ] as const)('ends a COPY and its client if it is a %s', async ([, wrong, type]) => {
    const a = await connect()
    const b = await connect()
    a.send(m.query('copy t from stdin'), m.copyData('1\n'))
    await a.until('G')
    a.send(wrong)
    expect(await a.until('ended')).toEqual([misplaced(type), lost])
    expect(await b.query('select count(*) from t')).toContain('D ["0"]')
  })

  test('is the data of a COPY, which ends by a cancel or a timeout in their own words', async () => {
    const a = await connect()
    await a.query('prepare s as select 1')
    for (const stop of ['cancel', 'timeout']) {
      if (stop === 'timeout') await a.query(`set statement_timeout = '1s'`)
      a.send(m.query('copy t from stdin'), m.copyData('1\n'))
      await a.until('G')
      if (stop === 'cancel') a.conversation.cancel()
      const why = stop === 'cancel' ? 'user request' : 'statement timeout'
      expect(await a.until('Z')).toEqual([`E ERROR 57014 canceling statement due to ${why}`, 'Z I'])
      // What was under way is passed over.
      a.send(m.copyData('2\n'), m.copyDone())
      expect(await a.query('execute s')).toEqual(['T [?column? 23/4/-1]', 'D ["1"]', 'C SELECT 1', 'Z I'])
    }
  })

  test.for([
    ['Terminate', 'terminate', misplaced('0x58')],
    ['half-close', 'close', 'E ERROR 08006 unexpected EOF on client connection with an open transaction'],
  ] as const)('is what a COPY still waits for at a %s, which is told', async ([, how, error]) => {
    const a = await connect()
    const b = await connect()
    await a.query('begin')
    a.send(m.query('copy t from stdin'), m.copyData('1\n'), m.copyData('2\n').subarray(0, 6))
    a.conversation.end(how)
    expect(await a.until('ended')).toEqual(['G text [0]', error, lost])
    expect(await b.query('begin; lock table t; select count(*) from t; commit')).toContain('D ["0"]')
  })
})
