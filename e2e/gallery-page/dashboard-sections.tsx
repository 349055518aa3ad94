/** The dashboard in the gallery: charts full, empty and old, statements, how calls are spread, and alerts. */

import type { ReactElement } from 'react'
import type { StatementRow } from '../../src/contract/statistics.ts'
import { ChartGroup } from '../../src/renderer/dashboard/chart-group.ts'
import type { ChartSpec } from '../../src/renderer/dashboard/chart-model.ts'
import { HistogramChart } from '../../src/renderer/dashboard/histogram-chart.tsx'
import { sectionsFor } from '../../src/renderer/dashboard/overview-charts.ts'
import { StatementTable } from '../../src/renderer/dashboard/statement-table.tsx'
import { TimeChart } from '../../src/renderer/dashboard/time-chart.tsx'
import { emptySeries, type TimeSeries } from '../../src/renderer/state/time-series.ts'
import { GallerySection, nothing } from './gallery-section.tsx'

const nowMs = Date.UTC(2026, 0, 2, 12)
const window = { fromMs: nowMs - 900_000, toMs: nowMs }
const pointCount = 300
const group = new ChartGroup()

/** A course that looks like one, the same each time. */
function course(seed: number, level: number, spread: number): Float64Array {
  return Float64Array.from({ length: pointCount }, (_, index) => {
    const wave = Math.sin(index / 23 + seed) + Math.sin(index / 7 + seed * 3) / 2 + Math.sin(index * seed) / 3
    const isGap = index > 120 && index < 132
    return isGap ? Number.NaN : Math.max(0, level + wave * spread)
  })
}

const timesMs = Float64Array.from({ length: pointCount }, (_, index) => window.fromMs + index * 3_000)
const series: TimeSeries = {
  timesMs,
  partMs: null,
  columns: new Map([
    ['p50', course(1.1, 1.2, 0.2)],
    ['p95', course(2.3, 4, 1.1)],
    ['p99', course(4.7, 9, 3)],
    ['rss', course(1.7, 6.4e8, 2e7)],
    ['wasmTotal', course(0.4, 3.1e8, 4e6)],
    ['heapUsed', course(2.9, 9e7, 2e7)],
    ['external', course(3.1, 4e7, 8e6)],
    ['hitRate', course(1.9, 0.8, 0.1)],
  ]),
}

const charts = new Map(
  sectionsFor(null)
    .flatMap((section) => section.charts)
    .map((chart) => [chart.id, chart]),
)

function Chart({ id, isStale = false }: { readonly id: string; readonly isStale?: boolean }): ReactElement {
  const spec: ChartSpec | undefined = charts.get(id)
  if (!spec) return <p>No such chart</p>
  const marks = id === 'memory' ? [{ value: 7e8, label: 'alert above 668 MB' }] : []
  const shown = id === 'errors' ? emptySeries : series
  return (
    <TimeChart
      {...{ spec, series: shown, window, group, marks, isStale }}
      onZoom={nothing}
      onZoomBack={nothing}
    />
  )
}

const row: StatementRow = {
  ...{
    instanceId: 'none',
    fingerprint: '1',
    text: 'select c.name, sum(o.total)\nfrom orders o\nwhere o.id = $1',
  },
  ...{ calls: 12_345, errors: 0, rows: 24_690, bytes: 4_096_000, cacheHits: 20, totalMs: 18_400, waitMs: 40 },
  ...{ meanMs: 1.49, maxMs: 210, p50Ms: 1.1, p90Ms: 2.2, p95Ms: 3.4, p99Ms: 12, p999Ms: 80 },
  ...{ firstSeenMs: nowMs - 8e7, lastSeenMs: nowMs, growth: 1_200 },
  sparkline: [...course(1.3, 10, 4).slice(0, 32)],
}
const rows: readonly StatementRow[] = [
  row,
  {
    ...row,
    fingerprint: '2',
    text: 'update accounts set balance = balance + $1 where id = $2',
    errors: 12,
    totalMs: 6_000,
  },
  {
    ...row,
    fingerprint: '3',
    text: `select ${'a_long_column, '.repeat(30)} 1`,
    calls: 1,
    rows: 0,
    growth: 0,
    totalMs: 0.4,
  },
]
const histogram = Array.from({ length: 60 }, (_, index) => {
  const fromMs = 0.2 * 1.12 ** index
  return {
    fromMs,
    toMs: fromMs * 1.12,
    count: Math.max(1, Math.round(4_000 * Math.exp(-((index - 16) ** 2) / 60))),
  }
})

export function DashboardSections(): ReactElement {
  return (
    <>
      {['latency', 'memory', 'hits', 'errors'].map((id) => (
        <GallerySection key={id} title={`Chart of ${id}`}>
          <div className="frame chart">
            <Chart id={id} />
          </div>
        </GallerySection>
      ))}
      <GallerySection title="Chart of old numbers">
        <div className="frame chart">
          <Chart id="latency" isStale />
        </div>
      </GallerySection>
      <GallerySection title="Spread of durations">
        <div className="frame chart">
          <HistogramChart {...{ histogram, row }} />
        </div>
      </GallerySection>
      <GallerySection title="Statements" isWide>
        <div style={{ width: '100%' }}>
          <StatementTable
            {...{ rows, order: 'totalTime', onOrder: nothing, onOpen: nothing }}
            totals={{ ...row, totalMs: 24_400.4 }}
          />
        </div>
      </GallerySection>
    </>
  )
}
