/** Requests with a key, without any socket: what is run, and what is answered instead. */
import { beforeEach, describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../../test/support/leak-check.ts'
import { TestClock } from '../../../base/clock.ts'
import type { AnswerEnvelope } from '../../../protocol/answer-frame.ts'
import { envelopeError } from '../../../protocol/envelope-error.ts'
import type { ResultFrame } from './frame-output.ts'
import { IdempotencyStore } from './idempotency-store.ts'
import { LiveRequest } from './live-request.ts'

const owner = { tokenId: 't', tenant: 'shop', encoding: 'json' } as const

describe('IdempotencyStore', () => {
  expectNoLeaks()
  let clock = new TestClock()
  let store = new IdempotencyStore(clock)
  let sent: (AnswerEnvelope | ResultFrame)[] = []
  let requestCount = 0

  beforeEach(() => {
    clock = new TestClock()
    store = new IdempotencyStore(clock)
    sent = []
  })

  function request(key: string, data: object = {}): LiveRequest {
    requestCount += 1
    return new LiveRequest({
      meta: { type: 'query', request_id: `r${requestCount}`, idempotency_key: key },
      sink: {
        result: (frame) => sent.push(frame),
        encoded: ({ meta }) => sent.push({ meta }),
        envelope: (envelope) => sent.push(envelope),
      },
      ...{ data, clock, onEnd: () => undefined },
    })
  }

  it('has each run once for its token and tenant, for ten minutes', () => {
    const first = request('k')
    expect([store.admit(first, owner), first.isKept]).toEqual([true, true])
    first.complete({ command: 'INSERT' })
    clock.advance(599_999)
    expect(store.admit(request('k'), owner)).toBe(false)
    expect(sent.map(({ meta }) => meta.replayed ?? false)).toEqual([false, true])
    expect(store.admit(request('k'), { ...owner, tokenId: 'other' })).toBe(true)
    expect(store.admit(request('k'), { ...owner, tenant: 'other' })).toBe(true)
    expect(() => store.admit(request('k', { sql: '' }), owner)).toThrow('other content')
    clock.advance(1)
    expect(store.admit(request('k'), owner)).toBe(true)
  })

  it('keeps what Postgres has refused, and forgets what had no effect', () => {
    const answers = [
      ['sql_error', false],
      ['cancelled', true],
      ['deadline_exceeded', true],
      ['unavailable', true],
      ['transaction_left_open', false],
    ] as const
    for (const [code, isForgotten] of answers) {
      const first = request(code)
      store.admit(first, owner)
      first.fail(envelopeError(code, 'no'))
      expect([code, store.admit(request(code), owner)]).toEqual([code, isForgotten])
    }
  })

  it('does not run again what nobody knows the end of, and tells those who wait', () => {
    const first = request('k')
    store.admit(first, owner)
    const waiting = request('k')
    expect(store.admit(waiting, owner)).toBe(false)
    first.abandon()
    expect(store.admit(request('k'), owner)).toBe(false)
    expect(
      sent.map((frame) => ('error' in frame ? [frame.error?.code, frame.error?.retryable] : null)),
    ).toEqual([
      ['session_lost', false],
      ['session_lost', false],
    ])
  })

  it('keeps no more than 10,000', () => {
    for (let count = 0; count < 10_000; count += 1)
      expect(store.admit(request(`k${count}`), owner)).toBe(true)
    expect(() => store.admit(request('one more'), owner)).toThrow('Too many keys')
    expect(store.admit(request('k7'), owner)).toBe(false)
  })

  it('keeps as many rows as 64 KiB have', () => {
    for (const [length, isKept] of [
      [64 << 10, true],
      [(64 << 10) + 1, false],
    ] as const) {
      const first = request(`k${length}`)
      store.admit(first, owner)
      first.completeResult({ description: null, rows: 'x'.repeat(length), fields: { row_count: 1 } })
      sent.length = 0
      store.admit(request(`k${length}`), owner)
      const [frame] = sent
      expect(frame && 'rows' in frame && frame.rows !== null).toBe(isKept)
      expect(frame && 'fields' in frame && frame.fields['truncated']).toBe(isKept ? undefined : true)
    }
  })
})
