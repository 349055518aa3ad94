/** The histogram against the samples themselves. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LatencyHistogram } from './latency-histogram.ts'
import { latencyErrorMax, latencySteps, stepMiddleMs, stepOf, stepStartMs } from './latency-scale.ts'

/** From a microsecond to hours, every size as often as every other. */
const latency = fc.double({ min: -9.9, max: 29.9, noNaN: true }).map((exponent) => 2 ** exponent)
const shares = [0.5, 0.9, 0.95, 0.99, 0.999, 1]

function histogramOf(samples: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram()
  for (const ms of samples) histogram.add(ms)
  return histogram
}

describe('LatencyHistogram', () => {
  it('answers the percentiles of the samples within its precision', () => {
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1, maxLength: 400 }), (samples) => {
        const sorted = [...samples].sort((a, b) => a - b)
        const answered = histogramOf(samples).percentiles(shares, sorted.at(-1) ?? 0)
        shares.forEach((share, index) => {
          const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? 0
          expect(Math.abs((answered[index] ?? 0) - exact) / exact).toBeLessThanOrEqual(latencyErrorMax)
        })
      }),
    )
  })

  it('is the same whether samples are added one by one, as parts, or packed and unpacked', () => {
    fc.assert(
      fc.property(fc.array(latency), fc.array(latency), (some, others) => {
        const whole = histogramOf([...some, ...others])
        const merged = histogramOf(some)
        merged.addPacked(histogramOf(others).pack())
        const paired = new LatencyHistogram()
        paired.addPairs(whole.pairs())
        expect(merged.pairs()).toEqual(whole.pairs())
        expect(paired.pairs()).toEqual(whole.pairs())
        expect(merged.total).toBe(some.length + others.length)
      }),
    )
  })

  it('keeps counts of any size when it is packed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), fc.nat(latencySteps - 1), (count, step) => {
        const histogram = new LatencyHistogram()
        histogram.addSteps(step, count)
        const read = new LatencyHistogram()
        read.addPacked(histogram.pack())
        expect(read.pairs()).toEqual([step, count])
      }),
    )
  })

  it('shows few bars that hold all of it', () => {
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1 }), (samples) => {
        const bars = histogramOf(samples).bars()
        expect(bars.length).toBeLessThanOrEqual(128)
        expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(samples.length)
        for (const { fromMs, toMs } of bars) expect(fromMs).toBeLessThan(toMs)
      }),
    )
  })
})

describe('stepOf', () => {
  it('puts every latency on the step that holds it', () => {
    fc.assert(
      fc.property(latency, (ms) => {
        const step = stepOf(ms)
        expect(stepStartMs(step)).toBeLessThanOrEqual(ms)
        expect(stepStartMs(step + 1)).toBeGreaterThan(ms)
        expect(stepOf(stepMiddleMs(step))).toBe(step)
      }),
    )
  })

  it('takes what is no time, or too much, for the first and the last step', () => {
    expect([0, -1, NaN, 1e-9].map((ms) => stepOf(ms))).toEqual([0, 0, 0, 0])
    expect([2 ** 30, 1e300, Infinity].map((ms) => stepOf(ms))).toEqual(Array(3).fill(latencySteps - 1))
  })

  it('changes at each step’s beginning, also where a latency becomes a long one', () => {
    for (let step = 1; step < latencySteps; step++) {
      const ms = stepStartMs(step)
      expect([stepOf(ms * (1 - 2 ** -50)), stepOf(ms)]).toEqual([step - 1, step])
    }
  })
})
