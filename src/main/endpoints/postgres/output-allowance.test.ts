/** Goal: what clients are behind with is bounded, each and together. */

import { expect, test } from 'vitest'
import { OutputAllowance } from './output-allowance.ts'

const megabyte = 1 << 20

test('a client may be behind with a large result, and with no more', () => {
  const allowance = new OutputAllowance()
  expect(allowance.mayGrow(0, 10 * megabyte)).toBe(true)
  expect(allowance.mayGrow(10 * megabyte, 32 * megabyte)).toBe(true)
  expect(allowance.mayGrow(32 * megabyte, 33 * megabyte)).toBe(false)
})

test('all of them together have a bound, and what one gives back another may have', () => {
  const allowance = new OutputAllowance()
  const isGranted = Array.from({ length: 10 }, () => allowance.mayGrow(0, 32 * megabyte))
  expect(isGranted.filter(Boolean)).toHaveLength(8)
  allowance.giveBack(32 * megabyte)
  expect(allowance.mayGrow(0, 32 * megabyte)).toBe(true)
  expect(allowance.mayGrow(0, 1)).toBe(false)
})
