/**
 * Draws the visible window of a result on a canvas, straight from the batches. Owns nothing but the pen: geometry,
 * selection, theme and data are handed in with each frame, and nothing is kept between frames.
 */

import { cellLine, isRightAligned, type CellLine } from './cell-line.ts'
import type { BatchRow, GridSource } from './grid-source.ts'
import { selectionTintOpacity, type GridTheme } from './grid-theme.ts'
import { headerHeightPx, type GridViewport, type Span } from './grid-viewport.ts'
import { cellCount, type CellRange, type Selection } from './selection.ts'
import { shortTypeName } from './short-type-name.ts'
import type { TextFitter } from './text-fitter.ts'

/** Everything that one picture depends on. */
export interface GridFrame {
  readonly viewport: GridViewport
  readonly source: GridSource
  readonly theme: GridTheme
  readonly cellFitter: TextFitter
  readonly headerFitter: TextFitter
  readonly typeFitter: TextFitter
  readonly selection: Selection | null
  readonly selected: CellRange | null
  readonly hasFocus: boolean
  readonly devicePixelRatio: number
}

/** Space left and right of a cell's text. */
export const cellPaddingPx = 8
/** Space between a column's name and its type. */
export const headerGapPx = 6

interface CellBox {
  readonly leftPx: number
  readonly widthPx: number
  readonly baselinePx: number
  readonly alignRight: boolean
}

export class GridPainter {
  readonly #pen: CanvasRenderingContext2D
  /** NULLs of this frame, drawn together at the end: changing the font for each would cost more than all else. */
  readonly #nulls: { readonly xPx: number; readonly baselinePx: number }[] = []

  constructor(pen: CanvasRenderingContext2D) {
    this.#pen = pen
  }

  /** Draws one whole frame. */
  paint(frame: GridFrame): void {
    const { viewport, theme, devicePixelRatio } = frame
    const pen = this.#pen
    pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0)
    pen.textBaseline = 'alphabetic'
    // Ligatures and kerning would move characters of a value; even columns need neither.
    pen.textRendering = 'optimizeSpeed'
    pen.fillStyle = theme.surface
    pen.fillRect(0, 0, viewport.widthPx, viewport.heightPx)
    const rows = viewport.visibleRows
    const columns = viewport.visibleColumns
    this.#selectionTint(frame)
    this.#lines(frame, { rows, columns })
    this.#cells(frame, { rows, columns })
    this.#gutter(frame, rows)
    this.#selectionOutline(frame)
    this.#header(frame, columns)
  }

  /** Rounds to whole device pixels, so that lines stay one pixel wide at any zoom. */
  #snap(frame: GridFrame, px: number): number {
    return Math.round(px * frame.devicePixelRatio) / frame.devicePixelRatio
  }

  /** Where the text of a row stands. */
  #baseline(frame: GridFrame, row: number): number {
    const { viewport } = frame
    return this.#snap(frame, viewport.rowTopPx(row)) + Math.round(viewport.rowHeightPx / 2 + 4.5)
  }

  #rect(frame: GridFrame, box: { x: number; y: number; right: number; bottom: number }): void {
    const x = this.#snap(frame, box.x)
    const y = this.#snap(frame, box.y)
    this.#pen.fillRect(x, y, this.#snap(frame, box.right) - x, this.#snap(frame, box.bottom) - y)
  }

  #cells(frame: GridFrame, visible: { rows: Span; columns: Span }): void {
    const { viewport, theme, source } = frame
    const { rows, columns } = visible
    const pen = this.#pen
    pen.font = theme.cellFont
    pen.textAlign = 'left'
    pen.fillStyle = theme.text
    this.#nulls.length = 0
    const located = locateRows(source, rows)
    for (let column = columns.first; column <= columns.last; column += 1) {
      const description = source.columns[column]
      if (!description) continue
      const leftPx = this.#snap(frame, viewport.columnLeftPx(column))
      const widthPx = viewport.widths.widthOf(column)
      const alignRight = isRightAligned(description)
      const charactersMax = Math.ceil((widthPx - 2 * cellPaddingPx) / frame.cellFitter.advancePx) + 1
      for (const [index, at] of located.entries()) {
        if (!at || column >= at.batch.columnCount) continue
        const line = cellLine({ column: at.batch.column(column), row: at.row }, charactersMax)
        const baselinePx = this.#baseline(frame, rows.first + index)
        this.#cell(frame, line, { leftPx, widthPx, baselinePx, alignRight })
      }
    }
    this.#drawNulls(frame)
  }

  #cell(frame: GridFrame, line: CellLine, box: CellBox): void {
    const { cellFitter, theme } = frame
    const pen = this.#pen
    const roomPx = box.widthPx - 2 * cellPaddingPx
    const fits = line.isCut ? 0 : cellFitter.widthOf(line.text)
    const isWhole = !line.isCut && fits <= roomPx
    const x = box.leftPx + cellPaddingPx + (isWhole && box.alignRight ? roomPx - fits : 0)
    if (line.tone !== 'value') {
      this.#absent(frame, line, { xPx: x, baselinePx: box.baselinePx })
      return
    }
    const text = isWhole ? line.text : this.#shortened(frame, line.text, roomPx)
    pen.fillText(text, x, box.baselinePx)
    if (isWhole && line.marks === null) return
    pen.fillStyle = theme.accent
    if (!isWhole) pen.fillText('…', x + cellFitter.widthOf(text), box.baselinePx)
    if (line.marks !== null) this.#marks(frame, { text, marks: line.marks }, { xPx: x, ...box })
    pen.fillStyle = theme.text
  }

  #shortened(frame: GridFrame, text: string, roomPx: number): string {
    return text.slice(0, frame.cellFitter.fit(text, roomPx - frame.cellFitter.advancePx))
  }

  #marks(
    frame: GridFrame,
    line: { text: string; marks: string },
    at: { xPx: number; baselinePx: number },
  ): void {
    for (let index = 0; index < line.text.length; index += 1) {
      const mark = line.marks.charAt(index)
      if (mark === ' ') continue
      const before = frame.cellFitter.widthOf(line.text.slice(0, index))
      this.#pen.fillText(mark, at.xPx + before, at.baselinePx, frame.cellFitter.advancePx)
    }
  }

  #absent(frame: GridFrame, line: CellLine, at: { xPx: number; baselinePx: number }): void {
    if (line.tone === 'null') {
      this.#nulls.push(at)
      return
    }
    this.#pen.fillStyle = frame.theme.textFaint
    this.#pen.fillText(line.text, at.xPx, at.baselinePx)
    this.#pen.fillStyle = frame.theme.text
  }

  #drawNulls(frame: GridFrame): void {
    const pen = this.#pen
    if (this.#nulls.length === 0) return
    pen.font = frame.theme.cellFontItalic
    pen.fillStyle = frame.theme.textFaint
    for (const { xPx, baselinePx } of this.#nulls) pen.fillText('NULL', xPx, baselinePx)
  }

  #lines(frame: GridFrame, visible: { rows: Span; columns: Span }): void {
    const { viewport, theme } = frame
    const { rows, columns } = visible
    if (rows.last < rows.first || columns.last < columns.first) return
    const hairPx = 1 / frame.devicePixelRatio
    const right = Math.min(viewport.widthPx, viewport.columnLeftPx(columns.last + 1))
    const bottom = Math.min(viewport.heightPx, viewport.rowTopPx(rows.last + 1))
    this.#pen.fillStyle = theme.line
    for (let row = rows.first; row <= rows.last; row += 1) {
      const y = this.#snap(frame, viewport.rowTopPx(row + 1))
      this.#pen.fillRect(0, y - hairPx, right, hairPx)
    }
    for (let column = columns.first; column <= columns.last; column += 1) {
      const x = this.#snap(frame, viewport.columnLeftPx(column + 1))
      this.#pen.fillRect(x - hairPx, 0, hairPx, bottom)
    }
  }

  #gutter(frame: GridFrame, rows: Span): void {
    const { viewport, theme, selected } = frame
    const pen = this.#pen
    const { gutterPx } = viewport
    pen.fillStyle = theme.panel
    pen.fillRect(0, 0, gutterPx, viewport.heightPx)
    if (selected && cellCount(selected) > 0) {
      pen.fillStyle = theme.raised
      const y = Math.max(headerHeightPx, viewport.rowTopPx(selected.firstRow))
      const bottom = Math.min(viewport.heightPx, viewport.rowTopPx(selected.lastRow + 1))
      if (bottom > y) this.#rect(frame, { x: 0, y, right: gutterPx, bottom })
    }
    pen.font = theme.cellFont
    pen.textAlign = 'right'
    for (let row = rows.first; row <= rows.last; row += 1) {
      const isSelected = selected !== null && row >= selected.firstRow && row <= selected.lastRow
      pen.fillStyle = isSelected ? theme.text : theme.textFaint
      pen.fillText(String(row + 1), gutterPx - 10, this.#baseline(frame, row))
    }
    pen.textAlign = 'left'
    const hairPx = 1 / frame.devicePixelRatio
    pen.fillStyle = theme.line
    pen.fillRect(this.#snap(frame, gutterPx) - hairPx, 0, hairPx, viewport.heightPx)
  }

  #header(frame: GridFrame, columns: Span): void {
    const { viewport, theme, selected } = frame
    const pen = this.#pen
    const hairPx = 1 / frame.devicePixelRatio
    pen.fillStyle = theme.panel
    pen.fillRect(0, 0, viewport.widthPx, headerHeightPx)
    pen.save()
    pen.beginPath()
    pen.rect(viewport.gutterPx, 0, viewport.widthPx, headerHeightPx)
    pen.clip()
    for (let column = columns.first; column <= columns.last; column += 1) {
      const x = viewport.columnLeftPx(column)
      const right = x + viewport.widths.widthOf(column)
      if (selected && column >= selected.firstColumn && column <= selected.lastColumn) {
        pen.fillStyle = theme.raised
        this.#rect(frame, { x, y: 0, right, bottom: headerHeightPx })
      }
      this.#headerCell(frame, column, this.#snap(frame, x))
      pen.fillStyle = theme.strongLine
      pen.fillRect(this.#snap(frame, right) - hairPx, 0, hairPx, headerHeightPx)
    }
    pen.restore()
    pen.fillStyle = theme.strongLine
    pen.fillRect(0, headerHeightPx - hairPx, viewport.widthPx, hairPx)
    pen.fillRect(this.#snap(frame, viewport.gutterPx) - hairPx, 0, hairPx, headerHeightPx)
  }

  #headerCell(frame: GridFrame, column: number, leftPx: number): void {
    const { source, viewport, theme, headerFitter, typeFitter } = frame
    const description = source.columns[column]
    if (!description) return
    const pen = this.#pen
    const roomPx = viewport.widths.widthOf(column) - 2 * cellPaddingPx
    const isWhole = headerFitter.widthOf(description.name) <= roomPx
    const kept = isWhole ? description.name.length : headerFitter.fit(description.name, roomPx - 12)
    const name = isWhole ? description.name : `${description.name.slice(0, kept)}…`
    const nameWidth = headerFitter.widthOf(name)
    const typeName = shortTypeName(description.typeName)
    const typeWidth = typeFitter.widthOf(typeName)
    const showsType = isWhole && nameWidth + headerGapPx + typeWidth <= roomPx
    const widthPx = nameWidth + (showsType ? headerGapPx + typeWidth : 0)
    const x = leftPx + cellPaddingPx + (isRightAligned(description) ? Math.max(0, roomPx - widthPx) : 0)
    pen.font = theme.headerFont
    pen.fillStyle = theme.text
    pen.fillText(name, x, 18)
    if (!showsType) return
    pen.font = theme.headerTypeFont
    pen.fillStyle = theme.textFaint
    pen.fillText(typeName, x + nameWidth + headerGapPx, 18)
  }

  #selectionTint(frame: GridFrame): void {
    const box = this.#selectedBox(frame)
    if (!box || !frame.selected || cellCount(frame.selected) < 2) return
    this.#pen.globalAlpha = selectionTintOpacity
    this.#pen.fillStyle = frame.theme.accent
    this.#rect(frame, box)
    this.#pen.globalAlpha = 1
  }

  #selectionOutline(frame: GridFrame): void {
    const { viewport, selection, theme, hasFocus } = frame
    const pen = this.#pen
    if (!selection || !frame.selected || cellCount(frame.selected) === 0) return
    pen.save()
    pen.beginPath()
    pen.rect(viewport.gutterPx - 1, headerHeightPx - 1, viewport.widthPx, viewport.heightPx)
    pen.clip()
    pen.strokeStyle = hasFocus ? theme.accent : theme.strongLine
    const box = this.#selectedBox(frame)
    if (box && cellCount(frame.selected) > 1) this.#frameRect(frame, box, 1)
    const { row, column } = selection.focus
    const x = viewport.columnLeftPx(column)
    const y = viewport.rowTopPx(row)
    const right = x + viewport.widths.widthOf(column)
    this.#frameRect(frame, { x, y, right, bottom: y + viewport.rowHeightPx }, 2)
    pen.restore()
  }

  #frameRect(
    frame: GridFrame,
    box: { x: number; y: number; right: number; bottom: number },
    linePx: number,
  ): void {
    const half = linePx / 2
    const x = this.#snap(frame, box.x)
    const y = this.#snap(frame, box.y)
    this.#pen.lineWidth = linePx
    const width = this.#snap(frame, box.right) - x - linePx
    this.#pen.strokeRect(
      x + half - 1,
      y + half - 1,
      width + 1,
      this.#snap(frame, box.bottom) - y - linePx + 1,
    )
  }

  /** The selected rectangle in the view, kept near it: canvases lose precision at millions of pixels. */
  #selectedBox(frame: GridFrame): { x: number; y: number; right: number; bottom: number } | null {
    const { viewport, selected } = frame
    if (!selected || cellCount(selected) === 0) return null
    const beyondPx = 10
    const x = Math.max(viewport.columnLeftPx(selected.firstColumn), -beyondPx)
    const y = Math.max(viewport.rowTopPx(selected.firstRow), headerHeightPx - beyondPx)
    const right = Math.min(viewport.columnLeftPx(selected.lastColumn + 1), viewport.widthPx + beyondPx)
    const bottom = Math.min(viewport.rowTopPx(selected.lastRow + 1), viewport.heightPx + beyondPx)
    return right > x && bottom > y ? { x, y, right, bottom } : null
  }
}

/** Where the rows of a span lie; looked up once for all columns. */
function locateRows(source: GridSource, rows: Span): (BatchRow | null)[] {
  const located: (BatchRow | null)[] = []
  for (let row = rows.first; row <= rows.last; row += 1) located.push(source.locate(row))
  return located
}
