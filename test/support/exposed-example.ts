/** A look of the monitor in which every metric has a value, as other tools are told of it. */

import type { Exposed } from '../../src/main/monitor/exposition.ts'
import { metricCatalog, type MetricName } from '../../src/main/monitor/metric-catalog.ts'

/** Of each metric another one. */
export const valueOf = (name: MetricName): number =>
  (metricCatalog.findIndex((metric) => metric.name === name) + 1) * 1_000

function readingsOf(scope: 'host' | 'instance'): Record<string, number> {
  const own = metricCatalog.filter((metric) => metric.scope === scope)
  return Object.fromEntries(own.map(({ name }) => [name, valueOf(name)]))
}

export const exposed: Exposed = {
  look: {
    host: [{ name: 'host', readMs: 1, readings: readingsOf('host') }],
    instances: ['shop', 'a "quoted" \\ name'].map((name) => ({
      ...{ id: name, name },
      groups: [{ name: 'instance', readMs: 1, readings: readingsOf('instance') }],
    })),
  },
  version: '1.2.3',
  startedAtMs: 1_700_000_000_500,
  instances: [
    { name: 'shop', isRunning: true },
    { name: 'a "quoted" \\ name', isRunning: true },
    { name: 'asleep', isRunning: false },
  ],
  firingCount: 2,
  topStatements: [
    { database: 'shop', fingerprint: '0123456789abcdef', calls: 3, errors: 1, rows: 7, totalMs: 1_500 },
  ],
}
