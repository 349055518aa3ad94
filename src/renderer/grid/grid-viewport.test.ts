// Goal: what is visible, what lies under a point and how far to scroll. Method: four columns of known widths.
import { expect, test } from 'vitest'
import { ColumnWidths } from './column-widths.ts'
import { GridViewport, headerHeightPx } from './grid-viewport.ts'

function viewport(rowCount = 1_000): GridViewport {
  const widths = new ColumnWidths(4)
  for (const [column, width] of [100, 200, 300, 400].entries()) widths.setByHand(column, width)
  const made = new GridViewport(widths)
  made.resize({ widthPx: 500, heightPx: headerHeightPx + 240, rowCount, rowHeightPx: 24 })
  return made
}

test('rows and columns that are only partly visible are drawn', () => {
  const view = viewport()
  expect([view.visibleRows, view.visibleColumns]).toEqual([
    { first: 0, last: 9 },
    { first: 0, last: 2 },
  ])
  view.scroll.moveTo(12)
  view.scrollLeftTo(150)
  expect([view.visibleRows, view.visibleColumns]).toEqual([
    { first: 0, last: 10 },
    { first: 1, last: 2 },
  ])
})

test('an empty result shows no rows, and a view without room no columns', () => {
  const view = viewport(0)
  expect(view.visibleRows).toEqual({ first: 0, last: -1 })
  view.resize({ widthPx: 20, heightPx: 10, rowCount: 5, rowHeightPx: 24 })
  expect(view.visibleColumns).toEqual({ first: 0, last: -1 })
  expect(view.pageRows).toBe(1)
})

test('a point is a cell, a header, an edge, a row number or nothing', () => {
  const view = viewport()
  const left = view.gutterPx
  expect(view.hit(left + 50, headerHeightPx + 30)).toEqual({ area: 'cell', row: 1, column: 0 })
  expect(view.hit(left + 150, 5)).toEqual({ area: 'header', row: -1, column: 1 })
  expect(view.hit(left + 98, 5)).toEqual({ area: 'edge', row: -1, column: 0 })
  expect(view.hit(left + 103, 5)).toEqual({ area: 'edge', row: -1, column: 0 })
  expect(view.hit(5, headerHeightPx + 30)).toEqual({ area: 'gutter', row: 1, column: -1 })
  expect(view.hit(5, 5)).toEqual({ area: 'corner', row: -1, column: -1 })
  const short = viewport(2)
  expect(short.hit(left + 50, headerHeightPx + 48).area).toBe('outside')
})

test('a cell outside is revealed with the least scrolling, and a visible one with none', () => {
  const view = viewport()
  view.reveal({ row: 9, column: 0 })
  expect([view.scroll.topPx, view.leftPx]).toEqual([0, 0])
  view.reveal({ row: 10, column: 0 })
  expect(view.scroll.topPx).toBe(24)
  view.reveal({ row: 999, column: 3 })
  expect(view.rowTopPx(999)).toBe(headerHeightPx + 240 - 24)
  expect(view.columnLeftPx(3)).toBe(view.gutterPx + Math.max(0, 500 - view.gutterPx - 400))
  view.reveal({ row: 0, column: 0 })
  expect([view.scroll.topPx, view.leftPx]).toEqual([0, 0])
})

test('the last of ten million rows stands at the bottom of the view', () => {
  const view = viewport(10_000_000)
  view.reveal({ row: 9_999_999, column: 0 })
  expect(view.visibleRows.last).toBe(9_999_999)
  expect(view.rowTopPx(9_999_999)).toBe(headerHeightPx + 240 - 24)
  expect(view.hit(view.gutterPx + 5, headerHeightPx + 239)).toMatchObject({ row: 9_999_999 })
})

test('another row height keeps the first visible row', () => {
  const view = viewport()
  view.scroll.moveTo(500 * 24)
  view.resize({ widthPx: 500, heightPx: headerHeightPx + 240, rowCount: 1_000, rowHeightPx: 28 })
  expect(view.visibleRows.first).toBe(500)
})

test('a drag outside reaches the nearest cell', () => {
  const view = viewport()
  expect(view.nearest(-100, -100)).toEqual({ row: 0, column: 0 })
  expect(view.nearest(10_000, 100_000_000)).toEqual({ row: 999, column: 3 })
})
