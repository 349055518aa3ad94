/** Tabs and their text in a real file. */
import type Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { openDatabaseFile } from './database-file.ts'
import { TabStore, type TabKey } from './tab-store.ts'
import { WorkspaceStore } from './workspace-store.ts'

describe('TabStore', () => {
  const path = temporaryDirectory()
  let count = 0
  let database: Database.Database
  let tabs: TabStore
  let workspaceId: string

  beforeEach(() => {
    database = openDatabaseFile(path(`tabs-${count++}.db`), 'now').database
    tabs = new TabStore(database)
    workspaceId = new WorkspaceStore(database).open({ preferredId: null, takenIds: [], nowMs: 1 }).id
  })
  afterEach(() => database.close())

  function create(title: string, index = 99): TabKey {
    return { workspaceId, tabId: tabs.create(workspaceId, { title, instanceId: null, index }).id }
  }
  const titles = (): string[] => tabs.list(workspaceId).map((tab) => tab.title)
  const text = (key: TabKey): string => tabs.read(key).utf16.toString('utf16le')
  const insert = (key: TabKey, version: number, inserted: string): number =>
    tabs.edit(key, { version, edits: [{ offset: 0, deleted: 0, inserted }], cursorOffset: 0 })

  it('keeps a text exactly: NUL, half a surrogate pair, line ends of any kind', () => {
    const key = create('exact')
    const strange = 'a\0b\ud800c\udc00\r\n\u2028\ufeff😀'
    expect(insert(key, 0, strange)).toBe(1)
    expect(text(key)).toBe(strange)
    tabs.fold(key)
    expect(text(key)).toBe(strange)
    expect(tabs.read(key).tab).toMatchObject({ version: 1, textLength: strange.length })
  })

  it('applies the edits of one change in order, and remembers the cursor', () => {
    const key = create('order')
    const edits = [
      { offset: 0, deleted: 0, inserted: 'hello' },
      { offset: 5, deleted: 0, inserted: ' world' },
      { offset: 0, deleted: 1, inserted: 'J' },
    ]
    tabs.edit(key, { version: 0, edits, cursorOffset: 7 })
    expect(text(key)).toBe('Jello world')
    expect(tabs.list(workspaceId)[0]).toMatchObject({ cursorOffset: 7, version: 1, textLength: 11 })
  })

  it('refuses an edit on another version than the last, and one outside of the text', () => {
    const key = create('conflict')
    insert(key, 0, 'abc')
    expect(() => insert(key, 0, 'x')).toThrow(expect.objectContaining({ code: 'conflict' }))
    const outside = { version: 1, edits: [{ offset: 9, deleted: 1, inserted: '' }], cursorOffset: 0 }
    expect(() => tabs.edit(key, outside)).toThrow(expect.objectContaining({ code: 'conflict' }))
    expect(text(key)).toBe('abc')
  })

  it('folds the journal into the text when it has grown larger than it', () => {
    const key = create('fold')
    for (let version = 0; version < 3; version++) {
      expect(tabs.needsFolding(key)).toBe(false)
      tabs.edit(key, {
        version,
        edits: [
          { offset: 0, deleted: version === 0 ? 0 : 100_000, inserted: String(version).repeat(100_000) },
        ],
        cursorOffset: 0,
      })
    }
    expect(tabs.needsFolding(key)).toBe(true)
    tabs.fold(key)
    expect(tabs.needsFolding(key)).toBe(false)
    expect(text(key)).toBe('2'.repeat(100_000))
    expect(insert(key, 3, 'x')).toBe(4)
    expect(text(key)).toBe(`x${'2'.repeat(100_000)}`)
  })

  it('replaces a text of 50 MB as a whole', () => {
    const key = create('large')
    insert(key, 0, 'old')
    const large = Buffer.alloc(50_000_000 * 2, 'x\0')
    expect(tabs.replaceText(key, large)).toBe(2)
    expect(insert(key, 2, 'y')).toBe(3)
    const read = tabs.read(key)
    expect(read.tab.textLength).toBe(50_000_001)
    expect(read.utf16.subarray(2).equals(large)).toBe(true)
  })

  it('keeps tabs in the order they were put in', () => {
    const first = create('a')
    create('b')
    create('c', 0)
    expect(titles()).toEqual(['c', 'a', 'b'])
    tabs.update(first, { title: 'A', instanceId: 'i', index: 2 })
    expect(titles()).toEqual(['c', 'b', 'A'])
    expect(tabs.list(workspaceId)[2]?.instanceId).toBe('i')
  })

  it('reopens closed tabs with their text, the last one first, where they were', () => {
    const [a, b] = [create('a'), create('b')]
    create('c')
    insert(b, 0, 'kept')
    tabs.close(a, 5)
    tabs.close(b, 5)
    expect(titles()).toEqual(['c'])
    expect(() => text(b)).toThrow(expect.objectContaining({ code: 'not-found' }))
    expect(tabs.reopen(workspaceId)?.title).toBe('b')
    expect(text(b)).toBe('kept')
    expect(tabs.reopen(workspaceId)?.title).toBe('a')
    expect(tabs.reopen(workspaceId)).toBeNull()
    expect(titles()).toEqual(['a', 'b', 'c'])
  })

  it('shows no tab of another workspace, and refuses the 201st', () => {
    const other = new WorkspaceStore(database).open({ preferredId: null, takenIds: [workspaceId], nowMs: 2 })
    const key = create('mine')
    expect(tabs.list(other.id)).toEqual([])
    expect(() => text({ ...key, workspaceId: other.id })).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    )
    for (let tab = 1; tab < 200; tab++) create(`tab ${tab}`)
    expect(() => create('one too many')).toThrow(expect.objectContaining({ code: 'limit-exceeded' }))
  })
})
