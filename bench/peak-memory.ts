/**
 * How much more memory a piece of work needs at its worst moment than the process had before. Linux only: the
 * kernel's high-water mark of the resident set can be reset there (proc(5), /proc/pid/clear_refs, value 5).
 */

import { readFileSync, writeFileSync } from 'node:fs'

/** Runs `work` and answers its result with the growth of the resident set at its peak, in bytes. */
export async function measureExtraPeak<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly extraPeakBytes: number }> {
  globalThis.gc?.()
  writeFileSync('/proc/self/clear_refs', '5')
  const beforeBytes = statusBytes('VmRSS')
  const result = await work()
  return { result, extraPeakBytes: statusBytes('VmHWM') - beforeBytes }
}

function statusBytes(field: string): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))
  if (!match) throw new Error(`/proc/self/status has no ${field}; this measurement needs Linux`)
  return Number(match[1]) * 1024
}
