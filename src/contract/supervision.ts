/** What the workbench tells of engines that have ended by themselves. No behaviour. */

import { instanceNameLengthMax } from './limits.ts'
import { array, integer, object, oneOf, string, type Infer } from './schema.ts'

/** Of an instance, for who wants to know why it stays down. */
export const crashesKeptMax = 10
/** What Postgres logs before it ends fits many times. */
export const crashLogLinesMax = 100

export const crashSchema = object({
  atMs: integer(0),
  message: string(65_536),
  /** The last lines that Postgres has logged, oldest first. They may have texts of statements. */
  log: array(string(4_096), crashLogLinesMax),
})
export type Crash = Infer<typeof crashSchema>

export const crashNoteSchema = object({
  instanceId: string(64, 1),
  name: string(instanceNameLengthMax, 1),
  crash: crashSchema,
  /** `restarts`: by itself. `stays-down`: until it is asked to start. `lost`: it was in memory, and is gone. */
  next: oneOf('restarts', 'stays-down', 'lost'),
})
export type CrashNote = Infer<typeof crashNoteSchema>
