/**
 * What changes the answers, as texts with numbers drawn for them: rows by every way, what tables mean, who may see
 * what, and what a session has set. Some fail, and must fail alike.
 */

import type { SeededRandom } from '../crash/seeded-random.ts'

type Write = (random: SeededRandom) => string

const few = 40

const rows: readonly [Write, ...Write[]] = [
  (r) => `insert into parents values (${r.below(few)}, 'new ${r.below(few)}') on conflict do nothing`,
  (r) => `update parents set name = 'other ${r.below(few)}' where id = ${r.below(few)}`,
  (r) => `update parents set id = id + 500 where id = ${r.below(few)}`,
  (r) => `delete from parents where id = ${r.below(few)}`,
  (r) => `insert into children values (${60 + r.below(few)}, 5, ${r.below(few)})`,
  (r) => `delete from children where id = ${r.below(100)}`,
  (r) => `update children set amount = amount + 1 where parent = ${r.below(few)}`,
  (r) => `insert into writable values (${r.below(2_000)}, 'by a view') on conflict do nothing`,
  (r) => `insert into inbox values (${r.below(few)})`,
  (r) => `insert into events values (${r.below(few)}, ${r.below(5)}, 'note')`,
  (r) => `insert into events_1 values (${r.below(few)}, 1, 'straight')`,
  (r) => `update events set kind = ${r.below(5)} where id = ${r.below(few)}`,
  (r) => `delete from events where id = ${r.below(few)}`,
  (r) => `insert into dogs values (${r.below(few)}, 'dog', 'new')`,
  (r) => `delete from animals where id = ${r.below(20)}`,
  (r) => `insert into secrets values ('${r.pick(['alice', 'bob'])}', ${r.below(few)})`,
  (r) => `insert into scratch values (${r.below(few)})`,
  (r) => `select add_child(${100 + r.below(few)}, ${r.below(few)})`,
  (r) => `do $$ begin insert into children values (${150 + r.below(few)}, 1, ${r.below(few)}); end $$`,
  (r) =>
    `with gone as (delete from children where id = ${r.below(200)} returning *) select count(*) from gone`,
  (r) =>
    `merge into parents p using (values (${r.below(few)})) v(id) on p.id = v.id ` +
    `when matched then update set name = 'merged' when not matched then insert values (v.id, 'merged')`,
  (r) =>
    `explain (analyze, costs off, timing off, summary off, buffers off) ` +
    `delete from children where id = ${r.below(200)}`,
  (r) =>
    `prepare step as insert into parents values (${r.below(few)}, 'prepared') on conflict do nothing; ` +
    `execute step; deallocate step`,
  () => `select nextval('numbers')`,
  (r) =>
    `begin; delete from children where id = ${r.below(200)}; select count(*), sum(amount) from children; ` +
    `update parents set name = 'seen' where id = ${r.below(few)}; select * from parents order by id, name; ` +
    r.pick(['commit', 'rollback']),
  (r) => `select setval('numbers', ${1 + r.below(few)})`,
  () => 'refresh materialized view totals',
  () => `insert into other.parents values (1, 'other')`,
  (r) => `insert into moments values (${r.below(5)}, '2023-01-01')`,
  (r) =>
    `begin; update parents set name = 'within' where id = ${r.below(few)}; savepoint s; delete from children; ` +
    `rollback to s; insert into animals values (${r.below(few)}, 'within'); ${r.pick(['commit', 'rollback'])}`,
]

const meanings: readonly [Write, ...Write[]] = [
  () => 'truncate scratch',
  () => 'truncate outbox, inbox',
  () => 'truncate only animals',
  () => 'truncate events_other',
  (r) =>
    `create or replace view rich as select p.id, p.name, coalesce(sum(c.amount), ${r.below(3)}) total ` +
    `from parents p left join children c on c.parent = p.id group by p.id, p.name`,
  () => 'alter table parents rename column name to title',
  () => 'alter table parents rename column title to name',
  (r) => `alter table events detach partition events_${r.below(2)}`,
  (r) => ((kind) => `alter table events attach partition events_${kind} for values in (${kind})`)(r.below(2)),
  () => 'alter table dogs no inherit animals',
  () => 'alter table dogs inherit animals',
  () => 'drop policy if exists more on secrets',
  () => 'create policy more on secrets for select using (value % 2 = 0)',
  () => 'alter table secrets disable row level security',
  () => 'alter table secrets enable row level security',
  () => 'alter table secrets force row level security',
  () => 'revoke select on secrets from bob',
  () => 'grant select on secrets to bob',
  (r) => `alter role ${r.pick(['alice', 'bob'])} ${r.pick(['bypassrls', 'nobypassrls'])}`,
  () => 'alter role alice rename to carol; alter role bob rename to alice; alter role carol rename to bob',
  (r) => `create table made_${r.below(9)} ()`,
  (r) => `drop table if exists made_${r.below(9)}`,
  (r) =>
    `create or replace function count_children() returns bigint stable language sql as ` +
    `'select count(*) + ${r.below(3)} from children'`,
  () => 'vacuum full children',
  () => 'analyze',
  () => 'alter table children disable trigger noted',
  () => 'alter table children enable trigger noted',
  () => 'select pg_stat_reset()',
  () => 'alter sequence numbers restart',
]

const settings: readonly [Write, ...Write[]] = [
  (r) => `set timezone to '${r.pick(['UTC', 'Asia/Tokyo', 'America/Lima'])}'`,
  (r) => `set extra_float_digits to ${r.below(2)}`,
  (r) => `set datestyle to '${r.pick(['ISO, MDY', 'German', 'SQL, DMY'])}'`,
  (r) => `set intervalstyle to '${r.pick(['postgres', 'iso_8601'])}'`,
  (r) => `set search_path to ${r.pick(['public', 'other, public', 'public, other'])}`,
  (r) => `set work_mem to '${4 + r.below(3)}MB'`,
  (r) => `set role ${r.pick(['alice', 'bob', 'none'])}`,
  (r) => `set session authorization ${r.pick(['alice', 'bob', 'default'])}`,
  (r) => `set row_security to ${r.pick(['on', 'off'])}`,
  () => 'reset all',
  () => 'discard all',
  (r) => `prepare kept_${r.below(4)} as select 1`,
  () => 'deallocate all',
  (r) =>
    `create temp table parents (id int, name text); insert into parents values (${r.below(few)}, 'mine')`,
  (r) => `insert into pg_temp.parents values (${r.below(few)}, 'mine, too')`,
  () => 'drop table if exists pg_temp.parents',
  () => 'discard temp',
  (r) => `do $$ begin perform set_config('datestyle', '${r.pick(['ISO, DMY', 'SQL, MDY'])}', false); end $$`,
]

/** Once it has been used, counters say nothing any more. */
export const uncountedWrite: Write = (r) =>
  `set track_counts to off; insert into animals values (${r.below(few)}, 'uncounted'); ` +
  `delete from parents where id = ${r.below(few)}; reset track_counts`

/** Rows are written most, and meanings least, since they throw out everything. */
export function drawWrite(random: SeededRandom): string {
  const kind = random.below(30)
  if (kind === 0) return random.pick(meanings)(random)
  return kind < 6 ? random.pick(settings)(random) : random.pick(rows)(random)
}
