/** Which texts are commands for databases, and which are left to Postgres. */

import { serialize } from 'pg-protocol'
import { describe, expect, test } from 'vitest'
import { parseDatabaseCommand, readDatabaseCommand } from './database-command.ts'

const plain = { mayBeMissing: false, isForced: false }

describe('commands for databases', () => {
  test.each([
    ['create database Shop', { kind: 'create', name: 'shop', ...plain }],
    [
      ' CREATE DATABASE "My ""Shop""" WITH OWNER = postgres ENCODING = \'UTF8\';',
      { kind: 'create', name: 'My "Shop"', ...plain },
    ],
    ['drop database shop', { kind: 'drop', name: 'shop', ...plain }],
    [
      'DROP DATABASE IF EXISTS "a b" WITH (FORCE);',
      { kind: 'drop', name: 'a b', mayBeMissing: true, isForced: true },
    ],
    ['drop database shop (force)', { kind: 'drop', name: 'shop', mayBeMissing: false, isForced: true }],
  ])('%s', (sql, command) => {
    expect(parseDatabaseCommand(sql)).toEqual(command)
  })

  test.each([
    'select 1',
    'create database a; select 1',
    'drop database a; drop database b',
    'create table database (a int)',
  ])('leaves %s to Postgres', (sql) => {
    expect(parseDatabaseCommand(sql)).toBe(null)
  })

  test('are read from one simple query, and from nothing else', () => {
    const query = serialize.query('drop database a')
    expect(readDatabaseCommand(query)?.name).toBe('a')
    expect(readDatabaseCommand(Buffer.concat([query, query]))).toBe(null)
    expect(readDatabaseCommand(serialize.parse({ text: 'drop database a' }))).toBe(null)
    expect(readDatabaseCommand(Buffer.of())).toBe(null)
  })
})
