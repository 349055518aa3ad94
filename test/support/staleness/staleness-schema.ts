/**
 * A database in which writing one table changes what others show, by every means that Postgres has: foreign keys that
 * cascade, triggers, rules, views on views, partitions, children, policies, functions.
 */

export const stalenessSchema = `
create table parents (id int primary key, name text);
create table children (id int primary key, amount int,
  parent int references parents on delete cascade on update cascade);
create table audit (n bigint generated always as identity, what text, child int);
create function note_child() returns trigger language plpgsql as
  $$ begin insert into audit (what, child) values (tg_op, coalesce(new.id, old.id)); return null; end $$;
create trigger noted after insert or update or delete on children for each row execute function note_child();
create view rich as select p.id, p.name, coalesce(sum(c.amount), 0) total
  from parents p left join children c on c.parent = p.id group by p.id, p.name;
create view richest as select * from rich where total > 20;
create view writable as select id, name from parents where id < 1000;
create table inbox (id int);
create table outbox (id int);
create rule copied as on insert to inbox do also insert into outbox values (new.id);
create table events (id int, kind int, note text) partition by list (kind);
create table events_0 partition of events for values in (0);
create table events_1 partition of events for values in (1);
create table events_other partition of events default;
create table animals (id int, name text);
create table dogs (breed text) inherits (animals);
create materialized view totals as select kind, count(*) from events group by kind;
create role alice;
create role bob;
create table secrets (owner text, value int);
alter table secrets enable row level security;
create policy own on secrets using (owner = current_user) with check (true);
grant select on parents, children, rich, richest, secrets, events, animals to alice, bob;
grant insert on secrets to alice, bob;
create sequence numbers;
create unlogged table scratch (id int);
create function add_child(child int, parent int) returns void language sql as
  'insert into children values (child, child % 9, parent) on conflict do nothing';
create function count_children() returns bigint stable language sql as 'select count(*) from children';
create schema other;
create table other.parents (id int, name text);
grant usage on schema other to alice, bob;
grant select on other.parents to alice, bob;
create table moments (id int, at timestamptz);
insert into moments select i, '2024-01-01 00:00+00'::timestamptz + i * interval '5 hours' from generate_series(1, 20) i;
insert into parents select i, 'parent ' || i from generate_series(1, 20) i;
insert into children select i, i % 7, 1 + i % 20 from generate_series(1, 60) i;
insert into events select i, i % 4, 'event ' || i from generate_series(1, 40) i;
insert into animals select i, 'animal ' || i from generate_series(1, 10) i;
insert into dogs select i, 'dog ' || i, 'breed' from generate_series(11, 15) i;
insert into secrets values ('alice', 1), ('bob', 2), ('postgres', 3);
`

/** What is asked again and again. Every one names its order. */
export const stalenessReads: readonly [string, ...string[]] = [
  'select * from parents order by id, name',
  'select count(*), sum(amount) from children',
  'select what, count(*) from audit group by what order by what',
  'select * from rich order by id',
  'select name from richest order by name',
  'select count(*) from writable',
  'select count(*) from outbox',
  'select kind, count(*), min(note) from events group by kind order by kind',
  'select count(*) from events_1',
  'select count(*) from animals',
  'select count(*) from only animals',
  'select * from totals order by kind',
  'select owner, value from secrets order by owner, value',
  'select id, at::text, date_trunc($$day$$, at)::text from moments order by id limit 5',
  'select current_user, count(*) from parents',
  'select count(*) from scratch',
  'select last_value, is_called from numbers',
  'select count_children()',
  'select p.name, count(c.id) from parents p join children c on c.parent = p.id group by p.name order by p.name',
  'with few as (select * from children where amount > 3) select count(*) from few',
  'select id from parents where exists (select from children where parent = parents.id) order by id',
  'select 1.5::float8 / 3, $$2024-03-04$$::date, interval $$1 day$$',
  'select count(*) from other.parents',
  'select name from parents where id = 3 union all select name from animals where id = 3 order by 1',
  `select string_agg(name, ',' order by id) from parents where id < 6`,
  'select relname from pg_class where relname like $$made%$$ order by 1',
  'select name from pg_prepared_statements order by name',
  'select setting from pg_settings where name = $$work_mem$$',
  `select nextval('numbers')`,
  `select set_config('timezone', 'Europe/Rome', false)`,
  'with made as (insert into inbox values (7) returning id) select id from made',
  'select id from scratch order by id for update',
]
