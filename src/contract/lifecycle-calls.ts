/** What can be asked of the life of instances besides making them: names, options, the trash. Rows of the contract. */

import { call } from './contract-table.ts'
import { instanceOptionsSchema } from './instance-options.ts'
import { instanceSchema } from './instance.ts'
import { instanceNameLengthMax } from './limits.ts'
import { array, integer, nothing, nullable, object, string, type Infer } from './schema.ts'

const id = string(64, 1)
const name = string(instanceNameLengthMax, 1)

/** More than a list shows; whoever deletes that many has a program do it. */
const trashEntriesMax = 10_000

export const trashEntrySchema = object({
  instanceId: id,
  deletedAtMs: integer(0),
  /** null where its record cannot be read. */
  name: nullable(name),
  /** It is removed for good by a start after this. */
  keptUntilMs: integer(0),
  sizeBytes: integer(0),
  directory: string(4096),
})
export type TrashEntry = Infer<typeof trashEntrySchema>

const trashKey = object({ instanceId: id, deletedAtMs: integer(0) })

export const lifecycleCalls = {
  /** `already-exists`, `invalid-argument`. */
  'instance.rename': call({ params: object({ instanceId: id, name }), result: instanceSchema }),
  /** Counts from the next start on. `unsupported` for options that this engine does not have. */
  'instance.configure': call({
    params: object({ instanceId: id, options: instanceOptionsSchema }),
    result: instanceSchema,
  }),

  /** What was deleted last comes first. */
  'trash.list': call({ params: nothing, result: array(trashEntrySchema, trashEntriesMax) }),
  /** `not-found`; under `name` where that is given. `already-exists` where the name is taken by now. */
  'trash.restore': call({
    params: object({ entry: trashKey, name: nullable(name) }),
    result: instanceSchema,
  }),
  /** Removes one for good. `not-found`. */
  'trash.remove': call({ params: trashKey, result: nothing }),
} as const
