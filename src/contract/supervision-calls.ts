/** The rows of the workbench contract about engines that have ended by themselves. No behaviour. */

import { call, event } from './contract-table.ts'
import { array, object, string } from './schema.ts'
import { crashesKeptMax, crashNoteSchema, crashSchema } from './supervision.ts'

export const supervisionCalls = {
  /** Those of this host's time, oldest first. */
  'instance.crashes': call({
    params: object({ instanceId: string(64, 1) }),
    result: array(crashSchema, crashesKeptMax),
  }),
  /** An engine has ended by itself; instance.didChange tells what becomes of it. */
  'instance.didCrash': event(crashNoteSchema),
}
