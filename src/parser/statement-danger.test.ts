/** What is asked of Postgres's own parser about statements before they run. */

import { beforeAll, describe, expect, test } from 'vitest'
import { loadParser } from './load-parser.ts'
import { dangerOf, parsedLengthMax } from './statement-danger.ts'

describe('dangerOf', () => {
  beforeAll(loadParser)

  test.each([
    ['drop table a.b, c cascade', 'DROP TABLE a.b and 1 more'],
    ['DROP MATERIALIZED VIEW v', 'DROP MATERIALIZED VIEW v'],
    ['drop function f(int)', 'DROP FUNCTION f'],
    ['drop schema s', 'DROP SCHEMA s'],
    ['drop owned by x', 'DROP OWNED'],
    ['truncate a, b', 'TRUNCATE a and 1 more'],
    ['alter table orders drop column note', 'ALTER TABLE orders'],
    ['alter table a rename to b', 'ALTER TABLE a RENAME'],
    ['update t set a = 1', 'UPDATE t without WHERE'],
    ['delete from only s.t', 'DELETE FROM s.t without WHERE'],
    ['delete from t where true', 'DELETE FROM t without WHERE'],
    ['with gone as (delete from t returning *) select count(*) from gone', 'DELETE FROM t without WHERE'],
    ['explain (analyze) delete from t', 'DELETE FROM t without WHERE'],
    [
      'create or replace function f() returns int language sql as $$select 1$$',
      'CREATE OR REPLACE FUNCTION f',
    ],
    ['create or replace view v as select 1', 'CREATE OR REPLACE VIEW v'],
    ['do $$ begin delete from t; end $$', 'DO'],
    ['select 1; insert into t values (1); drop table t', 'DROP TABLE t'],
  ])('%s changes or removes what is there', (text, what) => {
    expect(dangerOf(text)).toMatchObject({ level: 'destructive', what })
  })

  test.each([
    ['create table t (a int)', 'definition'],
    ['create index on t (a)', 'definition'],
    ['select * into x from y', 'definition'],
    ['grant select on t to public', 'definition'],
    ['insert into t values (1)', 'write'],
    ['update t set a = 1 where b = 2', 'write'],
    ['delete from t using s where t.a = s.a', 'write'],
    ['with x as (insert into t values (1) returning *) select * from x', 'write'],
    ['copy t from stdin', 'write'],
    ['select * from t where a in (select b from s)', 'read'],
    ['copy t to stdout', 'read'],
    ['explain delete from t', 'read'],
    ['begin', 'read'],
    ['set search_path to a', 'read'],
    ['drop tabel t', 'read'],
    ['', 'read'],
  ])('%s does: %s', (text, level) => {
    expect(dangerOf(text).level).toBe(level)
  })

  test('counts statements, and takes a long text for what its first word says', () => {
    expect(dangerOf('select 1; select 2').statementCount).toBe(2)
    const filling = ' '.repeat(parsedLengthMax)
    expect(dangerOf(`-- data\n insert into t values (1)${filling}`).level).toBe('read')
    expect(dangerOf(`delete from t${filling}`).level).toBe('destructive')
  })
})
