/** Latencies come in any order, and more of them than are remembered one by one. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LatencyHistogram } from './latency-histogram.ts'
import { latencySteps } from './latency-scale.ts'
import { ShapeCounts } from './shape-counts.ts'
import { StepTable } from './step-table.ts'

const caller = { application: 'shop', endpoint: 'wire', user: 'ada' } as const
const latency = fc.double({ min: -11, max: 31, noNaN: true }).map((exponent) => 2 ** exponent)

it('counts each call on its step, and adds up what it took', () => {
  fc.assert(
    fc.property(fc.array(latency, { minLength: 1, maxLength: 700, size: 'max' }), (samples) => {
      const counts = new ShapeCounts()
      const histogram = new LatencyHistogram()
      for (const [index, ms] of samples.entries()) {
        const isSlowest = counts.add({ ms, rows: index, bytes: 2, waitMs: index % 2 })
        expect(isSlowest).toBe(index === 0 || ms > Math.max(...samples.slice(0, index)))
        histogram.add(ms)
      }
      const delta = counts.toDelta({ key: 7, caller })
      const read = new LatencyHistogram()
      read.addPairs(delta.steps)
      expect(read.pairs()).toEqual(histogram.pairs())
      const { length } = samples
      expect(delta).toMatchObject({
        ...{ key: 7, caller, calls: length, errors: 0, cacheHits: 0, rows: (length * (length - 1)) / 2 },
        ...{ bytes: 2 * length, maxMs: Math.max(...samples), waitMs: length >> 1, errorCodes: null },
        totalMs: samples.reduce((sum, ms) => sum + ms, 0),
      })
    }),
    { numRuns: 60 },
  )
})

it('counts hits apart from calls, and errors by what they are', () => {
  const counts = new ShapeCounts()
  counts.addHit()
  expect(counts.add({ ms: 0, rows: 0, bytes: 0, waitMs: 0 })).toBe(true)
  for (const sqlState of ['22012', '57014', '22012']) counts.addError(sqlState)
  const { calls, cacheHits, errors, errorCodes, steps } = counts.toDelta({ key: 1, caller })
  expect([calls, cacheHits, errors]).toEqual([1, 1, 3])
  expect([...(errorCodes ?? [])]).toEqual([
    ['22012', 2],
    ['57014', 1],
  ])
  expect([...steps]).toEqual([0, 1])
})

it('keeps as many steps as there are', () => {
  const table = new StepTable()
  const histogram = new LatencyHistogram()
  for (let index = 0; index < 3 * latencySteps; index++) {
    const step = (index * 7_919) % latencySteps
    table.add(step, index)
    histogram.addSteps(step, index)
  }
  const read = new LatencyHistogram()
  read.addPairs(table.pairs())
  expect(read.pairs()).toEqual(histogram.pairs())
  expect(read.pairs()).toHaveLength(2 * latencySteps)
})
