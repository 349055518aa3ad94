/** An end is told once to everybody, however late they ask. */

import { expect, it } from 'vitest'
import { expectNoLeaks } from '../../test/support/leak-check.ts'
import { CloseEvent } from './close-event.ts'

expectNoLeaks()

it('tells early and late subscribers once, and keeps no subscription', async () => {
  const closed = new CloseEvent()
  const told: string[] = []
  closed.event((reason) => told.push(`early: ${reason}`))
  closed.fire('gone')
  expect(closed.hasFired).toBe(true)
  closed.event((reason) => told.push(`late: ${reason}`))
  expect(told).toEqual(['early: gone'])
  await Promise.resolve()
  expect(told).toEqual(['early: gone', 'late: gone'])
})

it('does not tell those who have left meanwhile', async () => {
  const closed = new CloseEvent()
  closed.event(() => expect.unreachable()).dispose()
  closed.fire('gone')
  closed.event(() => expect.unreachable()).dispose()
  await Promise.resolve()
  expect(closed.hasFired).toBe(true)
})

it('ends the subscriptions even if a listener throws', () => {
  const closed = new CloseEvent()
  closed.event(() => {
    throw new Error('broken')
  })
  expect(() => closed.fire('gone')).toThrow('broken')
})
