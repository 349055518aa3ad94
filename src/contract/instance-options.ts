/**
 * How an instance is run: what its owner chooses when he makes it, or later. Values only; which settings and
 * extensions there are, the engine knows.
 */

import { array, object, oneOf, string, type Infer } from './schema.ts'

/** More than there are; keeps what is stored of an instance small. */
const extensionsMax = 64
const settingsMax = 32

export const instanceOptionsSchema = object({
  /** `relaxed`: commits are acknowledged before they are on disk, and a power loss may damage the database. */
  durability: oneOf('durable', 'relaxed'),
  /** Those whose libraries Postgres loads when it starts, by the names of CREATE EXTENSION. */
  extensions: array(string(64, 1), extensionsMax),
  /** What Postgres is started with; each name once. */
  settings: array(object({ name: string(64, 1), value: string(64, 1) }), settingsMax),
})
export type InstanceOptions = Infer<typeof instanceOptionsSchema>

export const defaultInstanceOptions: InstanceOptions = {
  durability: 'durable',
  extensions: [],
  settings: [],
}
