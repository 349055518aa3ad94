/**
 * Goal: the dashboard asks for what is looked at, once, keeps up with what is new, and gets back from each zoom.
 * Method: sources that remember how they were asked, and a clock that moves when told.
 */

import { describe, expect, it } from 'vitest'
import { TestClock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { DashboardView } from './dashboard-view.ts'
import type { TimeWindow } from './time-range.ts'
import { decodeSeries, type TimeSeries } from './time-series.ts'

const startMs = 1_700_000_000_000
const minuteMs = 60_000

/** One point a second, whose value is its second. */
function seconds({ fromMs, toMs }: TimeWindow): TimeSeries {
  const first = Math.ceil(fromMs / 1_000)
  const count = Math.max(0, Math.floor(toMs / 1_000) - first + 1)
  const times = Float64Array.from({ length: count }, (_, index) => (first + index) * 1_000)
  return decodeSeries(Float64Array.from([...times, ...times]).buffer, ['value'])
}

function fixture() {
  const clock = new TestClock(startMs)
  const asked: { readonly instanceId: string | null; readonly window: TimeWindow }[] = []
  let failure: Error | null = null
  const read = (instanceId: string | null) => (window: TimeWindow) => {
    asked.push({ instanceId, window })
    return failure ? Promise.reject(failure) : Promise.resolve(seconds(window))
  }
  const silent = () => () => Promise.resolve(seconds({ fromMs: 0, toMs: -1 }))
  const state = new DashboardView(clock, { statements: read, resources: silent })
  const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))
  return { clock, asked, state, settle, fail: (error: Error | null) => void (failure = error) }
}

describe('the dashboard', () => {
  it('asks for nothing until somebody looks, and for nothing when nobody does', async () => {
    const { clock, asked, state, settle } = fixture()
    clock.advance(10_000)
    expect(asked).toEqual([])
    const looking = state.look()
    await settle()
    expect(asked.map(({ window }) => window)).toEqual([
      { fromMs: startMs + 10_000 - 15 * minuteMs, toMs: startMs + 10_000 },
    ])
    looking.dispose()
    clock.advance(60_000)
    expect(asked).toHaveLength(1)
    state.dispose()
  })

  it('asks only for the last seconds while it is live, and shows each moment once', async () => {
    const { clock, asked, state, settle } = fixture()
    state.look()
    await settle()
    for (let tick = 0; tick < 20; tick += 1) {
      clock.advance(1_000)
      await settle()
    }
    const lengths = asked.slice(1).map(({ window }) => window.toMs - window.fromMs)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(7_000)
    const { timesMs, columns } = state.statements.content.value.series
    const expected = seconds(state.window.value)
    expect([...timesMs]).toEqual([...expected.timesMs])
    expect([...(columns.get('value') ?? [])]).toEqual([...(expected.columns.get('value') ?? [])])
    state.dispose()
  })

  it('gets back from every zoom to what was before, and moves again', async () => {
    const { clock, asked, state, settle } = fixture()
    state.look()
    await settle()
    const first = { fromMs: startMs - 300_000, toMs: startMs - 200_000 }
    const second = { fromMs: startMs - 280_000, toMs: startMs - 260_000 }
    state.zoom(first)
    state.zoom(second)
    expect(state.window.value).toEqual({ ...second })
    expect(asked).toHaveLength(1)
    clock.advance(1_000)
    await settle()
    expect(asked.slice(1).map(({ window }) => window)).toEqual([second])
    clock.advance(60_000)
    state.zoomBack()
    expect(state.window.value).toEqual(first)
    state.zoomBack()
    expect([state.isLive, state.canZoomBack.value]).toEqual([true, false])
    expect(state.window.value.toMs).toBe(clock.nowMs())
    state.dispose()
  })

  it('stands still while it is held', async () => {
    const { clock, asked, state, settle } = fixture()
    state.look()
    await settle()
    state.setLive(false)
    const { value: held } = state.window
    clock.advance(30_000)
    expect([state.window.value, asked.length]).toEqual([held, 1])
    state.setLive(true)
    expect(state.window.value.toMs).toBe(clock.nowMs())
    state.dispose()
  })

  it('shows the answer to the last question, whatever comes late', async () => {
    const { state, asked, settle } = fixture()
    state.look()
    state.setScope('one')
    state.setScope('two')
    await settle()
    expect(asked.at(-1)?.instanceId).toBe('two')
    expect(state.statements.content.value.isCurrent).toBe(true)
    expect(asked.map(({ instanceId }) => instanceId)).toEqual([null, 'two'])
    state.dispose()
  })

  it('says what went wrong, keeps what it had, and asks again for all of it', async () => {
    const { clock, state, asked, settle, fail } = fixture()
    state.look()
    await settle()
    fail(new WorkbenchError('storage-failed', 'It could not be read'))
    clock.advance(1_000)
    await settle()
    expect(state.statements.content.value.error?.message).toBe('It could not be read')
    expect(state.statements.content.value.series.timesMs.length).toBeGreaterThan(0)
    fail(null)
    clock.advance(1_000)
    await settle()
    expect(state.statements.content.value.error).toBe(null)
    expect((asked.at(-1)?.window.toMs ?? 0) - (asked.at(-1)?.window.fromMs ?? 0)).toBe(15 * minuteMs)
    state.dispose()
  })
})
