/**
 * How evenly frames follow one another while something scrolls each of them, and what drawing costs. A frame is
 * the interval between two animation callbacks of the main thread; raster and composition are not seen.
 */

/** Frames of one measurement: enough to see one late frame in a hundred. */
const framesMeasured = 400

export interface FrameTimes {
  readonly frameCount: number
  /** Frames that took longer than 17.5 ms. */
  readonly lateCount: number
  readonly intervalMs: Quantiles
  /** Time in animation callbacks other than this one's: what the grid does in a frame. */
  readonly drawMs: Quantiles
}

interface Quantiles {
  readonly p50: number
  readonly p95: number
  readonly max: number
}

const lateMs = 17.5

/** Calls `step` in each of `framesMeasured` frames. */
export async function measureFrames(step: (frame: number) => void): Promise<FrameTimes> {
  const intervals: number[] = []
  const draws: number[] = []
  const original = window.requestAnimationFrame.bind(window)
  window.requestAnimationFrame = (callback) =>
    original((timeMs) => {
      const startMs = performance.now()
      callback(timeMs)
      draws.push(performance.now() - startMs)
    })
  await new Promise<void>((resolve) => {
    let lastMs = 0
    const onFrame = (timeMs: number): void => {
      if (lastMs > 0) intervals.push(timeMs - lastMs)
      lastMs = timeMs
      if (intervals.length >= framesMeasured) return resolve()
      step(intervals.length)
      original(onFrame)
    }
    original(onFrame)
  })
  window.requestAnimationFrame = original
  const lateCount = intervals.filter((interval) => interval > lateMs).length
  return {
    frameCount: intervals.length,
    lateCount,
    intervalMs: quantiles(intervals),
    drawMs: quantiles(draws),
  }
}

function quantiles(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { p50: at(0.5), p95: at(0.95), max: at(1) }
}
