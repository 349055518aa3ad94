/** Steps come in any order, and more of them than are remembered one by one. */
import { expect, it } from 'vitest'
import { StepCounts } from './step-counts.ts'

it('counts each step as often as it has come', () => {
  const counts = new StepCounts()
  for (let index = 0; index < 200; index++) counts.add(index % 3)
  const pairs = counts.pairs()
  expect(new Map([0, 2, 4].map((at) => [pairs[at], pairs[at + 1]]))).toEqual(
    new Map([
      [0, 67],
      [1, 67],
      [2, 66],
    ]),
  )
  expect(counts.pairs()).toEqual(pairs)
})
