/**
 * Makes Postgres say what it has understood of a statement: for the length of a Parse it prints the rewritten tree
 * (debug_print_rewritten), which is caught before any client sees it. Changes the settings in memory and puts them
 * back, so that nobody can tell. Knows nothing of what stands in a tree.
 */

import type { SqlErrorFields } from '../../../../contract/error.ts'
import type { SessionSettings } from './session-settings.ts'
import type { SettingRecord } from './setting-record.ts'

/** What pg_rewrite_query prints it under (tcop/postgres.c). */
const treeTitle = 'rewritten parse tree:'
/** LOG and FATAL (utils/elog.h): the client is told of it, and the server's log is not. */
const [logLevel, fatalLevel] = [15, 22]

/** In the order of the values below. */
const names = [
  'debug_print_rewritten',
  'debug_pretty_print',
  'client_min_messages',
  'log_min_messages',
] as const
const values: readonly number[] = [1, 0, logLevel, fatalLevel]
const clientLevelIndex = 2

export class StatementTrees {
  readonly #records: readonly SettingRecord[]
  #trees: string[] | null = null

  constructor(settings: SessionSettings) {
    this.#records = settings.watch(names)
  }

  /** The tree of the one statement that `parse` has parsed; null where there is not exactly one. */
  during(parse: () => void): string | null {
    const before = this.#records.map((record) => record.valueWord)
    // Who wants to see such messages gets them.
    if ((before[clientLevelIndex] ?? 0) <= logLevel) {
      parse()
      return null
    }
    const trees: string[] = []
    this.#trees = trees
    this.#write(values)
    try {
      parse()
    } finally {
      this.#write(before)
      this.#trees = null
    }
    return trees.length === 1 ? (trees[0] ?? null) : null
  }

  /** Whether a notice is a tree, and nobody else's. */
  take({ severity, message, detail }: SqlErrorFields): boolean {
    if (!this.#trees || severity !== 'LOG' || message !== treeTitle) return false
    this.#trees.push(detail ?? '')
    return true
  }

  #write(words: readonly number[]): void {
    for (const [index, record] of this.#records.entries()) record.valueWord = words[index] ?? 0
  }
}
