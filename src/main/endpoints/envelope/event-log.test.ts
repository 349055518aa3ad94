/** The numbers of events, and which of them can be had again. */
import { describe, expect, it } from 'vitest'
import { EventBudget, EventLog } from './event-log.ts'

function log(budget = new EventBudget(1 << 30)): EventLog {
  return new EventLog(budget)
}

function fill(events: EventLog, count: number, length = 0): void {
  for (let n = 0; n < count; n += 1) events.append(length, () => ({ n }))
}

function drain(events: EventLog): number[] {
  const ids: number[] = []
  for (let event = events.take(); event; event = events.take()) ids.push(event.id)
  return ids
}

describe('EventLog', () => {
  it('hands out each event once, in order, counting up by one', () => {
    const events = log()
    fill(events, 2)
    expect([drain(events), events.isWaiting]).toEqual([[1, 2], false])
    fill(events, 1)
    expect([events.isWaiting, drain(events), events.lastId]).toEqual([true, [3], 3])
  })

  it('goes back to what was sent and has not come, and no further than it is kept', () => {
    const events = log()
    fill(events, 300)
    drain(events)
    fill(events, 1)
    drain(events)
    expect([events.rewind(45), events.rewind(44)]).toEqual([true, false])
    expect(drain(events)).toEqual(Array.from({ length: 256 }, (_, n) => n + 46))
    expect([events.rewind(301), drain(events)]).toEqual([true, []])
    expect(events.rewind(302)).toBe(false)
  })

  it('counts those that were never sent among those that may have been missed', () => {
    const events = log()
    fill(events, 257)
    expect([events.rewind(0), events.rewind(1)]).toEqual([false, true])
  })

  it('is overrun when more than 4 MiB wait, and by nothing that was sent', () => {
    const events = log()
    fill(events, 4, 1 << 20)
    expect(events.isOverrun).toBe(true)
    drain(events)
    expect(events.isOverrun).toBe(false)
    fill(events, 3, 1 << 20)
    expect(events.isOverrun).toBe(false)
    expect([events.rewind(3), events.rewind(4)]).toEqual([false, true])
  })

  it('keeps less of what was sent where all logs together keep much', () => {
    const budget = new EventBudget(1_000)
    const [one, other] = [log(budget), log(budget)]
    fill(one, 4, 100)
    drain(one)
    fill(other, 4, 100)
    expect(drain(other)).toEqual([1, 2, 3, 4])
    fill(one, 1, 100)
    expect([one.rewind(3), one.rewind(4), other.rewind(0)]).toEqual([false, true, true])
    one.dispose()
    other.dispose()
    expect(budget.bytes).toBe(0)
  })
})
