/** What is told of a cell while the pointer rests on it, beyond what the cell itself shows. Draws nothing. */

import { systemClock, type Clock } from '../../base/clock.ts'
import { formatCell } from '../../contract/cell-text.ts'
import { timestamptzWords } from '../widgets/moment-words.ts'
import { cellSlot, type GridSource } from './grid-source.ts'
import type { CellPosition } from './selection.ts'

/** pg_type.dat of PostgreSQL 18: timestamptz. */
const timestamptzOid = 1184

/** A moment in UTC, and how long ago it was; null for cells of which there is nothing to say. */
export function cellHint(source: GridSource, at: CellPosition, clock: Clock = systemClock): string | null {
  if (source.columns[at.column]?.typeOid !== timestamptzOid) return null
  const slot = cellSlot(source, at.row, at.column)
  const text = slot && formatCell(slot.column, slot.row)
  return text === null ? null : timestamptzWords(text, clock.nowMs())
}
