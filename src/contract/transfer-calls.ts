/**
 * What can be asked of a host about moving whole databases: dump, restore, copy, migrate. Rows of the workbench
 * contract, in a file of their own. No behaviour.
 */

import { call, stream } from './contract-table.ts'
import { boolean, integer, nothing, nullable, object, string } from './schema.ts'
import {
  copyReportSchema,
  databasePlaceSchema,
  dumpEventSchema,
  dumpOptionsSchema,
  dumpReportSchema,
  migrationSchema,
  restoreReportSchema,
  restoreTargetSchema,
  transferEventSchema,
  transferScopeSchema,
} from './transfer.ts'

const id = string(64, 1)

export const transferCalls = {
  /** pg_dump's output, as the database was at one moment. Ending the stream cancels it. */
  'transfer.dump': stream({
    params: object({ source: databasePlaceSchema, options: dumpOptionsSchema }),
    chunk: dumpEventSchema,
    result: dumpReportSchema,
    buffersMax: 1,
  }),
  /** One part of a file that is to be restored, in its one buffer; answers when there is room for the next. */
  'transfer.upload': call({
    params: object({ uploadId: id, isLast: boolean }),
    result: nothing,
    buffersMax: 1,
  }),
  /**
   * Runs the SQL that is uploaded meanwhile, in one transaction: all of it or, when anything fails or the stream is
   * ended, nothing. `sql-error` names the line.
   */
  'transfer.restore': stream({
    params: object({
      uploadId: id,
      bytesTotal: nullable(integer(0)),
      target: restoreTargetSchema,
      noOwner: boolean,
      noPrivileges: boolean,
    }),
    chunk: transferEventSchema,
    result: restoreReportSchema,
  }),
  /**
   * From one database into another, compared before it is committed: all of it or nothing. `conflict` when what was
   * compared differs; `unsupported`, `not-found` and `already-exists` for what stands against it beforehand.
   */
  'transfer.copy': stream({
    params: object({ source: databasePlaceSchema, target: restoreTargetSchema, scope: transferScopeSchema }),
    chunk: transferEventSchema,
    result: copyReportSchema,
  }),
  /** Null unless the instance's directory was written by an earlier version of Postgres that can be read. */
  'transfer.migration': call({ params: object({ instanceId: id }), result: nullable(migrationSchema) }),
  /** Brings such an instance to this version and starts it; its old directory stays beside the new one. */
  'transfer.migrate': stream({
    params: object({ instanceId: id }),
    chunk: transferEventSchema,
    result: copyReportSchema,
  }),
} as const
