/** Tests of a subscription between what it follows and whoever takes its events: one that is slow, or not there. */

import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../../test/support/leak-check.ts'
import { EventBudget } from './event-log.ts'
import { Subscription } from './subscription.ts'

/** A client that takes events, or none for now. */
function scene(): {
  readonly subscription: Subscription
  readonly taker: { isCongested: boolean; sendEvent(name: string, id: number, data: object): void }
  readonly taken: number[]
  readonly held: boolean[]
} {
  const subscription = new Subscription({ name: 's', tenant: 'shop', budget: new EventBudget(1 << 20) })
  const taken: number[] = []
  const held: boolean[] = []
  subscription.add({ hold: (isHeld) => void held.push(isHeld), dispose: () => undefined })
  const taker = { isCongested: false, sendEvent: (_name: string, id: number) => void taken.push(id) }
  return { subscription, taker, taken, held }
}

describe('a subscription', () => {
  expectNoLeaks()

  it('holds what it follows while nobody takes anything, so that all of it is one difference then', () => {
    const { subscription, taker, taken, held } = scene()
    subscription.attach(taker)
    subscription.onSnapshot([])
    expect([taken, held]).toEqual([[1], []])
    taker.isCongested = true
    subscription.onSnapshot([])
    expect([taken, held]).toEqual([[1], [true]])
    subscription.ease()
    expect(held).toEqual([true])
    taker.isCongested = false
    subscription.ease()
    expect([taken, held]).toEqual([
      [1, 2],
      [true, false],
    ])
    subscription.attach(null)
    expect(held).toEqual([true, false, true])
    subscription.attach(taker)
    expect(held).toEqual([true, false, true, false])
    subscription.dispose()
  })

  it('sends nothing after it has ended, and ends what it follows at once where that comes later', () => {
    const { subscription, taker, taken } = scene()
    subscription.attach(taker)
    subscription.end(new Error('enough'))
    subscription.onSnapshot([])
    subscription.end(new Error('again'))
    expect(taken).toEqual([1])
    let isEnded = false
    subscription.add({ dispose: () => (isEnded = true) })
    expect(isEnded).toBe(true)
  })
})
