/** The rows of the contract about snapshots: taken, listed, kept, forked, gone back to. Data only. */

import { call, event, stream } from './contract-table.ts'
import { instanceNameLengthMax } from './limits.ts'
import { instanceSchema } from './instance.ts'
import { array, nothing, nullable, object, string } from './schema.ts'
import {
  snapshotLabelLengthMax,
  snapshotListSchema,
  snapshotNoteSchema,
  snapshotPolicySchema,
  snapshotProgressSchema,
  snapshotSchema,
} from './snapshot.ts'

const id = string(64, 1)
const label = nullable(string(snapshotLabelLengthMax, 1))
const ofSnapshot = object({ instanceId: id, snapshotId: id })

export const snapshotCalls = {
  'snapshot.list': call({ params: object({ instanceId: id }), result: snapshotListSchema }),
  /** Throws `in-use` naming who has the instance for too long; leaving the stream takes none. */
  'snapshot.take': stream({
    params: object({ instanceId: id, label }),
    chunk: snapshotProgressSchema,
    result: snapshotSchema,
  }),
  'snapshot.label': call({
    params: object({ instanceId: id, snapshotId: id, label }),
    result: snapshotSchema,
  }),
  'snapshot.delete': call({ params: ofSnapshot, result: nothing }),
  /** Reads all of it; answers the names of files that are damaged. */
  'snapshot.verify': stream({
    params: ofSnapshot,
    chunk: snapshotProgressSchema,
    result: object({ damaged: array(string(4096), 1_000) }),
  }),
  /** A new instance that has what the snapshot has, or with null what the instance has now. It is started. */
  'snapshot.fork': stream({
    params: object({ instanceId: id, snapshotId: nullable(id), name: string(instanceNameLengthMax, 1) }),
    chunk: snapshotProgressSchema,
    result: instanceSchema,
  }),
  /**
   * Takes a snapshot, then puts the instance back to where `snapshotId` has it. Its sessions end as by a restart.
   * Answers the snapshot by which it can be undone, or where the files are that were too damaged for one.
   */
  'snapshot.rewind': stream({
    params: ofSnapshot,
    chunk: snapshotProgressSchema,
    result: object({ undo: nullable(snapshotSchema), keptDirectory: nullable(string(4096)) }),
  }),
  'snapshot.policy': call({ params: object({ instanceId: id }), result: snapshotPolicySchema }),
  'snapshot.setPolicy': call({
    params: object({ instanceId: id, policy: snapshotPolicySchema }),
    result: nothing,
  }),
  /** The list of an instance, or its policy. */
  'snapshot.didChange': event(object({ instanceId: id })),
  /** One was taken by itself, or could not be. */
  'snapshot.didTake': event(snapshotNoteSchema),
} as const
