/** What can be asked of the life of instances besides making them: names, options, the trash. Rows of the contract. */

import { call, stream } from './contract-table.ts'
import { instanceOptionsSchema } from './instance-options.ts'
import { instanceSchema } from './instance.ts'
import { instanceNameLengthMax } from './limits.ts'
import { array, boolean, integer, nothing, nullable, object, string, type Infer } from './schema.ts'

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
  /** Of a server elsewhere, only the connection was forgotten. */
  isServer: boolean,
})
export type TrashEntry = Infer<typeof trashEntrySchema>

export const extensionSchema = object({
  /** As CREATE EXTENSION has it. */
  name: string(64, 1),
  version: string(64),
  comment: string(1024),
  /** Its library must be loaded when Postgres starts. */
  needsPreload: boolean,
  /** null where the instance has not got it, or does not run. */
  installedVersion: nullable(string(64)),
})
export type Extension = Infer<typeof extensionSchema>

const path = string(4096, 1)

/** How far something is. */
export const progressSchema = object({ doneBytes: integer(0), totalBytes: integer(0) })

const trashKey = object({ instanceId: id, deletedAtMs: integer(0) })

export const lifecycleCalls = {
  /** `already-exists`, `invalid-argument`. */
  'instance.rename': call({ params: object({ instanceId: id, name }), result: instanceSchema }),
  /** Counts from the next start on. `unsupported` for options that this engine does not have. */
  'instance.configure': call({
    params: object({ instanceId: id, options: instanceOptionsSchema }),
    result: instanceSchema,
  }),

  /** All that there are; of an instance that runs, also which it has. */
  'extension.list': call({
    params: object({ instanceId: nullable(id) }),
    result: array(extensionSchema, 1_000),
  }),
  /** CREATE EXTENSION, behind a restart where it must be loaded at the start. */
  'extension.add': call({
    params: object({ instanceId: id, name: string(64, 1) }),
    result: instanceSchema,
  }),

  /**
   * Opens the data directory of PGlite, or the directory of an instance, at an absolute path: where it lies, or as a
   * copy. The instance runs when it is answered.
   */
  'instance.open': stream({
    params: object({ directory: path, name: nullable(name), isCopied: boolean }),
    chunk: progressSchema,
    result: instanceSchema,
  }),
  /** A path that nobody has chosen. */
  'instance.suggestFile': call({ params: object({ instanceId: id }), result: object({ file: path }) }),
  /** Writes it to a file at an absolute path of the host's machine, as it is at one moment. */
  'instance.export': stream({
    params: object({ instanceId: id, file: path, mayReplace: boolean }),
    chunk: progressSchema,
    result: object({ byteCount: integer(0) }),
  }),
  /** A new instance from such a file, not started; under `name` where that is given. */
  'instance.import': stream({
    params: object({ file: path, name: nullable(name) }),
    chunk: progressSchema,
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
