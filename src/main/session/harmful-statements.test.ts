/** What is looked at further before it runs, of what clients send. */

import { expect, test } from 'vitest'
import { harmfulStatements } from './harmful-statements.ts'

function message(type: string, body: string): Buffer {
  const bytes = Buffer.from(body)
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeUInt32BE(bytes.length + 4, 1)
  return Buffer.concat([head, bytes])
}

const no = { wantsCreate: false }

const query = (sql: string): Buffer => message('Q', `${sql}\0`)
const parse = (sql: string): Buffer => message('P', `name\0${sql}\0\0\0`)

test.each([
  'DROP TABLE t',
  '  \n truncate t',
  'delete from t',
  'update t set a = 1',
  'update t set a = (select b from s where c = 1)',
  'delete from t where true',
  'create or replace view v as select 1',
  '-- gone\ndrop table t',
  '/* gone */ drop table t',
  'with x as (delete from t returning *) select 1',
  'do $$ begin end $$',
])('%s is looked at', (sql) => {
  expect(harmfulStatements([query(sql)], no)).toEqual([sql])
  expect(harmfulStatements([parse(sql), message('S', '')], no)).toEqual([sql])
})

test.each([
  'select * from t',
  'insert into t values ($1)',
  'begin',
  'select 1;',
  'update accounts set a = a + 1 where id = 7',
  'delete from t where id = $1;',
  'create table t (a int)',
  'deallocate all',
  'copy t from stdin',
])('%s is not', (sql) => {
  expect(harmfulStatements([query(sql)], no)).toEqual([])
})

test('several statements in one message are looked at, and messages in any pieces', () => {
  expect(harmfulStatements([query('begin; drop table t')], no)).toEqual(['begin; drop table t'])
  const all = Buffer.concat([parse('select 1'), parse('drop table t'), message('S', '')])
  expect(harmfulStatements([all.subarray(0, 9), all.subarray(9)], no)).toEqual(['drop table t'])
  expect(harmfulStatements([query('create table t (a int)')], { wantsCreate: true })).toHaveLength(1)
  expect(harmfulStatements([Buffer.alloc(7), Buffer.alloc(1)], { wantsCreate: true })).toEqual([])
})
