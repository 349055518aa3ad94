/** The workbench's own file: versions, damage, a full disk. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { openDatabaseFile } from './database-file.ts'
import { migrate, migrations } from './migrations.ts'

const path = temporaryDirectory()

/** The schema as text; the same for every file of one version. */
function schemaOf(database: Database.Database): string[] {
  return database
    .prepare<[], { sql: string }>('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name')
    .all()
    .map((row) => row.sql)
}

describe('openDatabaseFile', () => {
  it('creates a private file in WAL mode, synced at each commit', () => {
    const { database, setAsidePath } = openDatabaseFile(path('new.db'), 'now')
    expect(setAsidePath).toBeNull()
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(database.pragma('synchronous', { simple: true })).toBe(2)
    expect(statSync(path('new.db')).mode & 0o777).toBe(0o600)
    database.close()
  })

  it('brings a file of every earlier version to the newest', () => {
    const fresh = openDatabaseFile(path('fresh.db'), 'now').database
    for (let version = 0; version <= migrations.length; version++) {
      const file = path(`version-${version}.db`)
      const old = new Database(file)
      for (const step of migrations.slice(0, version)) old.exec(step)
      old.pragma(`user_version = ${version}`)
      if (version > 0) old.exec(`INSERT INTO setting VALUES ('kept', 'over versions')`)
      old.close()
      const { database, setAsidePath } = openDatabaseFile(file, 'now')
      expect(setAsidePath).toBeNull()
      expect(database.pragma('user_version', { simple: true })).toBe(migrations.length)
      const kept = database.prepare('SELECT value FROM setting').pluck().all()
      expect(kept).toEqual(version > 0 ? ['over versions'] : [])
      expect(schemaOf(database)).toEqual(schemaOf(fresh))
      database.close()
    }
    fresh.close()
  })

  it('leaves a file alone that a newer Wardian has written', () => {
    const newer = new Database(path('newer.db'))
    newer.pragma(`user_version = ${migrations.length + 1}`)
    newer.close()
    const before = readFileSync(path('newer.db'))
    expect(() => openDatabaseFile(path('newer.db'), 'now')).toThrow(/newer Wardian.*Update Wardian/)
    expect(readFileSync(path('newer.db')).equals(before)).toBe(true)
    expect(existsSync(path('newer.db.damaged-now'))).toBe(false)
  })

  it('sets a file aside that is no database, with every byte of it, and begins a fresh one', () => {
    writeFileSync(path('garbage.db'), 'my notes, and nothing else '.repeat(100))
    const { database, setAsidePath } = openDatabaseFile(path('garbage.db'), '2026')
    expect(setAsidePath).toBe(path('garbage.db.damaged-2026'))
    expect(readFileSync(path('garbage.db.damaged-2026'), 'utf8')).toBe(
      'my notes, and nothing else '.repeat(100),
    )
    expect(schemaOf(database)).not.toEqual([])
    database.close()
  })

  it('notices damage in the middle of a file', () => {
    const first = openDatabaseFile(path('damaged.db'), 'now').database
    const insert = first.prepare(
      `INSERT INTO history (instance_name, started_at_ms, status, is_text_cut, text_length, text)
       VALUES ('i', 1, 'ok', 0, 1, ?)`,
    )
    for (let row = 0; row < 500; row++) insert.run('select 1 '.repeat(20))
    first.close()
    const pages = statSync(path('damaged.db')).size / 4096
    const file = openSync(path('damaged.db'), 'r+')
    // One page in the middle, far from the schema: opening the file and counting its tables would not notice.
    writeSync(file, Buffer.alloc(4096, 0x5a), 0, 4096, Math.floor(pages / 2) * 4096)
    closeSync(file)
    const { database, setAsidePath } = openDatabaseFile(path('damaged.db'), 'now')
    expect(setAsidePath).toBe(path('damaged.db.damaged-now'))
    database.close()
  })

  it('says what to do when the path cannot be opened', () => {
    mkdirSync(path('directory.db'))
    expect(() => openDatabaseFile(path('directory.db'), 'now')).toThrow(
      /choose another directory with --data/,
    )
  })

  it('keeps what was committed when the disk is full, says so, and goes on when there is room', () => {
    const { database } = openDatabaseFile(path('full.db'), 'now')
    database.exec(`INSERT INTO setting VALUES ('a', '1')`)
    // SQLite's own bound stands for the disk's: it fails with the same code, without root.
    const pages = Number(database.pragma('page_count', { simple: true }))
    database.pragma(`max_page_count = ${pages}`)
    const fill = database.prepare('INSERT INTO setting VALUES (?, ?)')
    expect(() => fill.run('b', 'x'.repeat(1_000_000))).toThrow(
      expect.objectContaining({ code: 'SQLITE_FULL' }),
    )
    expect(database.prepare('SELECT name FROM setting').all()).toEqual([{ name: 'a' }])
    database.pragma('max_page_count = 1000000')
    fill.run('b', 'x'.repeat(1_000_000))
    database.close()
  })
})

describe('migrate', () => {
  it('changes nothing the second time', () => {
    const database = new Database(':memory:')
    migrate(database)
    const before = schemaOf(database)
    migrate(database)
    expect(schemaOf(database)).toEqual(before)
    expect(database.pragma('user_version', { simple: true })).toBe(migrations.length)
    database.close()
  })
})
