/**
 * Goal: what was measured comes out again, and spikes are never lost. Method: generated samples, and their extremes.
 */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { present } from '../../base/assert.ts'
import { ChunkBuilder, chunkSamplesMax, readChunks } from './sample-chunk.ts'
import { SeriesFold } from './series-fold.ts'

const startMs = 1_700_000_000_000

interface Sample {
  readonly atMs: number
  readonly values: ReadonlyMap<number, number>
}

function encode(samples: readonly Sample[]): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = []
  let builder = new ChunkBuilder()
  for (const { atMs, values } of samples) {
    builder.add(atMs, values)
    if (!builder.isFull) continue
    buffers.push(builder.encode())
    builder = new ChunkBuilder()
  }
  if (builder.count > 0) buffers.push(builder.encode())
  return buffers
}

function fold(
  buffers: readonly ArrayBuffer[],
  options: ConstructorParameters<typeof SeriesFold>[0],
): number[][] {
  const folding = new SeriesFold(options)
  for (const buffer of buffers) for (const chunk of readChunks(buffer)) folding.add(chunk)
  const { pointCount, buffer } = folding.finish()
  const all = [...new Float64Array(buffer)]
  return Array.from({ length: options.metrics.length + 1 }, (_, index) =>
    all.slice(index * pointCount, (index + 1) * pointCount),
  )
}

const samplesOf = (count: number, value: (index: number) => number): Sample[] =>
  Array.from({ length: count }, (_, index) => ({
    atMs: startMs + index * 1_000,
    values: new Map([[7, value(index)]]),
  }))

describe('samples', () => {
  it('come out as they went in where there is a point for each', () => {
    const samples = samplesOf(100, (index) => index * 2)
    const range = { fromMs: startMs, toMs: startMs + 99_000, pointsMax: 200, metrics: [7, 9] }
    const [times, values, nothing] = fold(encode(samples), range)
    expect(times).toEqual(samples.map(({ atMs }) => atMs))
    expect(values).toEqual(samples.map(({ values: each }) => each.get(7)))
    expect(nothing?.every(Number.isNaN)).toBe(true)
  })

  it('are folded into no more points than are wanted, with the extremes of each stretch in their order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 2, max: 60 }),
        (all, pointsMax) => {
          const samples = samplesOf(all.length, (index) => all[index] ?? 0)
          const toMs = startMs + (all.length - 1) * 1_000
          const [times = [], values = []] = fold(encode(samples), {
            ...{ fromMs: startMs, toMs, pointsMax, metrics: [7] },
          })
          expect(times.length).toBeLessThanOrEqual(pointsMax)
          expect(times).toEqual([...times].sort((a, b) => a - b))
          expect(Math.max(...values)).toBe(Math.max(...all))
          expect(Math.min(...values)).toBe(Math.min(...all))
        },
      ),
    )
  })

  it('that fall come out falling, and those that rise rising', () => {
    const range = { fromMs: startMs, toMs: startMs + 99_000, pointsMax: 2, metrics: [7] }
    expect(fold(encode(samplesOf(100, (index) => index)), range)[1]).toEqual([0, 99])
    expect(fold(encode(samplesOf(100, (index) => 100 - index)), range)[1]).toEqual([100, 1])
  })

  it('have a gap between them where nothing was measured for long', () => {
    const before = samplesOf(10, () => 1)
    const after = before.map(({ atMs, values }) => ({ atMs: atMs + 600_000, values }))
    const range = { fromMs: startMs, toMs: startMs + 700_000, pointsMax: 100_000, metrics: [7] }
    const [times = [], values = []] = fold([...encode(before), ...encode(after)], range)
    expect(times).toHaveLength(21)
    expect(values[9]).toBe(1)
    expect(values[10]).toBeNaN()
    expect(values[11]).toBe(1)
  })

  it('out of the range are left out', () => {
    const range = { fromMs: startMs + 5_000, toMs: startMs + 6_000, pointsMax: 100, metrics: [7] }
    expect(fold(encode(samplesOf(100, (index) => index)), range)[1]).toEqual([5, 6])
  })
})

describe('a chunk', () => {
  it('takes one number for a metric that did not change, and none for one that was not measured', () => {
    const constant = present(encode(samplesOf(chunkSamplesMax, () => 3))[0], 'a chunk')
    const varying = present(encode(samplesOf(chunkSamplesMax, (index) => index))[0], 'a chunk')
    expect(constant.byteLength).toBe(24 + chunkSamplesMax * 4 + 4 + 4)
    expect(varying.byteLength).toBe(24 + chunkSamplesMax * 4 + 4 + chunkSamplesMax * 4)
  })

  it('has a hole where one of its metrics was not measured', () => {
    const builder = new ChunkBuilder()
    builder.add(startMs, new Map([[1, 5]]))
    builder.add(startMs + 10, new Map([[2, 6]]))
    const chunk = present(readChunks(builder.encode())[0], 'a chunk')
    expect([...(chunk.columns.get(1) as Float32Array)]).toEqual([5, Number.NaN])
    expect([...(chunk.columns.get(2) as Float32Array)]).toEqual([Number.NaN, 6])
    expect(chunk.endMs).toBe(startMs + 10)
  })

  it('that is damaged or of another version is left out, whatever it says', () => {
    const whole = new Uint8Array(present(encode(samplesOf(20, (index) => index))[0], 'a chunk'))
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const damaged = whole.slice()
        damaged[at] = byte
        for (const chunk of readChunks(damaged.buffer)) expect(chunk.offsets.length).toBeGreaterThan(0)
        readChunks(damaged.slice(0, at).buffer)
      }),
    )
  })

  it('are finished in parts, so that a day of each second of every metric holds nobody up', () => {
    const metrics = Array.from({ length: 20 }, (_, number) => number)
    const range = { fromMs: startMs, toMs: startMs + 86_400_000, pointsMax: 100_000 }
    const folding = new SeriesFold({ ...range, metrics })
    const count = 50_000
    const column = Float32Array.from({ length: count }, (_, index) => index)
    const columns = new Map(metrics.map((number) => [number, column]))
    folding.add({ startMs, offsets: Uint32Array.from({ length: count }, (_, at) => at * 1_700), columns })
    let parts = 0
    const finishing = folding.finishInParts()
    let next = finishing.next()
    for (; next.done !== true; next = finishing.next()) parts += 1
    // One for each metric, and one for each ten thousand stretches of time.
    expect(parts).toBe(metrics.length + 5)
    expect(next.value.pointCount).toBe(count)
    expect(next.value.buffer.byteLength).toBe(8 * count * (metrics.length + 1))
  })
})
