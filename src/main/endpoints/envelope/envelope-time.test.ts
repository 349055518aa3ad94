/** Tests of everything that happens when time passes, with a clock that moves when it is told to. */

import { describe, expect, it } from 'vitest'
import type { EnvelopeClient } from '../../../../test/support/envelope-client.ts'
import { TestClock } from '../../../base/clock.ts'
import { envelopeFixture, writer } from '../../../../test/support/envelope-fixture.ts'

const clock = new TestClock()
const fixture = envelopeFixture(clock)

/** 100 MiB in some 400 frames. */
const largeResult = `select repeat('x', 10000) from generate_series(1, 10000)`

/** Time passes slowly enough for pings to be answered. */
async function pass(client: EnvelopeClient, ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 10_000) {
    clock.advance(10_000)
    await client.ask('ping', null)
  }
}

describe('a socket', () => {
  it('without hello is closed after 3 seconds', async () => {
    const client = await fixture.connect({ token: null })
    clock.advance(2_999)
    expect(client.socket.readyState).toBe(client.socket.OPEN)
    clock.advance(1)
    expect((await client.closed).code).toBe(4408)
  })

  it('that does not answer pings is cut', async () => {
    const client = await fixture.connect()
    const pinged = new Promise<void>((resolve) => client.socket.once('ping', () => resolve()))
    clock.advance(20_000)
    await pinged
    // Its answer is read before the next one is due.
    await client.query('select 1')
    client.socket.pause()
    clock.advance(20_000)
    clock.advance(20_000)
    client.socket.resume()
    expect((await client.closed).code).toBe(1006)
  })

  it('whose client does not read is closed, and others go on', async () => {
    const client = await fixture.connect()
    const other = await fixture.connect()
    client.socket.pause()
    client.send({ meta: { type: 'query', request_id: 'q', credit: 64 }, data: { sql: largeResult } })
    const waiting = other.query('select 1')
    // How much the system takes for a socket that nobody reads is its own affair; then it takes no more.
    let [sentBytes, polls] = [0, 0]
    await fixture.until(() => {
      polls = fixture.meter.total.sentBytes === sentBytes ? polls + 1 : 0
      sentBytes = fixture.meter.total.sentBytes
      return sentBytes > 1 << 20 && polls > 50
    })
    await pass(other, 30_000)
    expect((await waiting).data?.rows).toEqual([['1']])
    expect(fixture.lines.some((line) => line.includes('with 4413'))).toBe(true)
    client.socket.resume()
    expect((await client.closed).code).not.toBe(1000)
  })
})

describe('a request', () => {
  it('without credit ends after 30 seconds, and its session goes on', async () => {
    const client = await fixture.connect()
    const answer = client.query(largeResult, [], { credit: 1, session: 's' })
    await fixture.until(() => client.of('r2').length === 1)
    const next = client.query('select 1', [], { session: 's' })
    await fixture.until(() => {
      clock.advance(1_000)
      return client.of('r2').length > 1
    })
    expect((await answer).error).toMatchObject({ code: 'slow_consumer', sqlstate: '57014', retryable: false })
    expect((await next).data?.rows).toEqual([['1']])
  })

  it('ends at its deadline, whether it runs or waits', async () => {
    const client = await fixture.connect()
    const running = client.query('select pg_sleep(3600)', [], { deadline_ms: 1_000, session: 'a' })
    const waiting = client.query('select 1', [], { deadline_ms: 500, session: 'a' })
    const last = client.query('select 2', [], { session: 'a' })
    await fixture.until(() => fixture.clients.list().some(({ statement }) => statement?.includes('pg_sleep')))
    clock.advance(500)
    expect((await waiting).error?.code).toBe('deadline_exceeded')
    clock.advance(500)
    expect((await running).error).toMatchObject({ code: 'deadline_exceeded', sqlstate: '57014' })
    expect((await last).data?.rows).toEqual([['2']])
  })
})

describe('a token', () => {
  it('is announced to expire, and closes the socket when it has', async () => {
    const expiresAtMs = clock.nowMs() + 100_000
    fixture.tokens.set('short', { ...writer, tokenId: 's', expiresAtMs })
    const client = await fixture.connect({ token: 'short' })
    await pass(client, 40_000)
    await fixture.until(() => client.frames.some(({ meta }) => meta.type === 'auth_expiring'))
    expect(client.frames.find(({ meta }) => meta.type === 'auth_expiring')).toEqual({
      meta: { type: 'auth_expiring' },
      data: { expires_at_ms: expiresAtMs },
    })
    await pass(client, 50_000)
    clock.advance(10_000)
    expect((await client.closed).code).toBe(4401)
  })

  it('is renewed by another hello of the same rights alone', async () => {
    fixture.tokens.set('short', { ...writer, tokenId: 's', expiresAtMs: clock.nowMs() + 100_000 })
    fixture.tokens.set('narrow', { ...writer, tokenId: 'n', tenants: ['shop'] })
    const client = await fixture.connect({ token: 'short' })
    expect((await client.hello('narrow')).error?.code).toBe('unauthorized')
    expect((await client.hello('nonsense')).error?.code).toBe('unauthorized')
    expect((await client.hello('secret')).meta.type).toBe('hello_ok')
    await pass(client, 100_000)
    expect((await client.query('select 1')).data?.rows).toEqual([['1']])
    expect(client.frames.some(({ meta }) => meta.type === 'auth_expiring')).toBe(false)
  })

  it('that is revoked closes its sockets at once, and no other', async () => {
    fixture.tokens.set('other', { ...writer, tokenId: 'o' })
    const [client, other] = [await fixture.connect(), await fixture.connect({ token: 'other' })]
    fixture.revoked.fire({ tokenId: 'w' })
    expect((await client.closed).code).toBe(4401)
    expect((await other.query('select 1')).data?.rows).toEqual([['1']])
  })

  it('sees its own tenants alone', async () => {
    fixture.tokens.set('narrow', { ...writer, tokenId: 'n', tenants: ['nowhere'] })
    const client = await fixture.connect({ token: 'narrow', tenant: 'nowhere' })
    for (const tenant of ['shop', 'nowhere', 'neither']) {
      const { error } = await client.query('select 1', [], { tenant })
      expect(error).toMatchObject({ code: 'unknown_tenant', sqlstate: '3D000', retryable: false })
    }
    expect((await client.hello('narrow')).meta.type).toBe('hello_ok')
  })
})
