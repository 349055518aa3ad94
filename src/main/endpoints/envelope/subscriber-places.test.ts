/** Tests that who only subscribes is seen among the clients, can be ended there, and counts like any other. */

import { describe, expect, it } from 'vitest'
import type { EnvelopeClient, ReceivedFrame } from '../../../../test/support/envelope-client.ts'
import { envelopeFixture, writer } from '../../../../test/support/envelope-fixture.ts'
import { errorOf } from '../../../../test/support/subscriber.ts'

const fixture = envelopeFixture()
const { until } = fixture

function listen(client: EnvelopeClient, subscription: string): Promise<ReceivedFrame> {
  return client.ask('subscribe', { subscription, channel: 'news' })
}

const socketIdOf = ({ frames }: EnvelopeClient): unknown =>
  frames.find(({ meta }) => meta.type === 'hello_ok')?.data?.socket_id

/** A token of a role that may connect once. */
async function makeSingle(token: string): Promise<void> {
  const admin = await fixture.connect()
  await admin.query(`create role ${token} connection limit 1`)
  await admin.close()
  await until(() => fixture.clients.size === 0)
  fixture.tokens.set(token, { ...writer, tokenId: token, role: token })
}

describe('a socket that only subscribes', () => {
  it('is seen once, from its first subscription to its last', async () => {
    const client = await fixture.connect()
    expect(fixture.clients.size).toBe(0)
    await Promise.all([listen(client, 'one'), listen(client, 'two')])
    expect(fixture.clients.list()).toMatchObject([
      { user: 'postgres', database: 'shop', applicationName: 'test/1', state: 'idle', statement: null },
    ])
    await client.ask('unsubscribe', { subscription: 'one' })
    expect(fixture.clients.size).toBe(1)
    await client.ask('unsubscribe', { subscription: 'two' })
    await until(() => fixture.clients.size === 0)
    await listen(client, 'three')
    expect(fixture.clients.size).toBe(1)
    client.socket.terminate()
    await until(() => fixture.clients.size === 0)
  })

  it('is disconnected by whoever looks after the endpoint', async () => {
    const client = await fixture.connect()
    await listen(client, 's')
    fixture.clients.disconnect(fixture.clients.list()[0]?.id ?? '')
    expect((await client.closed).code).toBe(1001)
  })

  it('is not seen where nothing could be subscribed to', async () => {
    const client = await fixture.connect()
    const refused = [
      await client.ask('subscribe', { subscription: 's', sql: 'select nonsense' }),
      await client.ask('subscribe', { subscription: 's', channel: 'c' }, { tenant: 'none' }),
    ]
    expect(refused.map(({ error }) => error?.code)).toEqual(['sql_error', 'unknown_tenant'])
    await until(() => fixture.clients.size === 0)
  })

  it('counts: another of a role that may connect once is refused, and comes back where there is no place', async () => {
    await makeSingle('single')
    const [client, other] = [
      await fixture.connect({ token: 'single' }),
      await fixture.connect({ token: 'single' }),
    ]
    await listen(client, 's')
    expect((await listen(other, 's')).error).toMatchObject({ code: 'too_many_requests', sqlstate: '53300' })
    const socket_id = socketIdOf(client)
    client.socket.terminate()
    await until(() => fixture.clients.size === 0)
    await other.query('select 1')
    const again = await fixture.connect({ token: null })
    const resume = [{ subscription: 's', last_event_id: 0, socket_id }]
    const ok = await again.ask('hello', { token: 'single', resume }, { tenant: 'shop' })
    expect(ok.data).toMatchObject({ resumed: ['s'] })
    await until(() => errorOf(again, 's') !== null)
    expect(errorOf(again, 's')?.code).toBe('too_many_requests')
  })

  it('is seen again when it has come back', async () => {
    const client = await fixture.connect()
    await listen(client, 's')
    const socket_id = socketIdOf(client)
    client.socket.terminate()
    await until(() => fixture.clients.size === 0)
    const again = await fixture.connect({ token: null })
    const resume = [{ subscription: 's', last_event_id: 0, socket_id }]
    await again.ask('hello', { token: 'secret', resume, client: 'back' }, { tenant: 'shop' })
    await until(() => fixture.clients.size > 0)
    expect(fixture.clients.list()).toMatchObject([{ applicationName: 'back', database: 'shop' }])
    await again.ask('unsubscribe', { subscription: 's' })
    await until(() => fixture.clients.size === 0)
  })
})
