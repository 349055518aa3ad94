/** What a chart is drawn from. */

import { expect, it } from 'vitest'
import { lonePoints } from './plot-data.ts'

it('finds the values to which no line leads', () => {
  expect(lonePoints([])).toEqual([])
  expect(lonePoints([7])).toEqual([0])
  expect(lonePoints([null, 3, null, 4, 5, null, 0])).toEqual([1, 6])
  expect(lonePoints([1, undefined, 2, 3])).toEqual([0])
})
