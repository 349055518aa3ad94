/** How well a database gets along, in eight numbers and in what they mean. Pure. */

import type { HealthInsight } from '../../contract/insight.ts'
import { formatBytes } from '../widgets/number-format.ts'

export interface HealthNumber {
  readonly label: string
  readonly value: string
  readonly detail: string
}

/** Blocks that were asked for before a share of them says anything. */
const blocksMin = 10_000
/** A database whose data is larger than its buffers reads from the system; below this nearly everything is. */
const hitShareMin = 0.9
/** Postgres warns when so many are left (PostgreSQL 18 documentation, section 24.1.5). */
const transactionsLeftMin = 40_000_000
/** Of what was begun; a program that rolls back more is worth a look. */
const rollbackShareMax = 0.2
const transactionsMin = 100

/** Making an index of a large table takes some, once. */
const temporaryFilesMin = 20

const count = (value: number): string => value.toLocaleString('en')
const share = (part: number, all: number): string =>
  all === 0 ? '–' : `${((100 * part) / all).toFixed(1)} %`

export function healthNumbers(health: HealthInsight): readonly HealthNumber[] {
  const { bufferHits, bufferReads, indexHits, indexReads, commits, rollbacks } = health
  const { checkpointsTimed, checkpointsRequested, walBytes } = health
  const checkpoints = (checkpointsTimed ?? 0) + (checkpointsRequested ?? 0)
  return [
    {
      label: 'In buffers',
      value: share(bufferHits, bufferHits + bufferReads),
      detail: `of ${count(bufferHits + bufferReads)} blocks`,
    },
    {
      label: 'Index in buffers',
      value: share(indexHits, indexHits + indexReads),
      detail: `of ${count(indexHits + indexReads)}`,
    },
    { label: 'Commits', value: count(commits), detail: `${count(rollbacks)} rolled back` },
    { label: 'Deadlocks', value: count(health.deadlocks), detail: 'in all' },
    {
      label: 'Sorts on disk',
      value: formatBytes(health.temporaryBytes),
      detail: health.temporaryFiles === 1 ? 'in 1 file' : `in ${count(health.temporaryFiles)} files`,
    },
    {
      label: 'Checkpoints',
      value: checkpointsTimed === null ? '–' : count(checkpoints),
      detail: checkpointsRequested === null ? 'not known' : `${count(checkpointsRequested)} asked for`,
    },
    { label: 'Written ahead', value: walBytes === null ? '–' : formatBytes(walBytes), detail: 'to the log' },
    {
      label: 'Size',
      value: formatBytes(health.databaseBytes),
      detail: `buffers ${formatBytes(health.sharedBuffersBytes)}`,
    },
  ]
}

/** What of that is worth a look, and what to do; nothing where all is well. */
export function healthRemarks(health: HealthInsight): readonly string[] {
  const { bufferHits, bufferReads, commits, rollbacks, deadlocks, temporaryFiles, transactionsLeft } = health
  const blocks = bufferHits + bufferReads
  const ended = commits + rollbacks
  const remarks: [boolean, string][] = [
    [
      blocks >= blocksMin && bufferHits / blocks < hitShareMin,
      'Many blocks are not in Postgres’s buffers: raise shared_buffers, or read less with an index.',
    ],
    [
      ended >= transactionsMin && rollbacks / ended > rollbackShareMax,
      'Every fifth transaction or more is rolled back: look at the statements with errors.',
    ],
    [deadlocks > 0, 'Transactions have waited for each other: take locks in the same order everywhere.'],
    [
      temporaryFiles >= temporaryFilesMin,
      'Sorts or hashes did not fit work_mem and went to disk: raise it for those.',
    ],
    [
      transactionsLeft !== null && transactionsLeft < transactionsLeftMin,
      'Transaction numbers run out: VACUUM FREEZE the oldest tables now.',
    ],
  ]
  return remarks.flatMap(([isSo, words]) => (isSo ? [words] : []))
}
