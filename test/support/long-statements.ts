/**
 * Statements that run for minutes, each in another part of Postgres: what a cancel must be able to end. Each
 * is safe to run and to be cancelled again and again.
 */

/** Runs before the statements; takes seconds. */
export const longStatementSetup: readonly string[] = [
  `create table words as select i, md5(i::text) || ' ' || md5((i + 1)::text) as text
     from generate_series(1, 400000) as i`,
  'create table grown (i int, text text)',
]

/** By name. */
export const longStatements: readonly { readonly name: string; readonly sql: string }[] = [
  { name: 'an endless loop in PL/pgSQL', sql: 'do $$ begin loop end loop; end $$' },
  { name: 'a cross join', sql: 'select count(*) from words as a, words as b, words as c' },
  {
    name: 'a large sort',
    sql: `select text from (select a.text || b.i as text from words as a, generate_series(1, 100) as b(i)) as x
            order by text desc limit 1`,
  },
  {
    name: 'a bulk insert',
    sql: `insert into grown select i, repeat('x', 50) from generate_series(1, 100000000) as i`,
  },
  {
    name: 'the build of a GIN index',
    sql: `create index on words using gin ((string_to_array(
            repeat(text || ' ', 40) || regexp_replace(text, '(.)', E'\\\\1 ', 'g'), ' ')))`,
  },
  {
    name: 'a recursive query',
    sql: 'with recursive r(i) as (select 1 union all select i + 1 from r) select max(i) from r',
  },
  {
    name: 'a regular expression',
    sql: `select count(*) from words where repeat(text, 50) ~ '(a|b|c|d|e)*(f|0)+(x|y)?(.*)*z$'`,
  },
  {
    name: 'an update',
    sql: `update words set text = md5(a.i::text) from generate_series(1, 100000000) as a(i)
            where a.i + 1 > words.i and md5(a.i::text) = words.text`,
  },
]

/** Sleeping is another matter: no code runs that could look at a flag. */
export const sleepingStatements: readonly { readonly name: string; readonly sql: string }[] = [
  { name: 'pg_sleep', sql: 'select pg_sleep(3600)' },
  { name: 'pg_sleep inside PL/pgSQL', sql: 'do $$ begin perform pg_sleep(3600); end $$' },
]
