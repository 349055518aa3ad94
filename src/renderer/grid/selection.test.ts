// Goal: keys and clicks move and stretch the selection within the grid.
import { describe, expect, test } from 'vitest'
import {
  cellCount,
  extendTo,
  moveSelection,
  selectCell,
  selectedRange,
  selectUnit,
  type Motion,
} from './selection.ts'

const extent = { rowCount: 100, columnCount: 10, pageRows: 20 }
const middle = selectCell({ row: 50, column: 5 })

function focusAfter(motion: Motion): readonly [number, number] {
  const { focus } = moveSelection(middle, motion, { extent, extend: false })
  return [focus.row, focus.column]
}

describe('keys', () => {
  test.each([
    ['left', [50, 4]],
    ['right', [50, 6]],
    ['up', [49, 5]],
    ['down', [51, 5]],
    ['page-up', [30, 5]],
    ['page-down', [70, 5]],
    ['row-start', [50, 0]],
    ['row-end', [50, 9]],
    ['first-row', [0, 5]],
    ['last-row', [99, 5]],
    ['grid-start', [0, 0]],
    ['grid-end', [99, 9]],
  ] as const)('%s moves to %j', (motion, expected) => {
    expect(focusAfter(motion)).toEqual(expected)
  })

  test('never leave the grid', () => {
    let selection = selectCell({ row: 0, column: 0 })
    for (const motion of ['left', 'up', 'page-up'] as const) {
      selection = moveSelection(selection, motion, { extent, extend: false })
    }
    expect(selection.focus).toEqual({ row: 0, column: 0 })
  })

  test('with shift keep the other corner', () => {
    const down = moveSelection(middle, 'down', { extent, extend: true })
    const left = moveSelection(down, 'left', { extent, extend: true })
    expect(selectedRange(left, extent)).toEqual({ firstRow: 50, lastRow: 51, firstColumn: 4, lastColumn: 5 })
  })
})

describe('units', () => {
  test('rows cover all columns, and more rows when extended', () => {
    const rows = extendTo(selectUnit('rows', { row: 3, column: 2 }), { row: 1, column: 2 })
    expect(selectedRange(rows, extent)).toEqual({ firstRow: 1, lastRow: 3, firstColumn: 0, lastColumn: 9 })
  })

  test('columns and all grow with the rows that arrive', () => {
    const columns = selectUnit('columns', { row: 0, column: 2 })
    const more = { ...extent, rowCount: 1_000 }
    expect(selectedRange(columns, more)).toEqual({ firstRow: 0, lastRow: 999, firstColumn: 2, lastColumn: 2 })
    expect(cellCount(selectedRange(selectUnit('all', middle.focus), more))).toBe(10_000)
  })

  test('nothing is selected in a grid without rows', () => {
    expect(cellCount(selectedRange(selectUnit('all', middle.focus), { ...extent, rowCount: 0 }))).toBe(0)
  })
})
