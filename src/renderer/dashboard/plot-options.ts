/** How a plot looks: axes, lines, grid and marks, from the tokens of the theme. Knows no data. */

import type { Axis, Options, Series } from 'uplot'
import type uPlot from 'uplot'
import { colourOf, type ChartMark, type ChartSpec } from './chart-model.ts'
import { seriesDashes, type ChartTheme } from './chart-theme.ts'
import { clockTime } from './clock-time.ts'
import { formatTick, tickSteps } from './chart-units.ts'
import { lonePoints } from './plot-data.ts'

/** The same for all, so that charts above one another have the same moments above one another. */
const valueAxisWidthPx = 58
const timeAxisHeightPx = 22

const secondMs = 1_000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** Steps between the moments that are written. */
const timeStepsMs = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * secondMs),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minuteMs),
  ...[1, 2, 3, 6, 12].map((count) => count * hourMs),
  ...[1, 2, 7, 14, 30].map((count) => count * dayMs),
]

interface Look {
  readonly spec: ChartSpec
  readonly theme: ChartTheme
  /** Asked at each drawing. */
  marks(): readonly ChartMark[]
}

type PlotOptions = Omit<Options, 'width' | 'height'>

export function plotOptions(look: Look): PlotOptions {
  const { spec, theme } = look
  return {
    ms: 1,
    legend: { show: false },
    // On the right there is room for half of a time.
    padding: [8, 16, 0, 0],
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false, dist: 4 },
      points: { size: 6, width: 0, fill: (plot, index) => lineColour(plot, index) },
      // It would show the whole range of the data; going back is told to the page instead.
      bind: { dblclick: () => null },
    },
    scales: { x: { time: true, auto: false }, y: { auto: false } },
    axes: [timeAxis(theme), valueAxis(look)],
    series: [{}, ...spec.lines.map((_, index) => lineOptions(look, index))],
    hooks: { draw: [(plot) => drawMarks(plot, look)] },
  }
}

function lineColour(plot: uPlot, index: number): string {
  const { stroke } = plot.series[index] ?? {}
  const colour: unknown = typeof stroke === 'function' ? stroke(plot, index) : stroke
  return typeof colour === 'string' ? colour : 'gray'
}

function lineOptions({ spec, theme }: Look, index: number): Series {
  const number = colourOf(spec, index) - 1
  const colour = theme.series[number % theme.series.length] ?? theme.text
  return {
    stroke: colour,
    width: 1.5,
    ...(spec.isFilled === true && index === 0 ? { fill: `${colour}22` } : {}),
    dash: spec.lines.length === 1 ? [] : [...(seriesDashes[number % seriesDashes.length] ?? [])],
    // A line needs two points; one by itself is drawn as a dot, or nobody would see it.
    points: { show: false, filter: (plot, line) => lonePoints(plot.data[line] ?? []), size: 4, fill: colour },
    spanGaps: false,
  }
}

function timeAxis(theme: ChartTheme): Axis {
  return {
    stroke: theme.text,
    font: theme.font,
    size: timeAxisHeightPx,
    gap: 4,
    space: 72,
    incrs: timeStepsMs,
    grid: { stroke: theme.grid, width: 1 },
    ticks: { show: false },
    border: { show: true, stroke: theme.axis, width: 1 },
    values: (...[, splits, , , stepMs]) => splits.map((atMs) => timeTick(atMs, stepMs)),
  }
}

/** The time of the day; the date where a day begins. */
export function timeTick(atMs: number, stepMs: number): string {
  const at = new Date(atMs)
  const isMidnight = at.getHours() === 0 && at.getMinutes() === 0 && at.getSeconds() === 0
  if (isMidnight) return at.toLocaleDateString('en', { day: 'numeric', month: 'short' })
  return clockTime(atMs, stepMs < minuteMs)
}

function valueAxis({ spec, theme }: Look): Axis {
  const steps = tickSteps(spec.unit)
  return {
    stroke: theme.text,
    font: theme.font,
    size: valueAxisWidthPx,
    gap: 6,
    space: 32,
    ...(steps ? { incrs: steps } : {}),
    grid: { stroke: theme.grid, width: 1 },
    ticks: { show: false },
    border: { show: false },
    values: (_, splits) => splits.map((value) => formatTick(value, spec.unit)),
  }
}

/** Thresholds: a broken line across, with its name at its end. */
function drawMarks(plot: uPlot, { theme, marks }: Look): void {
  const { ctx, bbox } = plot
  for (const { value, label } of marks()) {
    const y = plot.valToPos(value, 'y', true)
    if (y < bbox.top || y > bbox.top + bbox.height) continue
    ctx.save()
    ctx.strokeStyle = theme.mark
    ctx.fillStyle = theme.mark
    ctx.lineWidth = devicePixelRatio
    ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio])
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
    ctx.font = theme.font.replace(/[\d.]+px/, `${10 * devicePixelRatio}px`)
    ctx.textAlign = 'right'
    ctx.textBaseline = 'bottom'
    ctx.fillText(label, bbox.left + bbox.width - 4, y - 2)
    ctx.restore()
  }
}
