/** Values of metrics as people read them. */

import type { Metric } from '../../contract/monitor.ts'

const steps = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** As in `1.5 GiB`, `2.0 cores`, `87 %`. */
export function valueText(value: number, unit: Metric['unit']): string {
  switch (unit) {
    case 'bytes':
      return bytesText(value)
    case 'bytes/s':
      return `${bytesText(value)}/s`
    case 'ratio':
      return `${short(value * 100)} %`
    case 'ms':
      return `${short(value)} ms`
    case 'cores':
      return `${short(value)} cores`
    case '1/s':
      return `${short(value)}/s`
    case 'count':
      return short(value)
  }
}

function bytesText(bytes: number): string {
  let rest = bytes
  let step = 0
  while (Math.abs(rest) >= 1_024 && step < steps.length - 1) {
    rest /= 1_024
    step++
  }
  return `${short(rest)} ${steps[step] ?? 'B'}`
}

/** Three digits, and no more than are of use. */
function short(value: number): string {
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))
}
