/** How a number of a chart is written, by its unit: on an axis in few characters, elsewhere exactly enough. Pure. */

import type { Metric } from '../../contract/monitor.ts'

/** What the numbers of a chart are: those of the monitor's metrics. */
export type ChartUnit = Metric['unit']

const minuteMs = 60_000
const kibi = 1_024

/** `12.4 ms`, `1.20 GB`, `35 %`, `1,204/s`; a dash where nothing is known. */
export function formatValue(value: number, unit: ChartUnit): string {
  if (!Number.isFinite(value)) return '–'
  switch (unit) {
    case 'ms':
      return milliseconds(value)
    case 'cores':
      return `${value < 10 ? value.toFixed(2) : value.toFixed(1)} cores`
    case 'bytes':
      return bytes(value)
    case 'bytes/s':
      return `${bytes(value)}/s`
    case '1/s':
      return `${plain(value)}/s`
    case 'ratio':
      return `${percent(value)} %`
    case 'count':
      return plain(value)
  }
}

/** As `formatValue`, in as few characters as an axis has room for. */
export function formatTick(value: number, unit: ChartUnit): string {
  if (unit === '1/s' || unit === 'cores' || unit === 'count') return compact(value)
  if (unit === 'ratio') return `${Number((value * 100).toPrecision(3))}%`
  return formatValue(value, unit)
    .replace(/\/s$/, '')
    .replace(/(\.\d*?)0+(?=\s)/, '$1')
    .replace(/\.(?=\s)/, '')
}

/** The steps between the lines of an axis, so that they fall on round numbers of the unit. */
export function tickSteps(unit: ChartUnit): number[] | null {
  if (unit !== 'bytes' && unit !== 'bytes/s') return null
  const steps: number[] = []
  for (let power = 0; power < 5; power += 1) {
    for (const step of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]) steps.push(step * kibi ** power)
  }
  return steps
}

function milliseconds(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return '0 ms'
  if (size < 1) return `${Number((value * 1_000).toPrecision(3))} µs`
  if (size < 1_000) return `${digits(value)} ms`
  if (size < minuteMs) return `${digits(value / 1_000)} s`
  return `${digits(value / minuteMs)} min`
}

function bytes(value: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let [size, index] = [Math.abs(value), 0]
  while (size >= 999.5 && index < units.length - 1) {
    size /= kibi
    index += 1
  }
  const shown = index === 0 ? Math.round(size).toString() : digits(size)
  return `${value < 0 ? '-' : ''}${shown} ${units[index]}`
}

function percent(share: number): string {
  const value = share * 100
  return value !== 0 && value !== 100 && Math.abs(value) < 99.95 && Math.abs(value) >= 0.05
    ? value.toFixed(1)
    : String(Number(value.toPrecision(3)))
}

/** Three figures that count, as numbers are read. */
function digits(value: number): string {
  const size = Math.abs(value)
  if (size >= 100) return Math.round(value).toLocaleString('en')
  return size >= 10 ? value.toFixed(1) : value.toFixed(2)
}

function plain(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(3)))
}

function compact(value: number): string {
  if (Math.abs(value) < 1_000) return String(Number(value.toPrecision(3)))
  return new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }).format(value)
}
