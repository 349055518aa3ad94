/**
 * The grid's elements in the page: a scrolled element that has the browser's scrollbars, a canvas above it, and
 * the hidden rows for screen readers. Owns when to draw (once a frame, only when something changed) and keeps the
 * browser's scroll position and the model's in step. Shows one model at a time; the model outlives it.
 */

import { DisposableStore } from '../../base/disposable.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { cellHint } from './cell-hint.ts'
import type { CellMeasures } from './column-measure.ts'
import { makeGridElements, removeGridElements, type GridElements } from './grid-elements.ts'
import { GridMirror } from './grid-mirror.ts'
import type { GridModel } from './grid-model.ts'
import { GridPainter } from './grid-painter.ts'
import { GridPointer } from './grid-pointer.ts'
import { readGridTheme, watchTheme, type GridTheme } from './grid-theme.ts'
import type { CellPosition, Selection } from './selection.ts'
import { TextFitter } from './text-fitter.ts'
import { wheelStepPx } from './wheel-step.ts'

export interface SurfaceOptions {
  readonly onOpen: (position: CellPosition) => void
  /** Selection or scroll position may have changed. */
  readonly onChange: () => void
}

/** The reader's rows follow when nothing has moved for this long. */
const mirrorDelayMs = 120

export class GridSurface {
  readonly #elements: GridElements
  readonly #options: SurfaceOptions
  readonly #store = new DisposableStore()
  readonly #painter: GridPainter
  readonly #pen: CanvasRenderingContext2D
  readonly #measuringPen: OffscreenCanvasRenderingContext2D
  readonly #mirror: GridMirror
  #model: GridModel | null = null
  #appended: { dispose(): void } | null = null
  #theme: GridTheme | null = null
  #measures: CellMeasures | null = null
  #rowHeightPx = 24
  #frame = 0
  #mirrorTimer = 0
  #mirroredView = ''
  #mirroredSelection: Selection | null = null
  #mustApplyScroll = false
  #sizePx = { width: 0, height: 0 }

  /** Fills `grid`, an empty element with the role `grid`. */
  constructor(grid: HTMLElement, options: SurfaceOptions) {
    const elements = makeGridElements(grid)
    this.#elements = elements
    this.#options = options
    const pen = elements.canvas.getContext('2d', { alpha: false })
    const measuringPen = new OffscreenCanvas(1, 1).getContext('2d')
    if (!pen || !measuringPen)
      throw new WorkbenchError('unsupported', 'This browser has no 2D canvas; use another')
    this.#pen = pen
    this.#measuringPen = measuringPen
    this.#measuringPen.textRendering = 'optimizeSpeed'
    this.#painter = new GridPainter(pen)
    this.#mirror = new GridMirror(elements.grid, elements.mirror, elements.grid.id)
    this.#watch()
  }

  /** Shows a model, at the place where it was left; null shows nothing. */
  show(model: GridModel | null): void {
    if (model === this.#model) return
    this.#appended?.dispose()
    this.#model = model
    this.#appended = model?.source.onDidAppend(() => this.changed()) ?? null
    this.#mirror.clear()
    this.#mirroredView = ''
    this.changed()
  }

  setRowHeight(rowHeightPx: number): void {
    if (rowHeightPx === this.#rowHeightPx) return
    this.#rowHeightPx = rowHeightPx
    this.changed()
  }

  /** Something of the model changed: draws it in the next frame and moves the scrollbars to it. */
  changed(): void {
    this.#mustApplyScroll = true
    this.#schedule()
    this.#options.onChange()
  }

  /** Announces the keyboard's cell to screen readers. */
  announceFocus(): void {
    if (this.#model) this.#mirror.focus(this.#model)
  }

  fitColumn(column: number): void {
    if (!this.#model) return
    this.#model.fitColumn(column, this.#fonts())
    this.changed()
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#mirrorTimer)
    this.#appended?.dispose()
    this.#store.dispose()
    removeGridElements(this.#elements)
  }

  #watch(): void {
    const { scroller, grid } = this.#elements
    const pointer = new GridPointer({
      element: scroller,
      model: () => this.#model,
      changed: () => {
        grid.focus({ preventScroll: true })
        this.changed()
        this.announceFocus()
      },
      fitColumn: (column) => this.fitColumn(column),
      open: (position) => this.#options.onOpen(position),
      hover: (position) => {
        scroller.title = (this.#model && position && cellHint(this.#model.source, position)) ?? ''
      },
    })
    this.#store.add(pointer)
    this.#listen(scroller, 'scroll', () => this.#followScroll())
    this.#listen(scroller, 'scrollend', () => this.#applyScroll())
    this.#listen(grid, 'focus', () => this.#schedule())
    this.#listen(grid, 'blur', () => this.#schedule())
    const onWheel = (event: WheelEvent): void => this.#wheel(event)
    scroller.addEventListener('wheel', onWheel, { passive: false })
    this.#store.add({ dispose: () => scroller.removeEventListener('wheel', onWheel) })
    this.#store.add({
      dispose: watchTheme(() => {
        this.#theme = null
        this.#measures = null
        this.#schedule()
      }),
    })
    // Drawn at once: setting the size of a canvas empties it, and an empty frame would be seen.
    const observer = new ResizeObserver(() => {
      const wasVisible = this.#isFocusVisible()
      this.#mustApplyScroll = true
      this.#draw()
      this.#keepFocusVisible(wasVisible)
    })
    const hasDeviceBox = 'devicePixelContentBoxSize' in ResizeObserverEntry.prototype
    observer.observe(scroller, { box: hasDeviceBox ? 'device-pixel-content-box' : 'content-box' })
    this.#store.add({ dispose: () => observer.disconnect() })
  }

  /** A view that became smaller (a panel opened) must not hide the cell that the user is at. */
  #keepFocusVisible(wasVisible: boolean): void {
    const focus = this.#model?.selection?.focus
    const { clientWidth, clientHeight } = this.#elements.scroller
    const isSmaller = clientWidth < this.#sizePx.width || clientHeight < this.#sizePx.height
    this.#sizePx = { width: clientWidth, height: clientHeight }
    if (!focus || !isSmaller || !wasVisible) return
    this.#model?.viewport.reveal(focus)
    this.changed()
  }

  #isFocusVisible(): boolean {
    const focus = this.#model?.selection?.focus
    if (!this.#model || !focus) return false
    const { visibleRows, visibleColumns } = this.#model.viewport
    const isRowVisible = focus.row >= visibleRows.first && focus.row <= visibleRows.last
    return isRowVisible && focus.column >= visibleColumns.first && focus.column <= visibleColumns.last
  }

  #listen(element: HTMLElement, type: string, action: () => void): void {
    element.addEventListener(type, action)
    this.#store.add({ dispose: () => element.removeEventListener(type, action) })
  }

  #wheel(event: WheelEvent): void {
    const model = this.#model
    if (!model || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    const { viewport } = model
    const wheelDeltaY =
      'wheelDeltaY' in event && typeof event.wheelDeltaY === 'number' ? event.wheelDeltaY : 0
    const { deltaX, deltaY, deltaMode, shiftKey } = event
    const step = wheelStepPx({ deltaX, deltaY, deltaMode, shiftKey, wheelDeltaY }, viewport)
    viewport.scroll.moveTo(viewport.scroll.topPx + step.y)
    viewport.scrollLeftTo(viewport.leftPx + step.x)
    this.changed()
  }

  #followScroll(): void {
    const model = this.#model
    if (!model) return
    const { scroller } = this.#elements
    const isMoved = model.viewport.scroll.follow(scroller.scrollTop)
    const isLeftMoved = Math.abs(scroller.scrollLeft - model.viewport.leftPx) >= 1
    if (isLeftMoved) model.viewport.scrollLeftTo(scroller.scrollLeft)
    if (!isMoved && !isLeftMoved) return
    this.#schedule()
    this.#options.onChange()
  }

  #schedule(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw())
  }

  #draw(): void {
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
    const model = this.#model
    const { canvas, scroller, grid } = this.#elements
    const theme = (this.#theme ??= readGridTheme(grid))
    this.#fitCanvas(scroller.clientWidth, scroller.clientHeight)
    if (!model) {
      this.#pen.fillStyle = theme.surface
      this.#pen.fillRect(0, 0, canvas.width, canvas.height)
      return
    }
    model.measure(this.#fonts())
    model.viewport.resize({
      widthPx: scroller.clientWidth,
      heightPx: scroller.clientHeight,
      rowCount: model.source.rowCount,
      rowHeightPx: this.#rowHeightPx,
    })
    if (this.#mustApplyScroll) this.#applyScroll()
    this.#paint(model, theme)
    this.#mirror.resize(model)
    this.#scheduleMirror(model)
  }

  /** Rebuilds the reader's rows once the view rests; batches that arrive below it are no movement. */
  #scheduleMirror(model: GridModel): void {
    const { visibleRows, visibleColumns } = model.viewport
    const view = [visibleRows.first, visibleRows.last, visibleColumns.first, visibleColumns.last].join()
    if (view === this.#mirroredView && model.selection === this.#mirroredSelection) return
    this.#mirroredView = view
    this.#mirroredSelection = model.selection
    clearTimeout(this.#mirrorTimer)
    this.#mirrorTimer = window.setTimeout(() => this.#updateMirror(model), mirrorDelayMs)
  }

  #paint(model: GridModel, theme: GridTheme): void {
    this.#painter.paint({
      viewport: model.viewport,
      source: model.source,
      theme,
      ...this.#fonts(),
      selection: model.selection,
      selected: model.selected,
      hasFocus: this.#elements.grid.matches(':focus-within'),
      devicePixelRatio: window.devicePixelRatio,
    })
  }

  #updateMirror(model: GridModel): void {
    if (model !== this.#model) return
    this.#mirror.update(model)
    this.#mirror.focus(model)
  }

  /** Gives the browser the model's position; reads it back, since the browser rounds it. */
  #applyScroll(): void {
    this.#mustApplyScroll = false
    const model = this.#model
    if (!model) return
    const { scroller, sizer } = this.#elements
    const { scroll, contentSize, leftPx } = model.viewport
    const size = { width: `${contentSize.widthPx}px`, height: `${contentSize.heightPx}px` }
    if (sizer.style.width !== size.width) sizer.style.width = size.width
    if (sizer.style.height !== size.height) sizer.style.height = size.height
    if (Math.abs(scroller.scrollTop - scroll.nativePx) >= 1) scroller.scrollTop = scroll.nativePx
    if (Math.abs(scroller.scrollLeft - leftPx) >= 1) scroller.scrollLeft = leftPx
    scroll.didApply(scroller.scrollTop)
  }

  #fitCanvas(widthPx: number, heightPx: number): void {
    const { canvas } = this.#elements
    const width = Math.round(widthPx * window.devicePixelRatio)
    const height = Math.round(heightPx * window.devicePixelRatio)
    if (canvas.width === width && canvas.height === height) return
    canvas.width = width
    canvas.height = height
    canvas.style.width = `${width / window.devicePixelRatio}px`
    canvas.style.height = `${height / window.devicePixelRatio}px`
  }

  #fonts(): CellMeasures {
    if (this.#measures) return this.#measures
    const theme = (this.#theme ??= readGridTheme(this.#elements.grid))
    const fitter = (font: string): TextFitter => {
      const pen = this.#measuringPen
      return new TextFitter((text) => {
        pen.font = font
        return pen.measureText(text).width
      })
    }
    this.#measures = {
      cellFitter: fitter(theme.cellFont),
      headerFitter: fitter(theme.headerFont),
      typeFitter: fitter(theme.headerTypeFont),
    }
    return this.#measures
  }
}
