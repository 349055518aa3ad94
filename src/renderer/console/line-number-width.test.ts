/** How wide line numbers are. */

import { describe, expect, it } from 'vitest'
import { lineNumberColumns } from './line-number-width.ts'

describe('the line numbers', () => {
  it('leave a column free beside the longest, and do not move in short texts', () => {
    expect([1, 9, 10, 999].map(lineNumberColumns)).toEqual([4, 4, 4, 4])
    expect([1_000, 99_999, 280_001].map(lineNumberColumns)).toEqual([5, 6, 7])
  })
})
