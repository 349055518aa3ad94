/** What is said of results that are kept, and of those that were thrown out. Pure. */

import type { CacheCounts, CachePoint, CacheRemoval, CacheState } from '../../contract/cache.ts'
import { formatBytes, formatDuration } from '../widgets/number-format.ts'

/** `73 % of 1,200 answered from them, 4.2 s saved`. */
export function rateWords({ hits, misses, savedMs }: CacheCounts): string {
  const asked = hits + misses
  if (asked === 0) return 'nothing asked yet'
  const share = Math.round((100 * hits) / asked)
  return `${share} % of ${asked.toLocaleString('en')} answered from them, ${formatDuration(savedMs)} saved`
}

/** `12 results, 3 MB of 64 MB`. */
export function roomWords({ entries, bytes, options }: CacheState): string {
  if (entries.length === 0) return `no results, room for ${formatBytes(options.bytesMax)}`
  const count = entries.length === 1 ? '1 result' : `${entries.length.toLocaleString('en')} results`
  return `${count}, ${formatBytes(bytes)} of ${formatBytes(options.bytesMax)}`
}

/** Why a result is not there any more. */
export function removalWords({ reason, relations }: Pick<CacheRemoval, 'reason' | 'relations'>): string {
  switch (reason) {
    case 'write':
      return `${relations.join(', ')} was written`
    case 'schema':
      return 'the schema, a role or a policy has changed'
    case 'unsure':
      return 'something was written that is not counted'
    case 'room':
      return 'others needed its room'
    case 'age':
      return 'it was too old'
    case 'cleared':
      return 'cleared'
    case 'refresh':
      return 'run again'
    case 'engine':
      return 'the engine has ended'
  }
}

/** One line for a table. */
export function oneLine(statement: string): string {
  return statement.replaceAll(/\s+/g, ' ').trim()
}

export interface RateBar {
  readonly atMs: number
  /** From 0 to 1; null where nothing was asked. */
  readonly share: number | null
  /** `14:03:20: 7 of 10`. */
  readonly words: string
}

/** The last `count` stretches of time until `nowMs`, oldest first. */
export function rateBars(
  { overTime, pointMs }: Pick<CacheState, 'overTime' | 'pointMs'>,
  { nowMs, count }: { readonly nowMs: number; readonly count: number },
): RateBar[] {
  const byTime = new Map(overTime.map((point) => [point.atMs, point]))
  const lastMs = Math.floor(nowMs / pointMs) * pointMs
  return Array.from({ length: count }, (_, index) => {
    const atMs = lastMs - (count - 1 - index) * pointMs
    return barOf(atMs, byTime.get(atMs))
  })
}

function barOf(atMs: number, point: CachePoint | undefined): RateBar {
  const time = new Date(atMs).toLocaleTimeString(undefined, { hour12: false })
  if (!point) return { atMs, share: null, words: `${time}: nothing asked` }
  const { hits, misses } = point
  return { atMs, share: hits / (hits + misses), words: `${time}: ${hits} of ${hits + misses} answered` }
}
