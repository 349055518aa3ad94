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

/** IEEE 754: of the upper word of a double. */
const mantissaBits = 20
const exponentBias = 1023
const firstStep = (exponentBias + exponentMin) << stepBits

/** Finds steps; holds the word through which a double is looked at. */
export class LatencyScale {
  readonly #double = new Float64Array(1)
  /** Little-endian, as all machines are for which Node is built that run this. */
  readonly #words = new Uint32Array(this.#double.buffer)

  /** The step of a latency in milliseconds. */
  stepOf(ms: number): number {
    this.#double[0] = ms
    const step = ((this.#words[1] ?? 0) >>> (mantissaBits - stepBits)) - firstStep
    if (!(ms > 0) || step < 0) return 0
    return step < latencySteps ? step : latencySteps - 1
  }
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
