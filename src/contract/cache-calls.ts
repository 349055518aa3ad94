/** The rows of the workbench contract about results that are kept. No behaviour. */

import { cacheOptionsSchema, cacheStateSchema } from './cache.ts'
import { call, event } from './contract-table.ts'
import { boolean, nothing, nullable, object, string } from './schema.ts'

const id = string(64, 1)

export const cacheCalls = {
  /** Throws `unsupported` for a server elsewhere. */
  'cache.state': call({ params: object({ instanceId: id }), result: cacheStateSchema }),
  /** One result, or with null all of them. */
  'cache.clear': call({ params: object({ instanceId: id, entryId: nullable(id) }), result: nothing }),
  /** From now on, also on disk; what is kept stays as far as there is room. */
  'cache.setOptions': call({
    params: object({ instanceId: id, options: cacheOptionsSchema }),
    result: cacheOptionsSchema,
  }),
  /** Whether a session uses what its instance keeps; it does unless told. */
  'cache.setSession': call({ params: object({ sessionId: id, isOn: boolean }), result: nothing }),
  /** At most once a second. */
  'cache.didChange': event(object({ instanceId: id })),
} as const
