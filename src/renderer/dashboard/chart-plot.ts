/**
 * One plot on a canvas, around uPlot: its lines, its cursor and what the pointer does on it. Told what to show, it
 * answers with moments and windows; it knows neither React nor what the numbers mean.
 */

import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Disposable } from '../../base/disposable.ts'
import { windowBetween, type TimeWindow } from '../state/time-range.ts'
import { emptySeries, type TimeSeries } from '../state/time-series.ts'
import type { ChartGroup, GroupedChart } from './chart-group.ts'
import type { ChartMark, ChartSpec } from './chart-model.ts'
import { plotData, valueRange } from './plot-data.ts'
import { plotOptions } from './plot-options.ts'
import type { ChartTheme } from './chart-theme.ts'

/** What a plot draws. */
export interface PlotContent {
  readonly series: TimeSeries
  readonly window: TimeWindow
  readonly marks: readonly ChartMark[]
  /** Lines that are switched off. */
  readonly hidden: ReadonlySet<string>
}

export interface PlotListener {
  /** A stretch was chosen. */
  onZoom(window: TimeWindow): void
  onZoomBack(): void
  /** The wheel was turned over a moment: less than 1 is closer. */
  onWheelZoom(aroundMs: number, factor: number): void
  /** The wheel was turned sideways, by a share of the window. */
  onPan(share: number): void
}

export interface PlotPlace {
  readonly element: HTMLElement
  readonly spec: ChartSpec
  readonly group: ChartGroup
  readonly listener: PlotListener
}

/** Closer or wider by this much for each turn of the wheel. */
const wheelFactor = 1.25
const wheelPanShare = 0.1

const nothing: PlotContent = {
  series: emptySeries,
  window: { fromMs: 0, toMs: 1 },
  marks: [],
  hidden: new Set(),
}

export class ChartPlot implements GroupedChart, Disposable {
  readonly #place: PlotPlace
  readonly #membership: Disposable
  readonly #resizes: ResizeObserver
  readonly #sight: IntersectionObserver
  #theme: ChartTheme
  #plot: uPlot
  #content = nothing
  #isInSight = false
  #isUnderPointer = false

  constructor(place: PlotPlace, theme: ChartTheme) {
    this.#place = place
    this.#theme = theme
    this.#plot = this.#create()
    this.#membership = place.group.join(this)
    this.#resizes = new ResizeObserver(() => this.#fit())
    this.#resizes.observe(place.element)
    this.#sight = new IntersectionObserver((entries) => this.#takeSight(entries))
    this.#sight.observe(place.element)
  }

  /** Draws it in one of the next frames, or once it comes into sight. */
  show(content: PlotContent): void {
    this.#content = content
    if (this.#isInSight) this.#place.group.invalidate(this)
  }

  setTheme(theme: ChartTheme): void {
    this.#theme = theme
    this.#plot.destroy()
    this.#plot = this.#create()
    this.draw()
  }

  draw(): void {
    const { spec } = this.#place
    const { series, window, hidden } = this.#content
    this.#plot.batch(() => {
      for (const [index, { name }] of spec.lines.entries()) {
        const isShown = !hidden.has(name)
        if (this.#plot.series[index + 1]?.show !== isShown) this.#plot.setSeries(index + 1, { show: isShown })
      }
      this.#plot.setData(plotData(spec, series, window), false)
      this.#plot.setScale('x', { min: window.fromMs, max: window.toMs })
      const [min, max] = valueRange(spec, this.#content)
      this.#plot.setScale('y', { min, max })
    })
    this.pointAt(this.#place.group.cursorMs.value)
  }

  pointAt(atMs: number | null): void {
    // What was never in sight has no scale yet.
    if (!this.#isInSight) return
    const isInside = atMs !== null && atMs >= this.#content.window.fromMs && atMs <= this.#content.window.toMs
    const left = isInside ? this.#plot.valToPos(atMs, 'x') : -10
    this.#plot.setCursor({ left, top: isInside ? 0 : -10 }, false)
  }

  /** As it is drawn now. */
  get canvas(): HTMLCanvasElement {
    return this.#plot.ctx.canvas
  }

  dispose(): void {
    this.#resizes.disconnect()
    this.#sight.disconnect()
    this.#membership.dispose()
    this.#plot.destroy()
  }

  #create(): uPlot {
    const { element, spec } = this.#place
    const options = plotOptions({ spec, theme: this.#theme, marks: () => this.#content.marks })
    const plot = new uPlot(
      {
        ...options,
        width: Math.max(1, element.clientWidth),
        height: Math.max(1, element.clientHeight),
        hooks: {
          ...options.hooks,
          setCursor: [(changed) => this.#takeCursor(changed)],
          setSelect: [(changed) => this.#takeSelection(changed)],
        },
      },
      plotData(spec, emptySeries, nothing.window),
      element,
    )
    plot.over.addEventListener('wheel', (event) => this.#takeWheel(event), { passive: false })
    plot.over.addEventListener('pointerenter', () => void (this.#isUnderPointer = true))
    plot.over.addEventListener('pointerleave', () => this.#leave())
    plot.over.addEventListener('dblclick', () => this.#place.listener.onZoomBack())
    return plot
  }

  #fit(): void {
    const { clientWidth, clientHeight } = this.#place.element
    if (clientWidth === 0 || (clientWidth === this.#plot.width && clientHeight === this.#plot.height)) return
    this.#plot.setSize({ width: clientWidth, height: clientHeight })
  }

  #takeSight(entries: readonly IntersectionObserverEntry[]): void {
    const isInSight = entries.at(-1)?.isIntersecting === true
    if (isInSight && !this.#isInSight) this.#place.group.invalidate(this)
    this.#isInSight = isInSight
  }

  #leave(): void {
    this.#isUnderPointer = false
    this.#place.group.pointAt(null, this)
  }

  /** Told at each drawing, too; only where the pointer is does it mean anything. */
  #takeCursor(plot: uPlot): void {
    const { left = -1 } = plot.cursor
    if (!this.#isUnderPointer || left < 0) return
    const atMs = Math.round(plot.posToVal(left, 'x'))
    if (Number.isFinite(atMs)) this.#place.group.pointAt(atMs, this)
  }

  #takeSelection(plot: uPlot): void {
    const { left, width } = plot.select
    if (width <= 0) return
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    this.#place.listener.onZoom(windowBetween(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')))
  }

  /** Alone it scrolls the page, as everywhere else. A pinch on a touchpad comes as a wheel with Ctrl. */
  #takeWheel(event: WheelEvent): void {
    const turn = Math.sign(event.deltaY || event.deltaX)
    if (turn === 0) return
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault()
      const aroundMs = this.#plot.posToVal(event.clientX - this.#plot.over.getBoundingClientRect().left, 'x')
      this.#place.listener.onWheelZoom(aroundMs, turn > 0 ? wheelFactor : 1 / wheelFactor)
    } else if (event.shiftKey) {
      event.preventDefault()
      this.#place.listener.onPan(turn * wheelPanShare)
    }
  }
}
