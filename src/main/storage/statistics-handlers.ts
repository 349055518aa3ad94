/** The store of statements behind its contract. Knows no thread. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import {
  statisticsSettingsSchema,
  type StatementRow,
  type StatisticsSettings,
} from '../../contract/statistics.ts'
import { Reply, type Handlers } from '../../rpc/handlers.ts'
import { StatisticsQueries } from './statistics-queries.ts'
import { readSeries } from './statistics-series.ts'
import { StatisticsStore } from './statistics-store.ts'
import type { StorageContract } from './storage-contract.ts'

/** What runs `work` in a transaction on the store's one connection. */
export interface StorageTransactions {
  run<T>(work: (stores: { readonly database: Database.Database }) => T): Promise<T>
}

type StatisticsHandlers = Pick<
  Handlers<StorageContract>,
  Extract<keyof StorageContract, `statistics.${string}`>
>

export const defaultStatisticsSettings: StatisticsSettings = {
  isOn: true,
  bucketMs: 60_000,
  retentionMs: 30 * 24 * 3_600_000,
  examples: 'memory',
  slowMs: null,
  redactsSlow: true,
}

/** A day of each takes about a millisecond. */
const rowsPerTurn = 20

const settingName = 'statistics'

export function statisticsHandlers(file: StorageTransactions): StatisticsHandlers {
  const store = <T>(work: (statistics: StatisticsStore) => T): Promise<T> =>
    file.run(({ database }) => work(new StatisticsStore(database)))
  const ask = <T>(question: (queries: StatisticsQueries) => T): Promise<T> =>
    file.run(({ database }) => question(new StatisticsQueries(database)))
  return {
    'statistics.add': ({ parts }, { buffers: [steps = new ArrayBuffer(0)] }) =>
      store((statistics) => {
        statistics.add(parts, new Float64Array(steps))
        return null
      }),
    'statistics.tidy': ({ nowMs, retentionMs }) =>
      store((statistics) => ({ hasMore: statistics.tidy(nowMs, retentionMs) })),
    'statistics.top': async (wish) => {
      const { found, ...rest } = await ask((queries) => queries.topSums(wish))
      const rows: StatementRow[] = []
      for (let at = 0; at < found.length; at += rowsPerTurn) {
        const some = found.slice(at, at + rowsPerTurn)
        rows.push(...(await ask((queries) => queries.rowsOf(some, wish))))
        // Whoever stores an edit meanwhile does not wait for all of them.
        await nextTurn()
      }
      return { ...rest, rows }
    },
    'statistics.statement': (wish) => ask((queries) => queries.statement(wish)),
    'statistics.compare': (wish) => ask((queries) => queries.compare(wish)),
    'statistics.example': ({ instanceId, fingerprint }) =>
      ask((queries) => queries.example(instanceId, fingerprint)),
    'statistics.overTime': async (wish) => {
      const { series, buffer } = await file.run(({ database }) =>
        readSeries(database, wish, settingsOf(database).bucketMs),
      )
      return new Reply(series, [buffer])
    },
    'statistics.reset': ({ instanceId, fingerprint }) =>
      store((statistics) => {
        statistics.reset(instanceId, fingerprint)
        return null
      }),
    'statistics.settings': () => file.run(({ database }) => settingsOf(database)),
    'statistics.setSettings': (settings) =>
      file.run(({ database }) => {
        database
          .prepare('INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)')
          .run(settingName, JSON.stringify(settings))
        return settings
      }),
  }
}

/** What this version does not allow gives way to the defaults. */
function settingsOf(database: Database.Database): StatisticsSettings {
  const value = database
    .prepare<[string], string>('SELECT value FROM setting WHERE name = ?')
    .pluck()
    .get(settingName)
  if (value === undefined) return defaultStatisticsSettings
  try {
    const known: unknown = { ...defaultStatisticsSettings, ...(JSON.parse(value) as object) }
    return statisticsSettingsSchema.parse(known, 'settings')
  } catch {
    return defaultStatisticsSettings
  }
}
