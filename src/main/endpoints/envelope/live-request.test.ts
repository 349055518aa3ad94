/** Tests that a request has one end, whatever would give it another, and that its time and its credit end with it. */

import { describe, expect, it } from 'vitest'
import { TestClock } from '../../../base/clock.ts'
import { envelopeError, type EnvelopeError } from '../../../protocol/envelope-error.ts'
import type { CancelReason } from './envelope-failure.ts'
import type { FrameSink } from './frame-output.ts'
import { LiveRequest } from './live-request.ts'

const clock = new TestClock()

interface Played {
  readonly request: LiveRequest
  /** Types of the frames that went out. */
  readonly sent: string[]
  readonly ends: (EnvelopeError | null)[]
}

function play(meta: { readonly deadline_ms?: number; readonly credit?: number } = {}): Played {
  const sent: string[] = []
  const ends: (EnvelopeError | null)[] = []
  const sink: FrameSink = {
    result: (frame) => void sent.push(frame.meta.type),
    encoded: (frame) => void sent.push(frame.meta.type),
    envelope: (envelope) => void sent.push(envelope.meta.type),
  }
  const request = new LiveRequest({
    ...{ meta: { type: 'query', request_id: '1', ...meta }, data: {}, sink, clock },
    onEnd: (_request, error) => void ends.push(error),
  })
  return { request, sent, ends }
}

const noRows = { description: null, rows: null, fields: {} }
const failure = envelopeError('internal', 'no')

/** Whatever ends a request, by name. */
const ends: Readonly<Record<string, (request: LiveRequest) => void>> = {
  complete: (request) => request.complete(),
  completeResult: (request) => request.completeResult(noRows),
  completeEncoded: (request) => request.completeEncoded([]),
  fail: (request) => request.fail(failure),
  cancel: (request) => request.cancel('cancelled'),
  abandon: (request) => request.abandon(),
}

describe('a request', () => {
  it.each(Object.keys(ends))('that has ended by %s ends no more, and says nothing more', (first) => {
    for (const second of Object.keys(ends)) {
      const { request, sent, ends: told } = play()
      const heard: unknown[] = []
      request.whenEnded((error) => heard.push(error))
      ends[first]?.(request)
      const before = [...sent]
      ends[second]?.(request)
      expect([second, sent, told.length, heard.length]).toEqual([second, before, 1, 1])
      expect(request.isEnded).toBe(true)
    }
  })

  it('that is answered before its deadline is not answered again when that has come', () => {
    const { request, sent } = play({ deadline_ms: 100 })
    request.complete()
    clock.advance(100)
    expect(sent).toEqual(['complete'])
    const late = play({ deadline_ms: 100 })
    clock.advance(100)
    expect([late.sent, late.ends[0]?.code]).toEqual([['error'], 'deadline_exceeded'])
  })

  it('that gets credit, or an end, in time is not ended for want of it', () => {
    const reasons: CancelReason[] = []
    const [eased, over, slow] = [play({ credit: 1 }), play({ credit: 1 }), play({ credit: 1 })]
    for (const { request } of [eased, over, slow]) {
      request.onCancel = (reason) => reasons.push(reason)
      request.rows(noRows)
      expect(request.hasCredit).toBe(false)
      request.awaitCredit()
    }
    eased.request.grant(1)
    over.request.complete()
    clock.advance(30_000)
    expect(reasons).toEqual(['slow_consumer'])
    expect(eased.request.hasCredit).toBe(true)
    for (const { request } of [eased, slow]) request.complete()
  })

  it('sends no rows without credit, and none after its end', () => {
    const { request } = play({ credit: 1 })
    request.rows(noRows)
    expect(() => request.rows(noRows)).toThrow('while there is credit')
    request.grant(1)
    request.complete()
    expect(() => request.rows(noRows)).toThrow('while there is credit')
  })
})
