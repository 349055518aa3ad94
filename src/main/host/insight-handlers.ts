/** The rows of insight-calls.ts as functions of the host's parts. No decision. */

import type { insightCalls } from '../../contract/insight-calls.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { Reply, type Handlers } from '../../rpc/handlers.ts'
import type { HostParts } from './host-parts.ts'
import { InsightReports } from './insight-reports.ts'

export function insightHandlers(parts: HostParts): Handlers<typeof insightCalls> {
  const { all, clock, description, insights, statistics } = parts
  const product = `Wardian ${description.version}`
  const nameOf = (instanceId: string): string => all.nameOf(instanceId)
  const { monitor } = parts.monitor
  const reports = new InsightReports({ insights, statistics, monitor, clock, product, nameOf })
  return {
    'insight.tables': ({ instanceId }, { signal }) => insights.tables(instanceId, signal),
    'insight.indexes': ({ instanceId }, { signal }) => insights.indexes(instanceId, signal),
    'insight.health': ({ instanceId }, { signal }) => insights.health(instanceId, signal),
    'insight.waits': ({ instanceId }, { signal }) => insights.waits(instanceId, signal),
    'insight.plan': async ({ instanceId, statement, analyze }, { signal }) => {
      if (statement.kind === 'text') return insights.plan(instanceId, { ...statement, analyze }, signal)
      const example = await statistics.example(instanceId, statement.fingerprint)
      if (example) return insights.plan(instanceId, { ...example, analyze }, signal)
      throw new WorkbenchError(
        'not-found',
        'No example of this statement was kept; ask for the plan of a text',
      )
    },
    'insight.report': async (wish, { signal }) => {
      const { bytes, ...file } = await reports.make(wish, signal)
      return new Reply(file, [bytes.buffer])
    },
  }
}
