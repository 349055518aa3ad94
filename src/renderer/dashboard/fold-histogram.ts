/** A histogram as bars of equal width on a logarithmic scale, empty ones included, so that its shape is right. Pure. */

export interface HistogramBar {
  readonly fromMs: number
  readonly toMs: number
  readonly count: number
}

/** Bars that can be told apart in the width of a chart. */
const barsWanted = 40

/** Less than this is not measured: the scale needs a beginning above zero. */
const leastMs = 1e-3

/** Each count goes to the bar in which the middle of its step lies; none is lost. */
export function foldHistogram(steps: readonly HistogramBar[]): readonly HistogramBar[] {
  if (steps.length === 0) return []
  const low = Math.max(leastMs, Math.min(...steps.map(({ fromMs }) => fromMs)))
  const high = Math.max(low * 1.1, ...steps.map(({ toMs }) => toMs))
  const factor = (high / low) ** (1 / barsWanted)
  const counts = new Array<number>(barsWanted).fill(0)
  for (const { fromMs, toMs, count } of steps) {
    const middle = Math.sqrt(Math.max(fromMs, low) * Math.max(toMs, low))
    const bar = Math.min(barsWanted - 1, Math.max(0, Math.floor(Math.log(middle / low) / Math.log(factor))))
    counts[bar] = (counts[bar] ?? 0) + count
  }
  return counts.map((count, index) => ({
    fromMs: low * factor ** index,
    toMs: low * factor ** (index + 1),
    count,
  }))
}
