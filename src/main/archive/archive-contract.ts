/** What the thread can be asked that packs and unpacks instances, as a table. No behaviour. */

import { call, stream } from '../../contract/contract-table.ts'
import { instanceOptionsSchema } from '../../contract/instance-options.ts'
import { instanceNameLengthMax } from '../../contract/limits.ts'
import { boolean, integer, nothing, nullable, object, string } from '../../contract/schema.ts'
import { archiveManifestSchema } from './archive-manifest.ts'

const path = string(4096, 1)
const progress = object({ doneBytes: integer(0), totalBytes: integer(0) })

export const archiveContract = {
  'archive.describe': call({ params: object({ file: path }), result: archiveManifestSchema }),
  /** Of a data directory in which nothing runs. */
  'archive.pack': stream({
    params: object({
      from: path,
      file: path,
      mayReplace: boolean,
      manifest: object({
        writtenBy: string(64, 1),
        writtenAtMs: integer(0),
        name: string(instanceNameLengthMax, 1),
        serverVersion: nullable(string(64)),
        engineVersion: nullable(string(64)),
        options: nullable(instanceOptionsSchema),
      }),
    }),
    chunk: progress,
    result: object({ byteCount: integer(0) }),
  }),
  'archive.unpack': stream({ params: object({ file: path, to: path }), chunk: progress, result: nothing }),
} as const

export type ArchiveContract = typeof archiveContract
