/** Goal: an alert is told once when it begins and once when it ends. Method: samples at times of the test. */

import { describe, expect, it } from 'vitest'
import { present } from '../../base/assert.ts'
import type { Alert, Threshold } from '../../contract/monitor.ts'
import { AlertWatch, type Watched } from './alert-watch.ts'
import { metricByName } from './metric-catalog.ts'

const shop: Watched = { instanceId: 'i1', instanceName: 'shop' }
const host: Watched = { instanceId: null, instanceName: null }
const number = (metric: string): number => present(metricByName.get(metric), 'a metric').number
const threshold: Threshold = {
  ...{ id: 't', metric: 'wasmMemory', instanceId: null, comparison: 'above' },
  ...{ limit: 100, forMs: 10_000, isOn: true },
}

function watch(...thresholds: readonly Threshold[]): { alerts: AlertWatch; told: Alert[] } {
  const alerts = new AlertWatch()
  const told: Alert[] = []
  alerts.onDidAlert((alert) => void told.push(alert))
  alerts.setThresholds(thresholds, 0)
  return { alerts, told }
}

const bytes = (value: number): Map<number, number> => new Map([[number('wasmMemory'), value]])

describe('AlertWatch', () => {
  it('tells once that a limit was passed for long enough, and once that it is over', () => {
    const { alerts, told } = watch(threshold)
    for (const [atMs, value] of [
      [0, 101],
      [9_999, 150],
      [10_000, 120],
      [11_000, 110],
    ] as const) {
      alerts.check(shop, atMs, bytes(value))
    }
    expect(told).toHaveLength(1)
    expect(told[0]).toMatchObject({ instanceName: 'shop', sinceMs: 0, worst: 150, endedAtMs: null })
    expect(told[0]?.message).toBe('WebAssembly memory of shop is 120 B, above 100 B for 10 s')
    alerts.check(shop, 12_000, bytes(100))
    expect(told[1]).toMatchObject({ id: told[0]?.id, endedAtMs: 12_000, worst: 150 })
    expect(alerts.alerts).toHaveLength(1)
    alerts.dispose()
  })

  it('forgets what did not last', () => {
    const { alerts, told } = watch(threshold)
    alerts.check(shop, 0, bytes(101))
    alerts.check(shop, 5_000, bytes(99))
    alerts.check(shop, 11_000, bytes(101))
    expect(told).toEqual([])
    alerts.dispose()
  })

  it('watches each instance by itself, the one that is named alone, and the host for its own metrics', () => {
    const now = { ...threshold, forMs: 0 }
    const { alerts, told } = watch(
      now,
      { ...now, id: 'other', instanceId: 'i2' },
      { ...now, id: 'h', metric: 'rss' },
    )
    alerts.check(shop, 0, bytes(101))
    alerts.check({ instanceId: 'i2', instanceName: 'sales' }, 0, bytes(101))
    alerts.check(host, 0, new Map([[number('rss'), 101]]))
    expect(told.map(({ thresholdId, instanceName }) => [thresholdId, instanceName])).toEqual([
      ['t', 'shop'],
      ['t', 'sales'],
      ['other', 'sales'],
      ['h', null],
    ])
    alerts.dispose()
  })

  it('ends alerts of thresholds that are switched off, and of instances that are gone', () => {
    const now = { ...threshold, forMs: 0 }
    const { alerts, told } = watch(now)
    alerts.check(shop, 0, bytes(101))
    alerts.forget('i1', 5)
    alerts.check(shop, 10, bytes(101))
    alerts.setThresholds([{ ...now, isOn: false }], 20)
    expect(told.map(({ endedAtMs }) => endedAtMs)).toEqual([null, 5, null, 20])
    alerts.dispose()
  })

  it('leaves everything as it is while nothing is measured', () => {
    const { alerts, told } = watch({ ...threshold, forMs: 0, comparison: 'below' })
    alerts.check(shop, 0, bytes(1))
    alerts.check(shop, 1, new Map())
    alerts.check(shop, 2, bytes(Number.NaN))
    expect(told).toHaveLength(1)
    alerts.dispose()
  })
})
