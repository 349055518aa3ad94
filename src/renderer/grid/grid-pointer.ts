/**
 * The pointer in the grid: click, shift-click, drag with scrolling at the edges, dragging and double-clicking the
 * edge of a column. Turns events into changes of the model; draws nothing.
 */

import type { GridModel } from './grid-model.ts'
import type { Hit } from './grid-viewport.ts'
import { extendTo, selectCell, selectUnit, type CellPosition, type Selection } from './selection.ts'

/** What the pointer needs of the surface it moves on. */
export interface PointerSurface {
  readonly element: HTMLElement
  /** The result that is shown; null when there is none. */
  model(): GridModel | null
  /** The model changed: draw it, and scroll the element to its position. */
  changed(): void
  fitColumn(column: number): void
  open(position: CellPosition): void
  /** The pointer rests on a cell, or on none. */
  hover(position: CellPosition | null): void
}

/** Rows and pixels that one frame scrolls when the pointer is far outside; nearer it is slower. */
const autoscrollPxMax = 120
const autoscrollDivisor = 4

type Drag =
  | { readonly kind: 'select'; readonly area: Hit['area'] }
  | { readonly kind: 'resize'; readonly column: number; readonly startX: number; readonly startPx: number }

export class GridPointer {
  readonly #surface: PointerSurface
  #drag: Drag | null = null
  #last = { x: 0, y: 0 }
  #frame = 0

  constructor(surface: PointerSurface) {
    this.#surface = surface
    const { element } = surface
    element.addEventListener('pointerdown', this.#onDown)
    element.addEventListener('mousedown', this.#onMouseDown)
    element.addEventListener('pointermove', this.#onMove)
    element.addEventListener('pointerup', this.#onUp)
    element.addEventListener('pointercancel', this.#onUp)
    element.addEventListener('dblclick', this.#onDouble)
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame)
    const { element } = this.#surface
    element.removeEventListener('pointerdown', this.#onDown)
    element.removeEventListener('mousedown', this.#onMouseDown)
    element.removeEventListener('pointermove', this.#onMove)
    element.removeEventListener('pointerup', this.#onUp)
    element.removeEventListener('pointercancel', this.#onUp)
    element.removeEventListener('dblclick', this.#onDouble)
  }

  /** Where the pointer is in the view; null on the scrollbars. */
  #at(event: MouseEvent): { x: number; y: number; hit: Hit } | null {
    const { element } = this.#surface
    const model = this.#surface.model()
    const bounds = element.getBoundingClientRect()
    const x = event.clientX - bounds.left
    const y = event.clientY - bounds.top
    if (!model || x >= element.clientWidth || y >= element.clientHeight) return null
    return { x, y, hit: model.viewport.hit(x, y) }
  }

  readonly #onDown = (event: PointerEvent): void => {
    const at = this.#at(event)
    const model = this.#surface.model()
    if (!at || !model || event.button > 2 || event.button === 1) return
    if (event.button === 2) this.#secondary(model, at.hit)
    else this.#primary({ event, model, ...at })
    this.#surface.changed()
  }

  /** Keeps the focus where it is: the surface gives it to the grid, the browser would give it to the scroller. */
  readonly #onMouseDown = (event: MouseEvent): void => {
    if (this.#at(event)) event.preventDefault()
  }

  /** The menu acts on the selection; a click outside it selects what was clicked. */
  #secondary(model: GridModel, hit: Hit): void {
    const range = model.selected
    const isInside =
      range !== null &&
      (hit.row < 0 || (hit.row >= range.firstRow && hit.row <= range.lastRow)) &&
      (hit.column < 0 || (hit.column >= range.firstColumn && hit.column <= range.lastColumn))
    if (!isInside) this.#begin(model, hit)
  }

  #primary(press: { event: PointerEvent; model: GridModel; hit: Hit; x: number; y: number }): void {
    const { event, model, hit } = press
    if (hit.area === 'outside') return
    this.#last = { x: press.x, y: press.y }
    this.#surface.element.setPointerCapture(event.pointerId)
    if (hit.area === 'edge') {
      const startPx = model.widths.widthOf(hit.column)
      this.#drag = { kind: 'resize', column: hit.column, startX: event.clientX, startPx }
      return
    }
    const from = model.selection
    if (event.shiftKey && from && hit.area !== 'corner') this.#stretch(model, from, hit)
    else this.#begin(model, hit)
    this.#drag = hit.area === 'corner' ? null : { kind: 'select', area: hit.area }
  }

  #stretch(model: GridModel, from: Selection, hit: Hit): void {
    const position = { row: Math.max(0, hit.row), column: Math.max(0, hit.column) }
    const stretched = extendTo(from, this.#along(hit.area, position, from.focus))
    if (hit.area === 'gutter') model.select({ ...stretched, unit: 'rows' })
    else if (hit.area === 'header') model.select({ ...stretched, unit: 'columns' })
    else model.select(stretched)
  }

  #begin(model: GridModel, hit: Hit): void {
    const row = Math.max(0, hit.row)
    const column = Math.max(0, hit.column)
    const visible = { row: model.viewport.visibleRows.first, column: model.viewport.visibleColumns.first }
    if (hit.area === 'cell') model.select(selectCell({ row, column }))
    else if (hit.area === 'gutter') model.select(selectUnit('rows', { row, column: visible.column }))
    else if (hit.area === 'header') model.select(selectUnit('columns', { row: visible.row, column }))
    else if (hit.area === 'corner') model.select(selectUnit('all', visible))
  }

  /** Drags in the gutter move along rows only, drags in the header along columns only. */
  #along(area: Hit['area'], position: CellPosition, focus: CellPosition): CellPosition {
    if (area === 'gutter') return { row: position.row, column: focus.column }
    if (area === 'header') return { row: focus.row, column: position.column }
    return position
  }

  readonly #onMove = (event: PointerEvent): void => {
    if (!this.#drag) {
      const at = this.#at(event)
      this.#surface.element.style.cursor = at?.hit.area === 'edge' ? 'col-resize' : 'default'
      this.#surface.hover(at?.hit.area === 'cell' ? { row: at.hit.row, column: at.hit.column } : null)
      return
    }
    const bounds = this.#surface.element.getBoundingClientRect()
    this.#last = { x: event.clientX - bounds.left, y: event.clientY - bounds.top }
    const model = this.#surface.model()
    if (!model) return
    if (this.#drag.kind === 'resize') {
      model.settle()
      model.widths.setByHand(this.#drag.column, this.#drag.startPx + event.clientX - this.#drag.startX)
      this.#surface.changed()
      return
    }
    this.#extend(model)
    this.#scheduleAutoscroll()
  }

  #extend(model: GridModel): void {
    const from = model.selection
    if (!from || this.#drag?.kind !== 'select') return
    const position = model.viewport.nearest(this.#last.x, this.#last.y)
    model.select(extendTo(from, this.#along(this.#drag.area, position, from.focus)))
    this.#surface.changed()
  }

  /** How far one frame scrolls, in both directions; zero while the pointer is inside the cells. */
  #autoscrollPx(model: GridModel): { x: number; y: number } {
    const { element } = this.#surface
    const { viewport } = model
    const area = this.#drag?.kind === 'select' ? this.#drag.area : 'outside'
    const speed = (beyondPx: number): number =>
      Math.sign(beyondPx) * Math.min(autoscrollPxMax, Math.abs(beyondPx) / autoscrollDivisor)
    const beyond = (at: number, low: number, high: number): number =>
      at < low ? at - low : at > high ? at - high : 0
    const y = area === 'header' ? 0 : beyond(this.#last.y, 28, element.clientHeight)
    const x = area === 'gutter' ? 0 : beyond(this.#last.x, viewport.gutterPx, element.clientWidth)
    return { x: speed(x), y: speed(y) }
  }

  #scheduleAutoscroll(): void {
    cancelAnimationFrame(this.#frame)
    this.#frame = requestAnimationFrame(() => {
      const model = this.#surface.model()
      if (!model || this.#drag?.kind !== 'select') return
      const step = this.#autoscrollPx(model)
      if (step.x === 0 && step.y === 0) return
      model.viewport.scroll.moveTo(model.viewport.scroll.topPx + step.y)
      model.viewport.scrollLeftTo(model.viewport.leftPx + step.x)
      this.#extend(model)
      this.#scheduleAutoscroll()
    })
  }

  readonly #onUp = (): void => {
    this.#drag = null
    cancelAnimationFrame(this.#frame)
  }

  readonly #onDouble = (event: MouseEvent): void => {
    const at = this.#at(event)
    if (at?.hit.area === 'edge') this.#surface.fitColumn(at.hit.column)
    else if (at?.hit.area === 'cell') this.#surface.open({ row: at.hit.row, column: at.hit.column })
  }
}
