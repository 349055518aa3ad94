/** What is said of a database's health. */

import { describe, expect, it } from 'vitest'
import type { HealthInsight } from '../../contract/insight.ts'
import { healthNumbers, healthRemarks } from './health-words.ts'
import { levelChoices, logLineWords } from './log-words.ts'

const well: HealthInsight = {
  read: { readAtMs: 1, tookMs: 1, heldBy: null, serverVersion: '18.3', countedSinceMs: null, remarks: [] },
  ...{ databaseBytes: 8 << 20, bufferHits: 990_000, bufferReads: 10_000, indexHits: 9, indexReads: 1 },
  ...{ tableHits: 1, tableReads: 1, commits: 1_000, rollbacks: 10, deadlocks: 0, temporaryFiles: 0 },
  ...{ temporaryBytes: 0, checkpointsTimed: 2, checkpointsRequested: 3, walBytes: 5 << 20 },
  ...{ sharedBuffersBytes: 128 << 20, transactionsLeft: 2_000_000_000 },
}

describe('the health of a database', () => {
  it('is eight numbers, and says nothing where all is well', () => {
    const told = healthNumbers(well).map(({ label, value, detail }) => `${label}: ${value}, ${detail}`)
    expect(told).toEqual([
      'In buffers: 99.0 %, of 1,000,000 blocks',
      'Index in buffers: 90.0 %, of 10',
      'Commits: 1,000, 10 rolled back',
      'Deadlocks: 0, in all',
      'Sorts on disk: 0 KB, in 0 files',
      'Checkpoints: 5, 3 asked for',
      'Written ahead: 5 MB, to the log',
      'Size: 8 MB, buffers 128 MB',
    ])
    expect(healthRemarks(well)).toEqual([])
  })

  it('does not make up what is not known', () => {
    const unknown = { checkpointsTimed: null, checkpointsRequested: null, walBytes: null, indexHits: 0 }
    const values = healthNumbers({ ...well, ...unknown, indexReads: 0 }).map(({ value }) => value)
    expect(values.filter((value) => value === '–')).toHaveLength(3)
    expect(healthRemarks({ ...well, transactionsLeft: null, bufferHits: 1, bufferReads: 9 })).toEqual([])
  })

  it('says what is worth a look, one line for each', () => {
    const ill = {
      bufferReads: 900_000,
      rollbacks: 900,
      deadlocks: 1,
      temporaryFiles: 20,
      transactionsLeft: 9,
    }
    const words = healthRemarks({ ...well, ...ill }).map((remark) => remark.split(' ').slice(-2).join(' '))
    expect(words).toEqual(['an index.', 'with errors.', 'order everywhere.', 'for those.', 'tables now.'])
  })
})

describe('the log', () => {
  it('has its lines read as people do, and those that are none as they are', () => {
    const line = JSON.stringify({ time: '2026-11-21T10:00:00.000Z', level: 'warn', msg: 'Full', client: 5 })
    expect(logLineWords(line)).toBe('2026-11-21T10:00:00.000Z warn Full {"client":5}')
    expect(logLineWords(JSON.stringify({ time: 0, msg: 'a' }))).toBe('1970-01-01T00:00:00.000Z a')
    for (const odd of ['', 'no json', '5', 'null', '[1]']) expect(logLineWords(odd)).not.toBe(undefined)
    expect(levelChoices.map(([level]) => level)).toEqual(['error', 'warn', 'info', 'debug', 'trace'])
  })
})
