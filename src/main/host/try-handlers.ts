/** The contract's rows about trying scripts, as functions of the host's parts. */

import { followLatest } from '../worker/work-stream.ts'
import type { TryApplied, TryProgress, TryReport } from '../../contract/try-report.ts'
import type { WorkbenchContract } from '../../contract/workbench-contract.ts'
import type { Handlers } from '../../rpc/handlers.ts'
import type { AttachedClient } from './attached-client.ts'
import type { HostParts } from './host-parts.ts'
import { ScriptTrials } from './script-trials.ts'

type TryHandlers = Pick<Handlers<WorkbenchContract>, Extract<keyof WorkbenchContract, `try.${string}`>>

export function tryHandlers(parts: HostParts, client: AttachedClient): TryHandlers {
  const trials = new ScriptTrials(parts)
  return {
    'try.run': ({ instanceId, sessionId, source, mode }, { signal }) =>
      followLatest<TryProgress, TryReport>(signal, async (onProgress, ending) => {
        const session = sessionId === null ? null : client.session(sessionId)
        const text = await client.takeText(source)
        return trials.run({ instanceId, session, text, mode }, { signal: ending, onProgress })
      }),
    'try.apply': ({ sessionId, source, ...wish }, { signal }) =>
      followLatest<TryProgress, TryApplied>(signal, async (onProgress, ending) => {
        const session = sessionId === null ? null : client.session(sessionId)
        const text = await client.takeText(source)
        return trials.apply({ ...wish, session, text }, { signal: ending, onProgress })
      }),
  }
}
