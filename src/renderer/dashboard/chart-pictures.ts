/**
 * All charts of the page as one picture: each with its title and the names of its lines, on the background of the
 * theme. Knows the plots that are there now, and no data.
 */

import type { Disposable } from '../../base/disposable.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { colourOf, type ChartSpec } from './chart-model.ts'
import type { ChartPlot } from './chart-plot.ts'
import { readTheme, seriesDashes, type ChartTheme } from './chart-theme.ts'

/** In pixels of the page; the picture has as many more as the screen. */
const marginPx = 24
const gapPx = 16
const headingPx = 40
const captionPx = 26
const columnsMax = 3

interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
}

export class ChartPictures {
  readonly #plots = new Map<string, { readonly spec: ChartSpec; readonly plot: ChartPlot }>()

  /** A chart is there until disposed. */
  add(spec: ChartSpec, plot: ChartPlot): Disposable {
    const entry = { spec, plot }
    this.#plots.set(spec.id, entry)
    return {
      dispose: () => {
        if (this.#plots.get(spec.id) === entry) this.#plots.delete(spec.id)
      },
    }
  }

  /** Rejects where no chart is shown. */
  async take(heading: string): Promise<Blob> {
    const charts = [...this.#plots.values()]
    if (charts.length === 0) {
      throw new WorkbenchError('not-found', 'There are no charts to save; open the overview')
    }
    for (const { plot } of charts) plot.draw()
    // What was drawn is on the canvas after the microtask in which uPlot draws.
    await new Promise((resolve) => requestAnimationFrame(resolve))
    const canvas = compose(charts, heading)
    return new Promise((resolve, reject) => {
      canvas.toBlob((blob) => {
        if (blob) resolve(blob)
        else reject(new WorkbenchError('limit-exceeded', 'The browser cannot make a picture of this size'))
      })
    })
  }
}

type Charts = readonly { readonly spec: ChartSpec; readonly plot: ChartPlot }[]

function compose(charts: Charts, heading: string): HTMLCanvasElement {
  const theme = readTheme()
  const scale = devicePixelRatio
  const columns = Math.min(columnsMax, charts.length)
  const width = Math.max(...charts.map(({ plot }) => plot.canvas.width)) / scale
  const height = Math.max(...charts.map(({ plot }) => plot.canvas.height)) / scale + captionPx
  const rows = Math.ceil(charts.length / columns)
  const canvas = document.createElement('canvas')
  canvas.width = (2 * marginPx + columns * width + (columns - 1) * gapPx) * scale
  canvas.height = (2 * marginPx + headingPx + rows * height + (rows - 1) * gapPx) * scale
  const context = canvas.getContext('2d')
  if (!context) throw new WorkbenchError('unsupported', 'The browser cannot draw pictures')
  context.scale(scale, scale)
  context.fillStyle = theme.background
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.textBaseline = 'middle'
  context.fillStyle = theme.textStrong
  context.font = theme.titleFont
  context.fillText(heading, marginPx, marginPx + headingPx / 2 - 8)
  for (const [index, chart] of charts.entries()) {
    const x = marginPx + (index % columns) * (width + gapPx)
    const y = marginPx + headingPx + Math.floor(index / columns) * (height + gapPx)
    drawCaption(context, { spec: chart.spec, theme, place: { x, y, width } })
    const { canvas: plot } = chart.plot
    context.drawImage(plot, x, y + captionPx, plot.width / scale, plot.height / scale)
  }
  return canvas
}

interface Caption {
  readonly spec: ChartSpec
  readonly theme: ChartTheme
  readonly place: Place
}

/** The title on the left, the names of the lines on the right. */
function drawCaption(context: CanvasRenderingContext2D, { spec, theme, place }: Caption): void {
  const y = place.y + captionPx / 2
  context.font = theme.titleFont
  context.fillStyle = theme.textStrong
  context.textAlign = 'left'
  context.fillText(spec.title, place.x + 8, y)
  if (spec.lines.length < 2) return
  context.font = theme.font
  let x = place.x + place.width - 8
  for (const [index, { label }] of [...spec.lines.entries()].toReversed()) {
    context.textAlign = 'right'
    context.fillStyle = theme.text
    context.fillText(label, x, y)
    x -= context.measureText(label).width + 6
    const number = colourOf(spec, index) - 1
    context.strokeStyle = theme.series[number % theme.series.length] ?? theme.text
    context.lineWidth = 2
    context.setLineDash([...(seriesDashes[number % seriesDashes.length] ?? [])])
    context.beginPath()
    context.moveTo(x - 14, y)
    context.lineTo(x, y)
    context.stroke()
    context.setLineDash([])
    x -= 14 + 12
  }
  context.textAlign = 'left'
}
