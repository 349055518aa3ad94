/**
 * The grid as a screen reader sees it: real rows and cells for the visible window and the keyboard's cell, hidden
 * from the eye. Follows the canvas a moment later, so that scrolling never waits for it.
 */

import { cellLine, type CellLine } from './cell-line.ts'
import type { GridModel } from './grid-model.ts'
import { cellSlot } from './grid-source.ts'
import type { Span } from './grid-viewport.ts'
import { clampPosition, rangeHolds, type CellPosition } from './selection.ts'

/** A reader walks cell by cell; a window larger than this would only cost time. */
const mirroredRowsMax = 40
const mirroredColumnsMax = 24
/** Characters of one cell that are read out; the detail view has them all. */
const mirroredCharactersMax = 200

/** What tells a cell from one whose text has the same letters. */
const toneWords: Record<CellLine['tone'], string | null> = {
  value: null,
  null: 'no value',
  empty: 'no characters',
}

export class GridMirror {
  readonly #grid: HTMLElement
  readonly #body: HTMLElement
  readonly #idPrefix: string
  #rows: Span = { first: 0, last: -1 }
  #columns: Span = { first: 0, last: -1 }

  /** `grid` has the role; `body` is its hidden child that receives rows. */
  constructor(grid: HTMLElement, body: HTMLElement, idPrefix: string) {
    this.#grid = grid
    this.#body = body
    this.#idPrefix = idPrefix
  }

  /** Shows nothing. */
  clear(): void {
    this.#body.replaceChildren()
    this.#rows = { first: 0, last: -1 }
    this.#grid.removeAttribute('aria-activedescendant')
  }

  /** Tells the reader where the keyboard is; rebuilds the window when it does not hold that cell. */
  focus(model: GridModel): void {
    const focus = model.selection?.focus
    if (!focus || model.extent.rowCount === 0) {
      this.#grid.removeAttribute('aria-activedescendant')
      return
    }
    const position = clampPosition(focus, model.extent)
    if (!this.#holds(position)) this.update(model)
    this.#grid.setAttribute('aria-activedescendant', this.#cellId(position.row, position.column))
  }

  /** Tells how large the result is; costs nothing, so that it may be said with every batch. */
  resize({ extent }: GridModel): void {
    this.#grid.setAttribute('aria-rowcount', String(extent.rowCount + 1))
    this.#grid.setAttribute('aria-colcount', String(extent.columnCount))
  }

  /** Rebuilds the window around what is visible. */
  update(model: GridModel): void {
    const { source, viewport } = model
    this.resize(model)
    this.#rows = around(viewport.visibleRows, model.selection?.focus.row, mirroredRowsMax)
    this.#columns = around(viewport.visibleColumns, model.selection?.focus.column, mirroredColumnsMax)
    const header = row(1)
    for (let column = this.#columns.first; column <= this.#columns.last; column += 1) {
      const description = source.columns[column]
      if (description)
        header.append(cell('columnheader', column, `${description.name}, ${description.typeName}`))
    }
    const rows = [header]
    for (let at = this.#rows.first; at <= this.#rows.last; at += 1) rows.push(this.#row(model, at))
    this.#body.replaceChildren(...rows)
  }

  #row(model: GridModel, at: number): HTMLElement {
    const element = row(at + 2)
    const range = model.selected
    for (let column = this.#columns.first; column <= this.#columns.last; column += 1) {
      const slot = cellSlot(model.source, at, column)
      const display = slot ? cellLine(slot, mirroredCharactersMax) : null
      const text =
        display?.tone === 'empty' ? 'empty text' : `${display?.text ?? ''}${display?.isCut ? '…' : ''}`
      const made = cell('gridcell', column, text)
      const description = display && toneWords[display.tone]
      if (description) made.setAttribute('aria-description', description)
      made.id = this.#cellId(at, column)
      made.setAttribute('aria-selected', String(range !== null && rangeHolds(range, { row: at, column })))
      element.append(made)
    }
    return element
  }

  #holds({ row: at, column }: CellPosition): boolean {
    const { first, last } = this.#rows
    return at >= first && at <= last && column >= this.#columns.first && column <= this.#columns.last
  }

  #cellId(at: number, column: number): string {
    return `${this.#idPrefix}-${at}-${column}`
  }
}

/** `visible`, cut to `countMax` and moved so that it holds `wanted`. */
function around(visible: Span, wanted: number | undefined, countMax: number): Span {
  const count = Math.min(countMax, visible.last - visible.first + 1)
  if (wanted === undefined || (wanted >= visible.first && wanted < visible.first + count)) {
    return { first: visible.first, last: visible.first + count - 1 }
  }
  const first = wanted > visible.last ? visible.last - count + 1 : Math.min(wanted, visible.last - count + 1)
  const start = wanted >= first && wanted < first + count ? first : wanted
  return { first: start, last: start + Math.max(1, count) - 1 }
}

function row(index: number): HTMLElement {
  const element = document.createElement('div')
  element.setAttribute('role', 'row')
  element.setAttribute('aria-rowindex', String(index))
  return element
}

function cell(role: string, column: number, text: string): HTMLElement {
  const element = document.createElement('div')
  element.setAttribute('role', role)
  element.setAttribute('aria-colindex', String(column + 1))
  element.textContent = text
  return element
}
