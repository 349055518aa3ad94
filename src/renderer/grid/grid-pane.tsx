/**
 * A result as a grid: cells, keys, context menu, copying and the detail of a cell. Wires these to the model of the
 * result that is shown; draws and measures nothing itself, and knows no console.
 */

import { useId, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactElement } from 'react'
import { CellDetail } from './cell-detail.tsx'
import type { CopyRequest } from './copy-cells.ts'
import type { CopyFormat } from './copy-formats.ts'
import { actionOf, type GridAction } from './grid-keys.ts'
import { GridMenu, type GridMenuChoice } from './grid-menu.tsx'
import type { GridModel } from './grid-model.ts'
import type { GridSource } from './grid-source.ts'
import { cellCount, selectCell, selectUnit, type CellRange } from './selection.ts'
import type { MenuPoint } from '../widgets/menu.tsx'
import { useGridCopy, type GridCopy } from './use-grid-copy.ts'
import { useGridSurface } from './use-grid-surface.ts'
import styles from './grid.module.css'

/** Heights of the two row densities, in CSS pixels. */
export const rowHeightsPx = { compact: 24, comfortable: 28 } as const

export interface GridPaneProps {
  /** The result to show; null for none. Scroll position, widths and selection come back with it. */
  readonly source: GridSource | null
  readonly rowHeight: keyof typeof rowHeightsPx
  /** What the grid is called by screen readers, such as `Result 1`. */
  readonly label: string
}

export function GridPane({ source, rowHeight, label }: GridPaneProps): ReactElement {
  const id = useId()
  const [isDetailOpen, setIsDetailOpen] = useState(false)
  const [menuAt, setMenuAt] = useState<MenuPoint | null>(null)
  const copying = useGridCopy()
  const grid = useRef<HTMLDivElement>(null)
  const { model, focus, changed } = useGridSurface(grid, {
    source,
    rowHeightPx: rowHeightsPx[rowHeight],
    onOpen: () => setIsDetailOpen(true),
  })
  const act = (action: GridAction | { kind: 'copy-as'; format: CopyFormat }): void => {
    if (!model) return
    if (action.kind === 'copy') copyRange(copying, model, action.withHeaders ? 'tsv-headers' : 'tsv')
    else if (action.kind === 'copy-as') copyRange(copying, model, action.format)
    else if (action.kind === 'menu') setMenuAt(menuPoint(model, grid.current))
    else if (action.kind === 'open') setIsDetailOpen((isOpen) => !isOpen || model.selection === null)
    else if (action.kind !== 'clear') changeSelection(model, action)
    else if (copying.isRunning) copying.cancel()
    else if (isDetailOpen) setIsDetailOpen(false)
    else model.select(null)
    changed()
  }
  const onChoose = (choice: GridMenuChoice): void => {
    setMenuAt(null)
    act(choice)
  }
  return (
    <div className={styles['pane']}>
      <div
        ref={grid}
        id={id}
        className={styles['grid']}
        role="grid"
        aria-label={label}
        aria-multiselectable="true"
        tabIndex={0}
        onKeyDown={(event) => {
          const hasNothingToEnd = !copying.isRunning && !isDetailOpen && !model?.selection
          // One step back is then somebody else's.
          if (event.key !== 'Escape' || !hasNothingToEnd) onKeyDown(event, act)
        }}
        onContextMenu={(event) => setMenuAt(pointOf(event))}
        onCopy={(event) => {
          if (model && cellCount(model.selected) > 0) copying.fill(event, requestOf(model, 'tsv'))
        }}
      >
        <div className={styles['message']} role="status" data-kind={copying.message?.kind}>
          {copying.message?.text}
        </div>
        <GridMenu at={menuAt} onChoose={onChoose} onClose={() => setMenuAt(null)} />
      </div>
      {isDetailOpen && source && focus ? (
        <CellDetail
          source={source}
          position={focus}
          onCopy={() => copying.copy({ source, range: rangeOf(focus), format: 'tsv' })}
          onClose={() => {
            setIsDetailOpen(false)
            grid.current?.focus()
          }}
        />
      ) : null}
    </div>
  )
}

function onKeyDown(event: KeyboardEvent, act: (action: GridAction) => void): void {
  const action = actionOf(event)
  if (!action || event.target !== event.currentTarget) return
  // The browser's own copy needs no permission; it comes as a copy event.
  if (action.kind === 'copy' && !action.withHeaders) return
  event.preventDefault()
  act(action)
}

function pointOf(event: MouseEvent): MenuPoint {
  event.preventDefault()
  return { x: event.clientX, y: event.clientY }
}

function requestOf(model: GridModel, format: CopyFormat): CopyRequest {
  const range = model.selected ?? { firstRow: 0, lastRow: -1, firstColumn: 0, lastColumn: -1 }
  return { source: model.source, range, format }
}

function copyRange(copying: GridCopy, model: GridModel, format: CopyFormat): void {
  if (cellCount(model.selected) > 0) copying.copy(requestOf(model, format))
}

function changeSelection(model: GridModel, action: GridAction): void {
  const at = model.selection?.focus ?? { row: 0, column: 0 }
  if (action.kind === 'move') model.move(action.motion, action.extend)
  else if (action.kind === 'select-all') model.select(selectUnit('all', at))
  else if (action.kind === 'select-rows') model.select(selectUnit('rows', at))
}

/** Where a menu opens that was asked for by key: under the keyboard's cell. */
function menuPoint(model: GridModel, grid: Element | null): MenuPoint {
  const bounds = grid?.getBoundingClientRect()
  const { viewport } = model
  const { row, column } = model.selection?.focus ?? { row: viewport.visibleRows.first, column: 0 }
  model.select(model.selection ?? selectCell({ row, column }))
  const x = Math.min(Math.max(viewport.gutterPx, viewport.columnLeftPx(column)), viewport.widthPx)
  const y = Math.min(Math.max(0, viewport.rowTopPx(row + 1)), viewport.heightPx)
  return { x: x + (bounds?.left ?? 0), y: y + (bounds?.top ?? 0) }
}

function rangeOf({ row, column }: { row: number; column: number }): CellRange {
  return { firstRow: row, lastRow: row, firstColumn: column, lastColumn: column }
}
