/**
 * The life of a grid's surface within a component: made in its element, shown the right model, ended with it.
 * Remembers the model of each result for as long as the result itself is remembered.
 */

import { useEffect, useEffectEvent, useRef, useState, type RefObject } from 'react'
import { GridModel } from './grid-model.ts'
import type { GridSource } from './grid-source.ts'
import { GridSurface } from './grid-surface.ts'
import type { CellPosition } from './selection.ts'

export interface GridHandle {
  readonly model: GridModel | null
  /** Where the keyboard is; null when nothing is selected. */
  readonly focus: CellPosition | null
  /** Call after changing the model. */
  readonly changed: () => void
}

export interface GridHandleOptions {
  readonly source: GridSource | null
  readonly rowHeightPx: number
  readonly onOpen: () => void
}

/** Keeps a surface in the element of `grid`. */
export function useGridSurface(
  grid: RefObject<HTMLElement | null>,
  { source, rowHeightPx, onOpen }: GridHandleOptions,
): GridHandle {
  const surface = useRef<GridSurface | null>(null)
  const [models] = useState(() => new WeakMap<GridSource, GridModel>())
  const [focus, setFocus] = useState<CellPosition | null>(null)
  const model = source ? modelOf(models, source) : null
  const open = useEffectEvent(onOpen)
  const readFocus = useEffectEvent(() => setFocus(model?.selection?.focus ?? null))

  useEffect(() => {
    if (!grid.current) return
    const made = new GridSurface(grid.current, { onOpen: () => open(), onChange: () => readFocus() })
    surface.current = made
    return () => made.dispose()
  }, [grid])
  useEffect(() => {
    surface.current?.setRowHeight(rowHeightPx)
    surface.current?.show(model)
  }, [model, rowHeightPx])

  const changed = (): void => {
    surface.current?.changed()
    surface.current?.announceFocus()
  }
  return { model, focus, changed }
}

function modelOf(models: WeakMap<GridSource, GridModel>, source: GridSource): GridModel {
  const known = models.get(source)
  if (known) return known
  const made = new GridModel(source)
  models.set(source, made)
  return made
}
