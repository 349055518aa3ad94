/** A line over time as SVG, for a page without scripts: axes, the line, its last value and its highest in words. */

import { numberText } from './finding-words.ts'
import { element, type Markup } from './markup.ts'
import type { ReportSeries } from './report-data.ts'

const width = 640
const height = 140
const margin = { left: 8, right: 8, top: 10, bottom: 18 } as const

export interface ChartWish {
  readonly title: string
  readonly unit: string
  /** Of the series, drawn into one picture with one scale. */
  readonly names: readonly string[]
  /** What the picture is of, whether or not all of it was measured. */
  readonly fromMs: number
  readonly toMs: number
  /** A value is shown as so many units. */
  readonly perUnit?: number
}

export function chart(series: ReportSeries, wish: ChartWish): Markup {
  const { title, unit, names, fromMs, toMs, perUnit = 1 } = wish
  const lines = names
    .map((name) => ({ name, values: series.columns[series.names.indexOf(name)] ?? [] }))
    .filter(({ values }) => values.some((value) => value !== null))
  const highest = Math.max(0, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0)))
  const scale = { times: series.times, fromMs, toMs, highest: highest || 1 }
  const drawn = lines.map(({ values }, index) =>
    element('path', { class: `line line-${index}`, d: pathOf(values, scale) }),
  )
  const label = `${title}: at most ${numberText(highest / perUnit)} ${unit}`
  const shape = { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'xMinYMid' }
  const picture = element('svg', { ...shape, role: 'img', 'aria-label': label }, [
    element('path', { class: 'axis', d: `M${margin.left} ${bottom}H${width - margin.right}` }),
    ...drawn,
    ...timeTexts(fromMs, toMs),
  ])
  const legend = lines.map(({ name }, index) => element('span', { class: `key key-${index}` }, name))
  const head = element('figcaption', {}, [
    `${title} (at most ${numberText(highest / perUnit)} ${unit}) `,
    ...legend,
  ])
  return element('figure', {}, lines.length === 0 ? [head, noValues] : [head, picture])
}

const noValues = element('p', { class: 'none' }, 'Nothing was measured.')
const bottom = height - margin.bottom

interface Scale {
  readonly times: readonly number[]
  readonly fromMs: number
  readonly toMs: number
  readonly highest: number
}

/** Lines between neighbours; a gap where nothing was measured. */
function pathOf(values: readonly (number | null)[], { times, fromMs, toMs, highest }: Scale): string {
  const across = (width - margin.left - margin.right) / Math.max(1, toMs - fromMs)
  const up = (bottom - margin.top) / highest
  let path = ''
  let isDrawing = false
  values.forEach((value, index) => {
    const time = times[index]
    if (value === null || time === undefined) {
      isDrawing = false
      return
    }
    // A part that began before the range, or ends after it, is at its edge.
    const inside = Math.min(Math.max(time, fromMs), toMs)
    const place = `${rounded(margin.left + (inside - fromMs) * across)} ${rounded(bottom - value * up)}`
    // A point alone is a dot, by the round ends of a line of no length.
    path += isDrawing ? `L${place}` : `M${place}h0`
    isDrawing = true
  })
  return path
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}

function timeTexts(fromMs: number, toMs: number): Markup[] {
  const text = (time: number): string => new Date(time).toISOString().slice(0, 16).replace('T', ' ')
  return [
    element('text', { x: margin.left, y: height - 4 }, text(fromMs)),
    element('text', { x: width - margin.right, y: height - 4, 'text-anchor': 'end' }, text(toMs)),
  ]
}
