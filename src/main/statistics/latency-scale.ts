/**
 * The scale on which latencies are counted: 128 steps to every doubling, from a microsecond to twelve days, as an
 * HDR histogram has them. What is read from it is at most 0.4 % off. Knows no statement.
 */

/** Bits of a double's mantissa that tell the step. */
const stepBits = 7
const stepsPerDoubling = 1 << stepBits
/** 2^-10 ms and less is the first step. */
const exponentMin = -10
/** 2^30 ms are twelve days. */
const exponentEnd = 30

/** Steps there are. */
export const latencySteps = (exponentEnd - exponentMin) * stepsPerDoubling

/** The largest relative error of a latency that is read from the scale: half a step. */
export const latencyErrorMax = 1 / (2 * stepsPerDoubling)

/** Of the first step: one latency as a whole number of them has its step in its leading eight bits. */
const partsPerMs = 2 ** -exponentMin * stepsPerDoubling
/** As many as 31 bits hold, which is 16 s. */
const partsEnd = 2 ** 31
/** Longer ones are looked at as that part of them. */
const longDoublings = 16

/** The step of a latency in milliseconds. */
export function stepOf(ms: number): number {
  const parts = ms * partsPerMs
  if (!(parts >= stepsPerDoubling)) return 0
  if (parts >= partsEnd) return stepOfLong(ms)
  const doublings = 31 - stepBits - Math.clz32(parts)
  return (doublings << stepBits) + (parts >>> doublings) - stepsPerDoubling
}

function stepOfLong(ms: number): number {
  if (ms >= 2 ** exponentEnd) return latencySteps - 1
  return (longDoublings << stepBits) + stepOf(ms / 2 ** longDoublings)
}

/** Where a step begins, in milliseconds; the first begins at 0. */
export function stepStartMs(step: number): number {
  if (step === 0) return 0
  const doubling = step >> stepBits
  return 2 ** (doubling + exponentMin) * (1 + (step % stepsPerDoubling) / stepsPerDoubling)
}

/** What stands for all latencies of a step. */
export function stepMiddleMs(step: number): number {
  return (stepStartMs(step) + stepStartMs(step + 1)) / 2
}
