/** The history in a real file. */
import type Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { openDatabaseFile } from './database-file.ts'
import { HistoryStore, type HistoryFilter } from './history-store.ts'

describe('HistoryStore', () => {
  const path = temporaryDirectory()
  let count = 0
  let database: Database.Database
  let history: HistoryStore
  beforeEach(() => {
    database = openDatabaseFile(path(`history-${count++}.db`), 'now').database
    history = new HistoryStore(database)
  })
  afterEach(() => database.close())

  const run = (text: string, instanceName = 'playground'): number =>
    history.start({ key: text.slice(0, 60) || '-', text, isTextCut: false, instanceName, startedAtMs: 1 })
  const fail = (key: string): number | null =>
    history.finish({
      ...{ key, status: 'failed', durationMs: 1.5, rowCount: null, commandTag: null },
      ...{ errorCode: '42601', errorMessage: 'syntax error' },
    })
  function search(filter: Partial<HistoryFilter>): string[] {
    const all = { search: '', instanceName: null, failedOnly: false, beforeId: null, limit: 200 }
    return history.search({ ...all, ...filter }).entries.map((entry) => entry.text)
  }

  it('finds entries in which every word occurs somewhere, in any case, newest first', () => {
    for (const text of ['select Name from Orders', 'SELECT 1', 'update orders set name = 1', 'Größe ÄÖ'])
      run(text)
    expect(search({ search: 'NAME order' })).toEqual([
      'update orders set name = 1',
      'select Name from Orders',
    ])
    expect(search({ search: 'rder elect' })).toEqual(['select Name from Orders'])
    expect(search({ search: 'äö grÖ' })).toEqual(['Größe ÄÖ'])
    expect(search({ search: '1 se' })).toEqual(['update orders set name = 1', 'SELECT 1'])
    expect(search({ search: '  ' })).toHaveLength(4)
  })

  it('takes quotes, wildcards and operators of the index for plain characters', () => {
    for (const text of [`select "a*b" -- x OR y`, 'select 100%', 'abc', '_x_']) run(text)
    expect(search({ search: '"a*b"' })).toHaveLength(1)
    expect(search({ search: 'OR NOT' })).toHaveLength(0)
    expect(search({ search: '100%' })).toEqual(['select 100%'])
    expect(search({ search: 'a%c' })).toEqual([])
    expect(search({ search: '\0' })).toHaveLength(4)
  })

  it('answers what a plain search through the texts would, for any words', () => {
    const word = fc.string({
      unit: fc.constantFrom('a', 'B', 'é', '"', "'", '%', '*', '-', '1'),
      maxLength: 6,
    })
    fc.assert(
      fc.property(
        fc.array(fc.array(word, { maxLength: 5 }), { maxLength: 4 }),
        word,
        word,
        (texts, one, two) => {
          database.exec('DELETE FROM history')
          const all = texts.map((words) => words.join(' '))
          for (const text of all) run(text)
          const words = [one, two].map((w) => w.toLowerCase()).filter((w) => w !== '')
          const expected = all.filter((text) => words.every((w) => text.toLowerCase().includes(w))).reverse()
          expect(search({ search: `${one} ${two}` })).toEqual(expected)
        },
      ),
      { numRuns: Number(process.env['WARDIAN_PROPERTY_RUNS'] ?? 100) },
    )
  })

  it('builds a damaged word index anew', () => {
    for (const text of ['select one', 'select two']) run(text)
    database.unsafeMode(true)
    database.exec(`UPDATE history_words_data SET block = x'0badc0de' WHERE id > 10`)
    database.unsafeMode(false)
    expect(search({ search: 'select' })).toEqual(['select two', 'select one'])
  })

  it('filters by instance and by failure, and pages backwards', () => {
    run('a', 'one')
    run('b', 'two')
    fail('b')
    run('c', 'two')
    expect(search({ instanceName: 'two' })).toEqual(['c', 'b'])
    expect(search({ failedOnly: true })).toEqual(['b'])
    const all = { search: '', instanceName: null, failedOnly: false, limit: 2 }
    const first = history.search({ ...all, beforeId: null })
    expect([first.entries.length, first.hasMore]).toEqual([2, true])
    const second = history.search({ ...all, beforeId: first.entries[1]?.id ?? null })
    expect([second.entries.map((entry) => entry.text), second.hasMore]).toEqual([['a'], false])
  })

  it('answers fewer entries than asked for when their texts are long', () => {
    for (const letter of ['a', 'b', 'c']) run(letter.repeat(900_000))
    const all = { search: '', instanceName: null, failedOnly: false, beforeId: null, limit: 200 }
    const page = history.search(all)
    expect([page.entries.length, page.hasMore]).toEqual([1, true])
  })

  it('marks what was running when the host ended as interrupted', () => {
    run('select 1')
    run('select 2')
    fail('select 2')
    const reopened = new HistoryStore(database)
    const all = { search: '', instanceName: null, failedOnly: false, beforeId: null, limit: 9 }
    expect(reopened.search(all).entries.map((entry) => entry.status)).toEqual(['failed', 'interrupted'])
  })

  it('forgets the oldest entries beyond its bounds, and those that are removed', () => {
    history = new HistoryStore(database, { entriesMax: 3, textLengthMax: 100 })
    const ids = ['a', 'b', 'c', 'd'].map((text) => run(text))
    expect(search({})).toEqual(['d', 'c', 'b'])
    run('e'.repeat(99))
    expect(search({})).toEqual(['e'.repeat(99), 'd'])
    history.remove(ids[3] ?? 0)
    history.remove(ids[3] ?? 0)
    expect(search({})).toEqual(['e'.repeat(99)])
    expect(search({ search: 'eee' })).toHaveLength(1)
    expect(fail('a')).not.toBeNull()
    expect(fail('unknown')).toBeNull()
  })
})
