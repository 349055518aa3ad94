/** Bars of a histogram lose no call and keep their order. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldHistogram } from './fold-histogram.ts'

const steps = fc
  .array(fc.tuple(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.integer({ min: 1, max: 1_000 })), {
    maxLength: 128,
  })
  .map((all) => all.map(([fromMs, count]) => ({ fromMs, toMs: fromMs * 1.01 + 1e-4, count })))

describe('the bars of a histogram', () => {
  it('hold every call once, side by side from the shortest to the longest', () => {
    fc.assert(
      fc.property(steps, (histogram) => {
        const bars = foldHistogram(histogram)
        const sum = (of: readonly { readonly count: number }[]) =>
          of.reduce((all, { count }) => all + count, 0)
        expect(sum(bars)).toBe(sum(histogram))
        for (const [index, bar] of bars.slice(1).entries())
          expect(bar.fromMs).toBeCloseTo(bars[index]?.toMs ?? 0)
      }),
      { numRuns: 30 },
    )
  })
})
