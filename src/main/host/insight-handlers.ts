/** The rows of insight-calls.ts as functions of the host's parts. No decision. */

import type { insightCalls } from '../../contract/insight-calls.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { Handlers } from '../../rpc/handlers.ts'
import type { HostParts } from './host-parts.ts'

export function insightHandlers({ insights }: HostParts): Handlers<typeof insightCalls> {
  return {
    'insight.tables': ({ instanceId }, { signal }) => insights.tables(instanceId, signal),
    'insight.indexes': ({ instanceId }, { signal }) => insights.indexes(instanceId, signal),
    'insight.health': ({ instanceId }, { signal }) => insights.health(instanceId, signal),
    'insight.waits': ({ instanceId }, { signal }) => insights.waits(instanceId, signal),
    'insight.plan': async ({ instanceId, statement, analyze }, { signal }) => {
      if (statement.kind === 'text') return insights.plan(instanceId, { ...statement, analyze }, signal)
      throw new WorkbenchError(
        'not-found',
        'No example of this statement was kept; ask for the plan of a text',
      )
    },
  }
}
