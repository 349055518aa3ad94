/** What statements are known by, by their words alone: both sides of each rule. */

import { describe, expect, it } from 'vitest'
import { statementTraits } from './statement-traits.ts'

describe('statementTraits', () => {
  it.each([
    ['begin', true],
    ['  /* a */ -- b\n COMMIT', true],
    ['start transaction isolation level serializable', true],
    ['rollback', true],
    ['rollback to savepoint a', false],
    ['ROLLBACK WORK TO a', false],
    ['savepoint a', false],
    ['vacuum full notes', true],
    ['create index concurrently on notes (t)', true],
    ['create unique index concurrently i on notes (t)', true],
    ['create index on notes (t)', false],
    ['cluster', true],
    ['cluster notes using i', false],
    ['reindex table concurrently notes', true],
    ['reindex table notes', false],
    ['create database other', true],
    ['discard all', true],
    [`insert into notes values ('begin; commit')`, false],
    ['do $$ begin update notes set t = 1; end $$', false],
    ['select 1', false],
  ])('knows whether it needs a transaction of its own: %s', (sql, expected) => {
    expect(statementTraits(sql).needsOwnTransaction).toBe(expected)
  })

  it.each([
    ['notify news', 'notifies'],
    [`select pg_notify('a', 'b')`, 'notifies'],
    ['do $$ begin perform pg_sleep(1); end $$', 'waits'],
    [`select * from dblink('dbname=a', 'select 1') t(a int)`, 'asks another server'],
    [`copy notes to '/x'`, 'file'],
    ['copy notes to program $$cat$$', 'program'],
    ['do $$ begin execute copy_text; copy notes to program f; end $$', 'program'],
    ['copy notes from stdin', 'nothing'],
    [`select 'pg_sleep' as notify`, 'nothing'],
    ['select 1', 'nothing'],
  ])('names what no copy holds back: %s', (sql, expected) => {
    expect(statementTraits(sql).outside ?? 'nothing').toContain(expected)
  })

  it('looks for a program once, however often the word before it is there', () => {
    expect(statementTraits(`do $$ begin ${'copy '.repeat(15_000)} end $$`).outside).toBeNull()
  })

  it('sees when the counting of rows may be switched off', () => {
    expect(statementTraits('set track_counts = off').disturbsCounts).toBe(true)
    expect(statementTraits('select pg_stat_reset()').disturbsCounts).toBe(true)
    expect(statementTraits('set work_mem = 1000').disturbsCounts).toBe(false)
  })
})
