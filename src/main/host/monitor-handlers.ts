/** The contract's rows about resources and alerts as functions of the host's parts: one line each, no decision. */

import type { WorkbenchContract } from '../../contract/workbench-contract.ts'
import { metricCatalog } from '../monitor/metric-catalog.ts'
import { Reply, type Handlers } from '../../rpc/handlers.ts'
import type { HostParts } from './host-parts.ts'

type MonitorHandlers = Pick<
  Handlers<WorkbenchContract>,
  Exclude<Extract<keyof WorkbenchContract, `monitor.${string}` | `log.${string}`>, `monitor.did${string}`>
>

export function monitorHandlers(parts: HostParts): MonitorHandlers {
  const { instances, log, monitor: hostMonitor, operations } = parts
  const { monitor } = hostMonitor
  /** Throws `not-found`, and `unsupported` for one on a server elsewhere. */
  const known = (instanceId: string | null): void => void (instanceId === null || instances.get(instanceId))
  return {
    'monitor.metrics': async () =>
      metricCatalog.map(({ name, scope, unit, title, help, exposedAs }) => {
        return { name, scope, unit, title, help, exposedAs }
      }),
    'monitor.series': async (query) => {
      known(query.instanceId)
      const { info, buffer } = await monitor.series(query)
      return new Reply(info, [buffer])
    },
    'monitor.live': async function* live(query, { signal }) {
      known(query.instanceId)
      return yield* monitor.live(query, signal)
    },
    'monitor.stability': async (query) => {
      known(query.instanceId)
      return monitor.stability(query)
    },
    'monitor.settings': async () => hostMonitor.settings,
    'monitor.setSettings': (changes) => hostMonitor.configure(changes),
    'monitor.alerts': async () => monitor.alerts.alerts,
    'monitor.exposition': ({ format }) => operations.exposition(format),
    'monitor.tokenFile': async () => ({ path: (await operations.token()).path, port: operations.port }),
    'log.settings': async () => log.settings,
    'log.setSettings': (settings) => hostMonitor.configureLog(settings),
    'log.tail': async ({ linesMax }) => ({ path: log.path, lines: await log.tail(linesMax) }),
    'monitor.testWebhook': () => hostMonitor.testWebhook(),
  }
}
