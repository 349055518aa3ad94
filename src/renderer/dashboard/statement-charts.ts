/** The charts of one statement. Data alone. */

import type { ChartSpec } from './chart-model.ts'

export const statementCharts: readonly ChartSpec[] = [
  {
    ...{ id: 'statement-latency', title: 'Latency', unit: 'ms' },
    help: 'How long its calls took.',
    lines: [
      { name: 'p50', label: 'p50' },
      { name: 'p95', label: 'p95' },
      { name: 'p99', label: 'p99' },
    ],
  },
  {
    ...{ id: 'statement-calls', title: 'Calls', unit: '1/s', isFilled: true },
    help: 'Its calls in a second, and those that failed.',
    lines: [
      { name: 'calls', label: 'calls' },
      { name: 'errors', label: 'errors', colour: 4 },
    ],
  },
]
