/** The contract's rows about statements that have run, as functions of the host's parts. */

import type { WorkbenchContract } from '../../contract/workbench-contract.ts'
import { Reply, type Handlers } from '../../rpc/handlers.ts'
import type { HostParts } from './host-parts.ts'

type StatisticsHandlers = Pick<
  Handlers<WorkbenchContract>,
  Exclude<Extract<keyof WorkbenchContract, `statistics.${string}`>, `statistics.did${string}`>
>

export function statisticsHandlers({ statistics }: HostParts): StatisticsHandlers {
  return {
    'statistics.top': (wish) => statistics.top(wish),
    'statistics.statement': (wish) => statistics.statement(wish),
    'statistics.overTime': async (wish) => {
      const { value, buffers } = await statistics.overTime(wish)
      return new Reply(value, [...buffers])
    },
    'statistics.compare': (wish) => statistics.compare(wish),
    'statistics.slow': (wish) => statistics.slow(wish),
    'statistics.reset': async (wish) => {
      await statistics.reset(wish)
      return null
    },
    'statistics.settings': async () => statistics.settings,
    'statistics.setSettings': (settings) => statistics.setSettings(settings),
  }
}
