/**
 * Several conversations of one backend, without sockets: each is answered when it is done, whatever others have sent
 * behind it, and a cancel that comes at any moment after a client has sent its statement ends it: before its turn,
 * between the turn and the statement's begin, and while it runs. `WARDIAN_CANCEL_ROUNDS` sets the number of rounds.
 */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { present } from '../src/base/assert.ts'
import { systemClock } from '../src/base/clock.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import type { WireConversation } from '../src/main/session/wire-conversation.ts'
import { openTimeoutMs } from './support/engine-fixture.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import * as m from './support/wire/frontend-messages.ts'
import { memoryWorkbench } from './support/wire-workbench.ts'

const rounds = Number(process.env['WARDIAN_CANCEL_ROUNDS'] ?? 60)
const path = temporaryDirectory()
let host: WorkbenchHost

beforeAll(async () => {
  host = await startHost({
    ...{ dataDirectory: path('data'), shell: 'command', clock: systemClock },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  })
  await memoryWorkbench(host, 'shop')
}, openTimeoutMs)

afterAll(() => host.stop())

interface Client {
  readonly conversation: WireConversation
  /** What it is answered until it is ready again. */
  answer(): Promise<string>
}

/** Type and length of ReadyForQuery. */
const readyHead = 'Z\0\0\0\u0005'

async function connect(title: string): Promise<Client> {
  const server = present(host.wireServer('shop'), 'The instance')
  const conversation = await server.openSession({
    ...{ role: 'postgres', settings: new Map(), title, address: null, port: null },
  })
  let text = ''
  let ready = Promise.withResolvers<string>()
  let end: Error | null = null
  conversation.start({
    onOutput: (bytes) => {
      text += Buffer.from(bytes).toString('latin1')
      // Behind each ReadyForQuery nothing comes: its state is the last byte.
      if (text.slice(-6, -1) === readyHead) ready.resolve(text)
    },
    onRoom: () => undefined,
    onEnd: (error) => {
      end = error ?? new Error('It has ended')
      ready.reject(end)
    },
  })
  return {
    conversation,
    answer: async () => {
      const answered = await ready.promise
      text = ''
      ready = Promise.withResolvers<string>()
      // It may have ended with that answer.
      if (end) ready.reject(end)
      return answered
    },
  }
}

async function turnsOfTheLoop(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

const endless = {
  'a simple query': m.query('select pg_sleep(600)'),
  'the extended protocol': Buffer.concat([m.extended('select pg_sleep(600)'), m.sync()]),
}

test.each(Object.entries(endless))(
  'a cancel hits at every moment after %s was sent',
  async (_, statement) => {
    const [one, other] = await Promise.all([connect('one'), connect('other')])
    for (let round = 0; round < rounds; round += 1) {
      // Another client's statement is in the way, or has just been.
      const answers = round % 2 === 0 ? [] : [other.answer()]
      if (answers.length > 0) other.conversation.write(m.query('select 1'))
      one.conversation.write(Buffer.from(statement))
      await turnsOfTheLoop(round % 20)
      one.conversation.cancel()
      expect(await one.answer()).toContain('C57014\0')
      await Promise.all(answers)
      one.conversation.write(m.query('select 42'))
      expect(await one.answer()).toContain('SELECT 1\0')
    }
    one.conversation.dispose()
    other.conversation.dispose()
  },
  60_000 + rounds * 1_000,
)

test(
  'a termination hits at every moment after several queries were sent',
  async () => {
    const other = await connect('other')
    for (let round = 0; round < rounds; round += 1) {
      const one = await connect('one')
      const answers = []
      one.conversation.write(Buffer.concat([m.query('select 1'), m.query('select pg_sleep(600)')]))
      if (round % 2 === 0) {
        answers.push(other.answer())
        other.conversation.write(m.query('select 2'))
      }
      await turnsOfTheLoop(round % 20)
      one.conversation.signal('terminate')
      const allAnswers = async (): Promise<void> => {
        for (;;) await one.answer()
      }
      await expect(allAnswers()).rejects.toThrow('administrator command')
      await Promise.allSettled(answers)
    }
    other.conversation.dispose()
  },
  60_000 + rounds * 1_000,
)

test(
  'a small answer does not wait for what another client has sent behind it, however long that is',
  async () => {
    const [one, two, three] = await Promise.all([connect('one'), connect('two'), connect('three')])
    const other = await connect('other')
    for (let round = 0; round < rounds; round += 1) {
      one.conversation.write(m.query('select count(*) from generate_series(1, 100000)'))
      for (const { conversation } of [two, three]) conversation.write(m.query(''))
      other.conversation.write(m.query('select pg_sleep(600)'))
      for (const { answer } of [one, two, three]) await answer()
      other.conversation.cancel()
      expect(await other.answer()).toContain('C57014\0')
    }
    for (const client of [one, two, three, other]) client.conversation.dispose()
  },
  60_000 + rounds * 1_000,
)

test('an answer does not wait for what another client has sent behind it', async () => {
  const [one, other] = await Promise.all([connect('one'), connect('other')])
  one.conversation.write(m.query('select count(*) from generate_series(1, 1000000)'))
  other.conversation.write(m.query('select pg_sleep(600)'))
  expect(await one.answer()).toContain('SELECT 1\0')
  other.conversation.cancel()
  expect(await other.answer()).toContain('C57014\0')
  one.conversation.dispose()
  other.conversation.dispose()
})

test('a cancel of what waits for its turn answers each message that a server would answer', async () => {
  const [one, other] = await Promise.all([connect('one'), connect('other')])
  other.conversation.write(m.query('begin'))
  await other.answer()
  one.conversation.write(Buffer.concat([m.query('select 1'), m.extended('select 2'), m.sync()]))
  await expect.poll(() => one.conversation.activity.waitingFor).toBe('other')
  one.conversation.cancel()
  const told = await one.answer()
  expect(told.match(/C57014|Z/g)).toEqual(['C57014', 'Z', 'C57014', 'Z'])
  one.conversation.dispose()
  other.conversation.dispose()
})
