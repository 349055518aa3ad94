// Goal: widths within bounds, and the column under any point.
import { expect, test } from 'vitest'
import { columnWidthAutoMaxPx, columnWidthFitMaxPx, columnWidthMinPx, ColumnWidths } from './column-widths.ts'

test('a column starts where the one before ends', () => {
  const widths = new ColumnWidths(3)
  widths.setMeasured([100, 150, 200])
  expect([0, 1, 2, 3].map((column) => widths.startOf(column))).toEqual([0, 100, 250, 450])
  expect([0, 99.9, 100, 249, 250, 449.9, 450, -1].map((x) => widths.at(x))).toEqual([
    0, 0, 1, 1, 2, 2, -1, -1,
  ])
})

test('measured widths stay within bounds, and columns set by hand keep theirs', () => {
  const widths = new ColumnWidths(3)
  widths.setByHand(1, 77)
  widths.setMeasured([1, 150, 10_000])
  expect([0, 1, 2].map((column) => widths.widthOf(column))).toEqual([
    columnWidthMinPx,
    77,
    columnWidthAutoMaxPx,
  ])
})

test('fitting may widen a column further than measuring does', () => {
  const widths = new ColumnWidths(1)
  widths.fit(0, 100_000)
  expect(widths.widthOf(0)).toBe(columnWidthFitMaxPx)
})

test('finds any of the 1,664 columns that Postgres allows', () => {
  const widths = new ColumnWidths(1_664)
  for (let column = 0; column < widths.count; column += 1) {
    expect(widths.at(widths.startOf(column))).toBe(column)
    expect(widths.at(widths.startOf(column + 1) - 0.5)).toBe(column)
  }
})

test('a result without columns has no width', () => {
  const widths = new ColumnWidths(0)
  expect([widths.totalPx, widths.at(0)]).toEqual([0, -1])
})
