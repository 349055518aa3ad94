/** Subscriptions without a socket: how long they are kept, for whom, and how many. */
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../../test/support/leak-check.ts'
import { TestClock } from '../../../base/clock.ts'
import type { TokenGrant } from '../web/web-access.ts'
import { EventBudget } from './event-log.ts'
import { ParkedSubscriptions } from './parked-subscriptions.ts'
import { Subscription } from './subscription.ts'

const grant: TokenGrant = {
  ...{ tokenId: 't', tenants: ['b', 'a'], access: 'read-write', role: 'r', expiresAtMs: null },
}

function scene(): {
  clock: TestClock
  parked: ParkedSubscriptions
  park(socket: string, name?: string): Subscription
} {
  const clock = new TestClock()
  const parked = new ParkedSubscriptions(clock)
  return {
    ...{ clock, parked },
    park(socketId, name = 's') {
      const subscription = new Subscription({ name, tenant: 'shop', budget: new EventBudget(1) })
      parked.park(socketId, grant, [subscription])
      return subscription
    },
  }
}

describe('ParkedSubscriptions', () => {
  expectNoLeaks()

  it('keeps them for a minute, for a token of the same rights', () => {
    const { clock, parked, park } = scene()
    const subscription = park('one')
    park('two')
    clock.advance(59_999)
    const others: Partial<TokenGrant>[] = [
      { access: 'read-only' },
      { role: 'x' },
      { tenants: null },
      { tenants: ['a'] },
    ]
    for (const other of others) expect(parked.take('one', 's', { ...grant, ...other })).toBeNull()
    expect([parked.take('none', 's', grant), parked.take('one', 'x', grant)]).toEqual([null, null])
    const again = { ...grant, tokenId: 'renewed', tenants: ['a', 'b'] }
    expect(parked.take('one', 's', again)).toBe(subscription)
    expect(parked.take('one', 's', again)).toBeNull()
    clock.advance(1)
    expect(parked.take('two', 's', grant)).toBeNull()
    subscription.dispose()
    parked.dispose()
  })

  it('gives them up when their token is revoked, or too many sockets were lost', () => {
    const { parked, park } = scene()
    for (let count = 0; count < 257; count += 1) park(`s${count}`)
    expect(parked.take('s0', 's', grant)).toBeNull()
    parked.take('s1', 's', grant)?.dispose()
    parked.revoke('another')
    parked.take('s256', 's', grant)?.dispose()
    parked.revoke('t')
    expect(parked.take('s2', 's', grant)).toBeNull()
    parked.dispose()
    park('late')
    expect(parked.take('late', 's', grant)).toBeNull()
  })

  it('forgets one that was missed too much of', () => {
    const { parked, park } = scene()
    const subscription = park('one')
    for (let count = 0; count < 256; count += 1)
      subscription.onNotification('c', { processId: 1, payload: '' })
    expect(parked.take('one', 's', grant)).toBe(subscription)
    parked.park('one', grant, [subscription])
    subscription.onNotification('c', { processId: 1, payload: '' })
    expect(parked.take('one', 's', grant)).toBeNull()
    parked.dispose()
  })
})
