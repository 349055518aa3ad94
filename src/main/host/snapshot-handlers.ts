/** The contract's rows about snapshots as functions of the host's parts: one line each, no decision. */

import type { WorkbenchContract } from '../../contract/workbench-contract.ts'
import type { Handlers } from '../../rpc/handlers.ts'
import type { HostParts } from './host-parts.ts'
import { progressStream } from './progress-stream.ts'

type SnapshotHandlers = Pick<
  Handlers<WorkbenchContract>,
  Exclude<Extract<keyof WorkbenchContract, `snapshot.${string}`>, `snapshot.did${string}`>
>

export function snapshotHandlers({ snapshots }: HostParts): SnapshotHandlers {
  return {
    'snapshot.list': ({ instanceId }) => snapshots.list(instanceId),
    'snapshot.take': ({ instanceId, label }, { signal }) =>
      progressStream(signal, (watcher) =>
        snapshots.take(instanceId, { label, reason: { kind: 'request' } }, watcher),
      ),
    'snapshot.label': ({ instanceId, snapshotId, label }) => snapshots.label(instanceId, snapshotId, label),
    'snapshot.delete': ({ instanceId, snapshotId }) => done(snapshots.remove(instanceId, snapshotId)),
    'snapshot.verify': ({ instanceId, snapshotId }, { signal }) =>
      progressStream(signal, async (watcher) => {
        const damaged = await snapshots.verify(instanceId, snapshotId, watcher)
        return { damaged: damaged.slice(0, damagedToldMax) }
      }),
    'snapshot.fork': ({ instanceId, ...wish }, { signal }) =>
      progressStream(signal, (watcher) => snapshots.forkStarted(instanceId, wish, watcher)),
    'snapshot.rewind': ({ instanceId, snapshotId }, { signal }) =>
      progressStream(signal, (watcher) => snapshots.rewind(instanceId, snapshotId, watcher)),
    'snapshot.policy': ({ instanceId }) => snapshots.policyOf(instanceId),
    'snapshot.setPolicy': ({ instanceId, policy }) => done(snapshots.setPolicy(instanceId, policy)),
  }
}

/** As the contract has it. */
const damagedToldMax = 1_000

/** For rows that answer nothing. */
async function done(work: Promise<unknown>): Promise<null> {
  await work
  return null
}
