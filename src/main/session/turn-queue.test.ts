/** Turns on one backend. */
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { TurnQueue } from './turn-queue.ts'

const [a, b, c] = [{ title: 'a' }, { title: 'b' }, { title: 'c' }]

describe('TurnQueue', () => {
  expectNoLeaks()

  it('gives the turn at once when nobody has it, then in the order of asking', async () => {
    const queue = new TurnQueue()
    expect(queue.request(a).isGranted).toBe(true)
    const [second, third] = [queue.request(b), queue.request(c)]
    expect([second.isGranted, third.isGranted, queue.waitingCount]).toEqual([false, false, 2])
    const changed = second.changed()
    queue.release(a, { inTransaction: false })
    await changed
    expect([second.isGranted, third.isGranted]).toEqual([true, false])
    queue.release(b, { inTransaction: false })
    expect([third.isGranted, queue.holder]).toEqual([true, c])
  })

  it('lets whoever has asked first go before the one who comes back', () => {
    const queue = new TurnQueue()
    queue.request(a)
    const waiting = queue.request(b)
    queue.release(a, { inTransaction: false })
    expect([waiting.isGranted, queue.request(a).isGranted]).toEqual([true, false])
  })

  it('stays with an open transaction, and lets its owner go on at once', () => {
    const queue = new TurnQueue()
    queue.request(a)
    const waiting = queue.request(b)
    queue.release(a, { inTransaction: true })
    expect([waiting.isGranted, queue.holder, queue.isHeldIdle]).toEqual([false, a, true])
    expect(queue.request(a).isGranted).toBe(true)
    expect(queue.isHeldIdle).toBe(false)
    queue.release(a, { inTransaction: false })
    expect(waiting.isGranted).toBe(true)
  })

  it('tells those who wait when the holder changes, or begins to hold idly', async () => {
    const queue = new TurnQueue()
    queue.request(a)
    queue.request(b)
    const last = queue.request(c)
    const idle = last.changed()
    queue.release(a, { inTransaction: true })
    await idle
    expect([queue.holder, queue.isHeldIdle]).toEqual([a, true])
    const next = last.changed()
    queue.release(a, { inTransaction: false })
    await next
    expect([queue.holder, last.isGranted]).toEqual([b, false])
  })

  it('forgets who leaves the queue, and wakes it', async () => {
    const queue = new TurnQueue()
    queue.request(a)
    const [leaving, staying] = [queue.request(b), queue.request(c)]
    const woken = leaving.changed()
    leaving.withdraw()
    await woken
    queue.release(a, { inTransaction: false })
    expect([leaving.isGranted, staying.isGranted]).toEqual([false, true])
  })

  it('ignores the end of a turn by somebody who does not have it', () => {
    const queue = new TurnQueue()
    queue.request(a)
    queue.release(b, { inTransaction: false })
    expect(queue.holder).toBe(a)
  })

  it('refuses more waiters than sessions and clients can be', () => {
    const queue = new TurnQueue()
    queue.request(a)
    for (let count = 0; count < 1116; count++) queue.request({ title: String(count) })
    expect(() => queue.request(b)).toThrow(expect.objectContaining({ code: 'limit-exceeded' }))
  })
})
