/**
 * When something was sent, as a word that another thread of this process understands: microseconds since 1970, modulo
 * 2^32. Each thread counts from another beginning. Knows no message.
 */

const wordMicroseconds = 2 ** 32
/** Of this thread; asked for each message, and each look takes time. */
const { timeOrigin } = performance

/** `nowMs`: what the monotonic clock of this thread says. */
export function sentStamp(nowMs: number): number {
  return Math.floor((timeOrigin + nowMs) * 1_000) | 0
}

/** How long ago a stamp was made, in milliseconds; right for an hour. */
export function elapsedMs(stamp: number, nowMs: number): number {
  const elapsed = (sentStamp(nowMs) - stamp) >>> 0
  // Clocks of two threads are some microseconds apart.
  return elapsed > wordMicroseconds - 1_000_000 ? 0 : elapsed / 1_000
}
