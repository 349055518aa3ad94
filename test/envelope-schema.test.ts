/**
 * Goal: docs/protocol.schema.json describes what subscriptions, answers that are given again, and clients that come
 * back put on a socket. Method: every frame of such conversations is held against it; requests and answers besides
 * these are in the tests of the envelope protocol itself.
 */

import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { expect, it } from 'vitest'
import type { EnvelopeClient, ReceivedFrame } from './support/envelope-client.ts'
import { envelopeFixture } from './support/envelope-fixture.ts'
import { errorOf, eventsOf, kindsOf } from './support/subscriber.ts'

const fixture = envelopeFixture()
const { until } = fixture

const text = readFileSync(new URL('../docs/protocol.schema.json', import.meta.url), 'utf8')
const isEnvelope = new Ajv({ strict: false }).compile(JSON.parse(text) as object)

/** Sends what the schema allows, and nothing else. */
async function ask(
  client: EnvelopeClient,
  ...sent: Parameters<EnvelopeClient['ask']>
): Promise<ReceivedFrame> {
  const [type, data, meta] = sent
  const request = { meta: { type, request_id: '1', ...meta }, data }
  expect([type, isEnvelope(request), isEnvelope.errors]).toEqual([type, true, null])
  return client.ask(...sent)
}

function check({ frames }: EnvelopeClient): void {
  for (const frame of frames)
    expect([frame, isEnvelope(frame), isEnvelope.errors]).toEqual([frame, true, null])
}

it('describes events of every kind, and hello of a client that comes back', async () => {
  const client = await fixture.connect()
  await ask(client, 'query', { sql: 'create table kept (id int primary key, who text)' })
  await ask(client, 'subscribe', { subscription: 'c', channel: 'news' })
  const wish = {
    subscription: 's',
    sql: 'select id, who from kept where id > $1',
    params: ['0'],
    key: ['id'],
  }
  await ask(client, 'subscribe', wish)
  await ask(client, 'subscribe', { subscription: 'ends', sql: 'select id from kept' })
  await ask(client, 'subscribe', { subscription: 'c', channel: 'again' })
  await ask(client, 'subscribe', { subscription: 'gone', channel: 'other' })
  await ask(client, 'unsubscribe', { subscription: 'gone' })
  for (const sql of [
    `insert into kept values (1, null), (2, 'b')`,
    `update kept set who = 'c' where id = 1`,
    `delete from kept where id = 2`,
    `notify news, 'one'`,
  ]) {
    await ask(client, 'query', { sql })
  }
  await until(() => kindsOf(client, 's').some((kind) => kind.endsWith(' diff')))
  await ask(client, 'query', { sql: 'alter table kept rename to moved' })
  await until(() => errorOf(client, 'ends') !== null && eventsOf(client, 'c').length === 1)
  await ask(client, 'introspect', { schemas: ['public'] })
  const kinds = new Set(client.frames.map(({ meta, data }) => `${meta.type} ${String(data?.kind)}`))
  for (const kind of ['snapshot', 'diff', 'error', 'undefined']) expect(kinds).toContain(`event ${kind}`)
  check(client)

  const socket_id = client.frames.find(({ meta }) => meta.type === 'hello_ok')?.data?.socket_id
  client.socket.terminate()
  await client.closed
  const again = await fixture.connect({ token: null })
  const resume = ['c', 'none'].map((subscription) => ({ subscription, last_event_id: 0, socket_id }))
  const ok = await ask(again, 'hello', { token: 'secret', resume }, { tenant: 'shop' })
  expect(ok.data).toMatchObject({ resumed: ['c'], must_refetch: ['none'] })
  await until(() => kindsOf(again, 'none').length === 1 && eventsOf(again, 'c').length === 1)
  check(again)
  await ask(again, 'unsubscribe', { subscription: 'c' })
})

it('describes answers that are given again, whole, cut and in frames', async () => {
  const client = await fixture.connect({ isReading: true })
  for (const sql of ['select 1', `select repeat('x', 200) from generate_series(1, 600)`, 'select 1/0']) {
    const key = { idempotency_key: sql, traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }
    const answers = [await ask(client, 'query', { sql }, key), await ask(client, 'query', { sql }, key)]
    expect(answers.map(({ meta }) => meta.replayed ?? false)).toEqual([false, true])
  }
  const steps = [{ sql: 'select 1' }, { sql: 'select 1/0' }]
  const key = { idempotency_key: 'batch' }
  await ask(client, 'batch', { steps }, key)
  expect((await ask(client, 'batch', { steps }, key)).meta.replayed).toBe(true)
  expect((await ask(client, 'batch', { steps: [] }, key)).error?.code).toBe('idempotency_conflict')
  check(client)
})

it.each([
  ['an event of no subscription', { meta: { type: 'event', event_id: 1 }, data: { kind: 'must_refetch' } }],
  [
    'an event without a number',
    { meta: { type: 'event', subscription: 's' }, data: { kind: 'must_refetch' } },
  ],
  ['event 0', { meta: { type: 'event', subscription: 's', event_id: 0 }, data: { kind: 'must_refetch' } }],
  [
    'half a difference',
    { meta: { type: 'event', subscription: 's', event_id: 1 }, data: { kind: 'diff', inserted: [] } },
  ],
  [
    'rows that are no texts',
    { meta: { type: 'event', subscription: 's', event_id: 1 }, data: { kind: 'snapshot', rows: [[1]] } },
  ],
  [
    'the loss of a subscription whose socket nobody names',
    {
      meta: { type: 'hello', request_id: '1' },
      data: { token: 't', resume: [{ subscription: 's', last_event_id: 1 }] },
    },
  ],
  [
    'an answer that is not given again and says so',
    {
      meta: { type: 'complete', request_id: '1', replayed: false },
      data: { command: 'SELECT', row_count: 1 },
    },
  ],
  [
    'a channel and a query at once',
    {
      meta: { type: 'subscribe', request_id: '1' },
      data: { subscription: 's', channel: 'c', sql: 'select 1' },
    },
  ],
])('does not describe %s', (_what, frame) => {
  expect(isEnvelope(frame)).toBe(false)
})
