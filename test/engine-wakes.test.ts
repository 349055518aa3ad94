/**
 * Who wakes whom between the host's thread and the engine's: each sleeps as often as it can, and nothing that was left
 * to the other stays undone for it. No watch on the engine's life wakes it in these tests.
 */

import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type {
  Engine,
  EngineConversation,
  EngineSession,
  EngineSessionOptions,
} from '../src/main/engine/engine.ts'
import { PgliteEngineFactory } from '../src/main/engine/pglite/pglite-engine-factory.ts'
import { placesMax } from '../src/main/engine/pglite/shared-line.ts'
import { engineFixture, must, testTemplatesDirectory, valueOf } from './support/engine-fixture.ts'
import { serialize } from './support/protocol-client.ts'

const liveness = { intervalMs: 3_600_000, cpuMsMax: 60_000 }
const { open } = engineFixture(
  new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory, liveness }),
)

class Client {
  readonly conversation: EngineConversation
  readonly #session: EngineSession
  readonly #rested = [Promise.withResolvers<void>()]
  readonly waited = Promise.withResolvers<void>()
  readonly freed = Promise.withResolvers<void>()
  /** Of the last answer. */
  readonly #parts: Buffer[] = []
  byteCount = 0

  static async open(
    engine: Engine,
    options: Partial<EngineSessionOptions> = {},
    onOutput: () => void = () => undefined,
  ): Promise<Client> {
    return new Client(await engine.openSession({ role: 'postgres', settings: [], ...options }), onOutput)
  }

  private constructor(session: EngineSession, onOutput: () => void) {
    this.#session = session
    this.conversation = session.converse({
      onOutput: (bytes) => {
        this.#parts.push(Buffer.from(bytes))
        this.byteCount += bytes.length
        onOutput()
      },
      onRest: () => this.#rested.at(-1)?.resolve(),
      onWait: () => this.waited.resolve(),
      onFree: () => this.freed.resolve(),
      onExpired: () => undefined,
      onFailed: (error) => this.#rested.at(-1)?.reject(error),
    })
  }

  /** Resolves when it is answered. */
  async ask(sql: string): Promise<void> {
    const rested = Promise.withResolvers<void>()
    this.#rested.push(rested)
    this.#parts.length = 0
    this.conversation.send([serialize.query(sql)])
    await rested.promise
  }

  get answer(): string {
    return Buffer.concat(this.#parts).toString('latin1')
  }

  /** As its session has reported them. */
  get parameters(): Readonly<Record<string, string>> {
    return this.#session.parameters
  }

  /** The state in ReadyForQuery. */
  get state(): string | undefined {
    return this.answer.at(-1)
  }

  leave(): void {
    this.conversation.dispose()
    this.#session.dispose()
  }
}

/** The engine's thread has time to begin what it was sent; nothing is wrong where it has not. */
async function manyTurns(): Promise<void> {
  for (let turn = 0; turn < 1_000; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

test('what a session has held is free soon after it has ended, although nobody asks for anything', async () => {
  const engine = await open()
  const [holder, waiter] = [await Client.open(engine), await Client.open(engine)]
  await holder.ask('select pg_advisory_lock(1)')
  waiter.conversation.send([serialize.query('select pg_advisory_lock(1)')])
  await waiter.waited.promise
  holder.leave()
  await waiter.freed.promise
  await waiter.ask('select pg_advisory_lock(1)')
  expect(waiter.state).toBe('I')
  waiter.leave()
})

test('a result that fills what host and engine share goes on when the host has taken of it', async () => {
  const engine = await open()
  let hash = Buffer.alloc(1 << 20)
  const client = await Client.open(engine, {}, () => {
    // Keeps the host busy for as long as the engine takes to put out more than there is room for.
    for (let round = 0; round < 100 && client.byteCount < 1 << 20; round += 1) {
      hash = Buffer.concat([createHash('sha256').update(hash).digest(), hash.subarray(32)])
    }
  })
  await client.ask(`select repeat('x', 1000) from generate_series(1, 20000)`)
  expect(client.byteCount).toBeGreaterThan(20_000_000)
  client.leave()
})

test('a session that begins when a client has left its transaction begins outside of it', async () => {
  const engine = await open()
  await must(engine, 'create table things (i int)')
  await must(engine, 'create role reader')
  await must(engine, 'grant select on things to reader')
  for (let round = 0; round < 20; round += 1) {
    const client = await Client.open(engine)
    await client.ask('begin')
    await client.ask('insert into things values (1)')
    expect(client.state).toBe('T')
    client.leave()
    const next = await Client.open(engine, { role: 'reader', settings: [['search_path', 'public,other']] })
    await next.ask(`select current_user, current_setting('search_path'), count(*) from things`)
    expect(next.answer).toContain('\x06reader\0\0\0\x0cpublic,other\0\0\0\x010C')
    expect(next.state).toBe('I')
    next.leave()
  }
  expect(await valueOf(engine, 'select count(*) from things')).toBe('0')
})

test('whoever is answered after a client has left finds nothing of it any more', async () => {
  const engine = await open()
  const [first, second] = [await Client.open(engine), await Client.open(engine)]
  for (let round = 0; round < 20; round += 1) {
    const holder = await Client.open(engine)
    await holder.ask('select pg_advisory_lock(1)')
    holder.leave()
    const other = round % 2 === 0 ? first : second
    await other.ask(`do $$begin assert pg_try_advisory_xact_lock(1); end$$`)
    expect(other.answer).toContain('\x07DO\0Z')
  }
  first.leave()
  second.leave()
})

test('a client that leaves while more waits than there is room for takes nobody with it', async () => {
  const engine = await open()
  const [busy, leaver] = [await Client.open(engine), await Client.open(engine)]
  const others: Client[] = []
  while (others.length < 10) others.push(await Client.open(engine))
  const long = busy.ask('select pg_sleep(0.5)')
  await manyTurns()
  leaver.conversation.send([serialize.query('select 1')])
  // Ten times 60 KB are more than the host may be ahead of the engine's thread with.
  const answers = others.map((client) => client.ask(`select length('${'x'.repeat(60_000)}')`))
  leaver.leave()
  await Promise.all([long, ...answers])
  expect(others.map(({ answer }) => answer.includes('60000'))).toEqual(others.map(() => true))
  for (const client of [busy, ...others]) client.leave()
})

test('clients that come and leave without a word never use up the places that there are', async () => {
  const engine = await open()
  for (let count = 0; count <= placesMax; count += 1) (await Client.open(engine)).leave()
  expect(await valueOf(engine, 'select 1')).toBe('1')
})

const alike = { settings: [['application_name', 'alike']], mayBeginLater: true } as const
const countAlike = `select count(*) from pg_stat_activity where application_name = 'alike'`

test('a session whose beginning nobody waits for is there before anything else is run', async () => {
  const engine = await open()
  const clients: Client[] = []
  while (clients.length < 4) {
    clients.push(await Client.open(engine, alike))
    expect(await valueOf(engine, countAlike)).toBe(String(clients.length))
  }
  for (const client of clients) client.leave()
})

test('what a client has written that left in the middle holds for who begins behind it', async () => {
  const engine = await open()
  await must(engine, 'create role app login')
  const app = { ...alike, role: 'app' }
  const first = await Client.open(engine, app)
  for (const timeZone of ['Europe/Berlin', 'Asia/Tokyo', 'Europe/Paris', 'America/Lima']) {
    const writer = await Client.open(engine)
    const write = `alter role app set timezone = '${timeZone}'`
    const words = `do $$begin perform pg_sleep(60); exception when query_canceled then ${write}; end$$`
    writer.conversation.send([serialize.query(words)])
    await manyTurns()
    // What it waits for is cancelled, and only then it writes.
    writer.leave()
    const next = await Client.open(engine, app)
    await next.ask('show timezone')
    expect(next.answer).toContain(next.parameters['TimeZone'])
    next.leave()
  }
  first.leave()
})

test('whoever leaves before its session has begun leaves nothing', async () => {
  const engine = await open()
  const first = await Client.open(engine, alike)
  for (let count = 0; count < 20; count += 1) (await Client.open(engine, alike)).leave()
  expect(await valueOf(engine, countAlike)).toBe('1')
  first.leave()
  expect(await valueOf(engine, countAlike)).toBe('0')
})

test('what ALTER ROLE sets holds for the next session like one that has begun', async () => {
  const engine = await open()
  for (const timeZone of ['Europe/Berlin', 'Asia/Tokyo']) {
    await must(engine, `alter role postgres set timezone = '${timeZone}'`)
    for (let count = 0; count < 3; count += 1) {
      const client = await Client.open(engine, alike)
      await client.ask('show timezone')
      expect([client.answer.includes(timeZone), client.parameters['TimeZone']]).toEqual([true, timeZone])
      client.leave()
    }
  }
})

test('a session that cannot begin after all fails its conversation, and nobody else notices', async () => {
  const engine = await open()
  const options = { settings: [['plpgsql.variable_conflict', 'nonsense']], mayBeginLater: true } as const
  // Any name with a dot is taken, until a module has it; to load one writes nothing.
  const [first, other] = [await Client.open(engine, options), await Client.open(engine)]
  await other.ask('do $$begin end$$')
  const refused = await Client.open(engine, options)
  await expect(refused.ask('select 1')).rejects.toMatchObject({ code: 'sql-error', sql: { code: '22023' } })
  refused.leave()
  // From now on it is asked for.
  await expect(Client.open(engine, options)).rejects.toMatchObject({ sql: { code: '22023' } })
  for (const client of [first, other]) {
    await client.ask('select 1')
    expect(client.state).toBe('I')
    client.leave()
  }
})
