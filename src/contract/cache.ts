/**
 * What there is to say of the results that an instance keeps: how it is set, what lies in it, how often it was of use,
 * and what was thrown out and why. Shapes only.
 */

import { array, boolean, finite, integer, nullable, object, oneOf, string, type Infer } from './schema.ts'

/** Results of one instance; what is beyond is thrown out, whoever was used longest ago first. */
export const cacheEntriesMax = 1_000
/** What was thrown out lately. */
export const cacheRemovalsMax = 100
/** Points of the rate over time. */
export const cachePointsMax = 360
/** Of a statement's text, as it is shown. */
export const cacheTextLengthMax = 2_000
/** Relations that are named of one result. */
export const cacheRelationsMax = 32

/** The fewest and the most bytes that an instance's results may take. */
export const cacheBytesBounds = { min: 1 << 20, max: 2 ** 32 } as const

export const cacheOptionsSchema = object({
  /** For sessions of the workbench. */
  isOn: boolean,
  bytesMax: integer(cacheBytesBounds.min, cacheBytesBounds.max),
  /** A result that is older is not used any more; null: however old. */
  ageMaxMs: nullable(integer(1)),
})
export type CacheOptions = Infer<typeof cacheOptionsSchema>

const relationNames = array(string(256), cacheRelationsMax)

export const cacheEntrySchema = object({
  entryId: string(64, 1),
  /** May be cut. */
  statement: string(cacheTextLengthMax),
  rowCount: integer(0),
  /** With everything that keeping it takes. */
  bytes: integer(0),
  /** How long it took to run: what each hit saves. */
  durationMs: finite,
  hits: integer(0),
  storedAtMs: integer(0),
  lastHitAtMs: nullable(integer(0)),
  /** What it was read from; may be cut. */
  relations: relationNames,
})
export type CacheEntry = Infer<typeof cacheEntrySchema>

/**
 * `write`: one of its relations was written. `schema`: something in the catalog has changed. `unsure`: something may
 * have been written, and what is not known. `room`: for others. `engine`: the engine has ended.
 */
export const cacheRemovalReasonSchema = oneOf(
  ...(['write', 'schema', 'unsure', 'room', 'age', 'cleared', 'refresh', 'engine'] as const),
)
export type CacheRemovalReason = Infer<typeof cacheRemovalReasonSchema>

export const cacheRemovalSchema = object({
  statement: string(cacheTextLengthMax),
  atMs: integer(0),
  reason: cacheRemovalReasonSchema,
  /** Those that were written. */
  relations: relationNames,
  hits: integer(0),
})
export type CacheRemoval = Infer<typeof cacheRemovalSchema>

/** Since the host has started. */
export const cacheCountsSchema = object({
  hits: integer(0),
  /** Statements that could have been answered, and were run. */
  misses: integer(0),
  stored: integer(0),
  /** Results that may not be kept, by what their statement reads or does. */
  refused: integer(0),
  /** Thrown out for want of room, or for their age. */
  evicted: integer(0),
  /** Thrown out because what they were read from has changed, or may have. */
  invalidated: integer(0),
  savedMs: finite,
})
export type CacheCounts = Infer<typeof cacheCountsSchema>

/** Hits and misses of a stretch of time that begins at `atMs`. */
export const cachePointSchema = object({ atMs: integer(0), hits: integer(0), misses: integer(0) })
export type CachePoint = Infer<typeof cachePointSchema>

export const cacheStateSchema = object({
  options: cacheOptionsSchema,
  counts: cacheCountsSchema,
  bytes: integer(0),
  /** Those used last come first. */
  entries: array(cacheEntrySchema, cacheEntriesMax),
  /** The last one comes first. */
  removals: array(cacheRemovalSchema, cacheRemovalsMax),
  /** In the order of time; stretches without any are left out. */
  overTime: array(cachePointSchema, cachePointsMax),
  pointMs: integer(1),
})
export type CacheState = Infer<typeof cacheStateSchema>

/** How one run uses what is kept: `refresh` runs the statement and keeps the new result, `off` does neither. */
export const cacheUseSchema = oneOf('default', 'refresh', 'off')
export type CacheUse = Infer<typeof cacheUseSchema>

/** Of a result that was not run: how long running it took, and when that was. */
export const cachedMarkSchema = object({ savedMs: finite, storedAtMs: integer(0) })

export const defaultCacheOptions: CacheOptions = {
  isOn: false,
  bytesMax: 64 << 20,
  ageMaxMs: null,
}
