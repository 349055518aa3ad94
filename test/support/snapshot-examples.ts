/** Examples of the contract's rows about snapshots, with every optional part filled. */

import type { Instance } from '../../src/contract/instance.ts'
import type { Snapshot, SnapshotNote, SnapshotPolicy, SnapshotProgress } from '../../src/contract/snapshot.ts'

const snapshot: Snapshot = {
  id: '1790000000000-0a1b2c3d',
  takenAtMs: 1_790_000_000_000,
  label: 'before the migration',
  reason: { kind: 'statement', what: 'DROP TABLE orders', text: 'drop table orders', who: 'Console 1' },
  byteCount: 41_000_000,
  addedBytes: 1_000_000,
  serverVersion: '18.6',
  engineVersion: '0.5.16',
}

const progress: SnapshotProgress = { step: 'waiting', holder: 'Report', doneBytes: 1, totalBytes: 2 }

const policy: SnapshotPolicy = {
  ...{ before: 'all', from: 'console', distanceMs: 60_000, everyMs: 3_600_000 },
  ...{ automaticBytesMax: 1 << 30, budgetBytes: 1 << 30 },
}

const note: SnapshotNote = {
  ...{ instanceId: 'i1', instanceName: 'shop', reason: { kind: 'script', text: 'x', who: 'psql' } },
  ...{ snapshotId: snapshot.id, problem: 'No space is left', isNews: true },
}

const ofSnapshot = { instanceId: 'i1', snapshotId: snapshot.id }

/** `instance`: what a fork is answered with. */
export function snapshotExamples(instance: Instance) {
  return {
    'snapshot.list': {
      params: { instanceId: 'i1' },
      result: { snapshots: [snapshot], storedBytes: 1, problems: ['a pack is damaged'] },
    },
    'snapshot.take': { params: { instanceId: 'i1', label: 'x' }, chunks: [progress], result: snapshot },
    'snapshot.label': { params: { ...ofSnapshot, label: 'x' }, result: snapshot },
    'snapshot.delete': { params: ofSnapshot, result: null },
    'snapshot.verify': { params: ofSnapshot, chunks: [progress], result: { damaged: ['base/5/16384'] } },
    'snapshot.fork': { params: { ...ofSnapshot, name: 'fork' }, chunks: [progress], result: instance },
    'snapshot.rewind': {
      params: ofSnapshot,
      chunks: [progress],
      result: { undo: snapshot, keptDirectory: '/data/damaged' },
    },
    'snapshot.policy': { params: { instanceId: 'i1' }, result: policy },
    'snapshot.setPolicy': { params: { instanceId: 'i1', policy }, result: null },
    'snapshot.didChange': { payload: { instanceId: 'i1' } },
    'snapshot.didTake': { payload: note },
  }
}
