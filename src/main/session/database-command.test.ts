/** Which texts are commands for databases, and which are left to Postgres. */

import { serialize } from 'pg-protocol'
import { describe, expect, test } from 'vitest'
import { parseDatabaseCommand, readDatabaseRequest } from './database-command.ts'

const plain = { mayBeMissing: false, isForced: false, template: null, newName: null, owner: null, sql: '' }

describe('commands for databases', () => {
  test.each([
    ['create database Shop', { kind: 'create', name: 'shop', ...plain }],
    [
      ' CREATE DATABASE "My ""Shop""" WITH OWNER = postgres ENCODING = \'UTF8\';',
      { kind: 'create', name: 'My "Shop"', ...plain, owner: 'postgres' },
    ],
    ['drop database shop', { kind: 'drop', name: 'shop', ...plain }],
    [
      'DROP DATABASE IF EXISTS "a b" WITH (FORCE);',
      { kind: 'drop', name: 'a b', ...plain, mayBeMissing: true, isForced: true },
    ],
    ['drop database shop (force)', { kind: 'drop', name: 'shop', ...plain, isForced: true }],
    ['ALTER DATABASE a RENAME TO "B";', { kind: 'rename', name: 'a', ...plain, newName: 'B' }],
    ['alter database "A" owner to app', { kind: 'give', name: 'A', ...plain, owner: 'app' }],
    ['alter database a owner to current_user', { kind: 'give', name: 'a', ...plain }],
  ])('%s', (sql, command) => {
    expect(parseDatabaseCommand(sql)).toEqual(command)
  })

  test.each([
    'select 1',
    'create database a; select 1',
    'drop database a; drop database b',
    'create table database (a int)',
    `comment on database a is 'x'; select 1`,
    'grant connect on database a, b to app',
    'comment on table a is null',
    `create database a encoding 'nosuch'`,
  ])('leaves %s to Postgres', (sql) => {
    expect(parseDatabaseCommand(sql)).toBe(null)
  })

  test('are read from one statement of either protocol, and from nothing else', () => {
    const query = serialize.query('drop database a')
    expect(readDatabaseRequest(query)?.command.name).toBe('a')
    expect(readDatabaseRequest(Buffer.concat([query, query]))).toBe(null)
    expect(readDatabaseRequest(serialize.parse({ text: 'drop database a' }))).toBe(null)
    expect(readDatabaseRequest(Buffer.of())).toBe(null)
    const parse = serialize.parse({ text: 'drop database a' })
    const [bind, execute, sync] = [serialize.bind(), serialize.execute(), serialize.sync()]
    const described = [serialize.describe({ type: 'S' }), serialize.describe({ type: 'P' })] as const
    const whole = Buffer.concat([parse, described[0], bind, described[1], execute, sync])
    expect(readDatabaseRequest(whole)?.command.name).toBe('a')
    expect(Buffer.from(readDatabaseRequest(whole)?.before ?? []).toString('latin1')).toMatch(
      /^1.*t.*n.*2.*n/s,
    )
    expect(readDatabaseRequest(Buffer.concat([parse, bind, execute]))).toBe(null)
    expect(readDatabaseRequest(Buffer.concat([parse, bind, execute, parse, bind, execute, sync]))).toBe(null)
    const bound = serialize.bind({ values: ['1'] })
    expect(readDatabaseRequest(Buffer.concat([parse, bound, execute, sync]))).toBe(null)
    const short = Buffer.from([0x42, 0, 0, 0, 6, 0, 0])
    expect(readDatabaseRequest(Buffer.concat([parse, short, execute, sync]))).toBe(null)
    for (let length = 0; length < whole.length; length++) {
      expect(readDatabaseRequest(whole.subarray(0, length))).toBe(null)
    }
  })

  test.each([
    ['create database a template = b', 'b'],
    ['create database a with owner = x template "B c" encoding 6', 'B c'],
    ['create database a template template0', null],
    ['create database template', null],
  ])('%s copies %s', (sql, template) => {
    expect(parseDatabaseCommand(sql)?.template).toBe(template)
  })
})
