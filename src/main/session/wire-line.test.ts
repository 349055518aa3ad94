/** All clients of the wire as one taker of turns. */

import { describe, expect, test } from 'vitest'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { TestClock } from '../../base/clock.ts'
import { endpointClientsMax } from '../../contract/limits.ts'
import { TurnQueue } from './turn-queue.ts'
import { WireLine, type LineClient } from './wire-line.ts'

class ScriptedClient implements LineClient {
  readonly title: string
  sentCount = 0
  isExpired = false
  hasSomething = true

  constructor(title: string) {
    this.title = title
  }

  send(): boolean {
    this.sentCount += 1
    return this.hasSomething
  }

  expire(): void {
    this.isExpired = true
  }
}

/** Ends when it is to send, as one whose messages are refused. */
class LeavingClient implements LineClient {
  readonly title = 'leaving'
  readonly #line: WireLine

  constructor(line: WireLine) {
    this.#line = line
  }

  send(): boolean {
    this.#line.leave(this)
    return false
  }

  expire(): void {
    expect.unreachable('It holds no transaction')
  }
}

const idleTransactionMs = 1_000

function scene(): {
  turns: TurnQueue
  line: WireLine
  clock: TestClock
  a: ScriptedClient
  b: ScriptedClient
} {
  const [turns, clock] = [new TurnQueue(), new TestClock()]
  const line = new WireLine({ turns, clock, idleTransactionMs })
  return { turns, line, clock, a: new ScriptedClient('a'), b: new ScriptedClient('b') }
}

/** Microtasks, by which a granted turn is noticed. */
const noticed = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the line of the wire', () => {
  expectNoLeaks()

  test('sends what all of its clients have, and has the turn only while one of them runs something', () => {
    const { turns, line, a, b } = scene()
    line.request(a)
    line.request(b)
    expect([a.sentCount, b.sentCount, turns.holder]).toEqual([1, 1, line])
    expect([line.title, line.waitingFor(a), line.waitingFor(b)]).toEqual(['a', null, 'a'])
    line.rested(a, false)
    expect([turns.holder, line.title]).toEqual([line, 'b'])
    line.rested(b, false)
    expect(turns.holder).toBeNull()
    line.dispose()
  })

  test('keeps the turn for an open transaction, and holds the others back until it ends', () => {
    const { turns, line, a, b } = scene()
    line.request(a)
    line.rested(a, true)
    expect([turns.holder, turns.isHeldIdle]).toEqual([line, true])
    line.request(b)
    expect([b.sentCount, line.waitingFor(b)]).toEqual([0, 'a'])
    line.request(a)
    expect([a.sentCount, turns.isHeldIdle]).toEqual([2, false])
    line.rested(a, false)
    expect([b.sentCount, turns.isHeldIdle]).toEqual([1, false])
    line.rested(b, false)
    expect(turns.holder).toBeNull()
    line.dispose()
  })

  test('keeps the turn for those who wait behind one that leaves when it is asked', async () => {
    const { turns, line, b } = scene()
    const [console, other] = [{ title: 'console' }, { title: 'other' }]
    turns.request(console)
    line.request(new LeavingClient(line))
    line.request(b)
    turns.request(other)
    turns.release(console, { inTransaction: false })
    await noticed()
    expect([turns.holder, b.sentCount]).toEqual([line, 1])
    line.rested(b, false)
    expect(turns.holder).toBe(other)
    turns.release(other, { inTransaction: false })
    line.dispose()
  })

  test('gives the turn back when all who waited leave, however many they are', () => {
    const { turns, line, a, b } = scene()
    line.request(a)
    line.rested(a, true)
    for (let count = 0; count < endpointClientsMax; count += 1) line.request(new LeavingClient(line))
    line.rested(a, false)
    expect(turns.holder).toBeNull()
    line.request(b)
    expect([turns.holder, b.sentCount]).toEqual([line, 1])
    line.rested(b, false)
    line.dispose()
  })

  test('keeps the turn for one that is being sent when another comes and leaves', () => {
    const { turns, line } = scene()
    const sending: LineClient = {
      title: 'sending',
      send: () => {
        line.request(new LeavingClient(line))
        return true
      },
      expire: () => undefined,
    }
    line.request(sending)
    expect(turns.holder).toBe(line)
    line.rested(sending, false)
    expect(turns.holder).toBeNull()
    line.dispose()
  })

  test('lets those outside who wait go before what comes later', async () => {
    const { turns, line, a, b } = scene()
    line.request(a)
    const console = { title: 'console' }
    const ticket = turns.request(console)
    line.request(b)
    expect([ticket.isGranted, b.sentCount]).toEqual([false, 0])
    line.rested(a, false)
    expect([ticket.isGranted, b.sentCount, line.waitingFor(b)]).toEqual([true, 0, 'console'])
    turns.release(console, { inTransaction: false })
    await noticed()
    expect([b.sentCount, turns.holder]).toEqual([1, line])
    line.rested(b, false)
    line.dispose()
  })

  test('leaves a transaction alone when who has waited for its end does not any more', () => {
    const { turns, line, clock, a } = scene()
    line.request(a)
    line.rested(a, true)
    const ticket = turns.request({ title: 'somebody else' })
    clock.advance(idleTransactionMs - 1)
    ticket.withdraw()
    clock.advance(idleTransactionMs)
    expect(a.isExpired).toBe(false)
    line.leave(a)
    line.dispose()
  })

  test('ends a transaction that idles while others wait, and only then', () => {
    const { turns, line, clock, a, b } = scene()
    line.request(a)
    line.rested(a, true)
    clock.advance(2 * idleTransactionMs)
    expect(a.isExpired).toBe(false)
    line.request(b)
    clock.advance(idleTransactionMs - 1)
    line.request(a)
    clock.advance(idleTransactionMs)
    expect(a.isExpired).toBe(false)
    line.rested(a, true)
    clock.advance(idleTransactionMs)
    expect(a.isExpired).toBe(true)
    line.leave(a)
    expect([b.sentCount, turns.isHeldIdle]).toEqual([1, false])
    line.rested(b, false)
    line.dispose()
  })

  test('does so for those outside, too', () => {
    const { turns, line, clock, a } = scene()
    line.request(a)
    line.rested(a, true)
    const ticket = turns.request({ title: 'console' })
    clock.advance(idleTransactionMs)
    expect(a.isExpired).toBe(true)
    line.leave(a)
    expect(ticket.isGranted).toBe(true)
    line.dispose()
  })

  test('forgets who has nothing to send after all, who withdraws, and who leaves', async () => {
    const { turns, line, a, b } = scene()
    a.hasSomething = false
    line.request(a)
    expect(turns.holder).toBeNull()
    const console = { title: 'console' }
    turns.request(console)
    line.request(b)
    expect([line.withdraw(b), line.withdraw(b), turns.waitingCount]).toEqual([true, false, 0])
    line.request(b)
    line.leave(b)
    turns.release(console, { inTransaction: false })
    await noticed()
    expect([b.sentCount, turns.holder]).toEqual([0, null])
    line.dispose()
  })
})
