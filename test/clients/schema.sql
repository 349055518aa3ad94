-- A bit of everything that clients describe, dump and copy. Wants the role clients_reader.
create schema sales;
create type sales.mood as enum ('sad', 'ok', 'happy');
create domain sales.positive as integer check (value > 0);
create table sales.customers (
  id bigint generated always as identity primary key,
  name text not null,
  email text collate "C" unique,
  mood sales.mood default 'ok',
  tags text[] default '{}',
  details jsonb,
  born date, balance numeric(12,2) not null default 0 check (balance >= 0),
  full_name text generated always as (upper(name)) stored
);
comment on table sales.customers is 'Who buys';
comment on column sales.customers.mood is 'At the last call';
create table sales.orders (
  id serial primary key,
  customer bigint not null references sales.customers on delete cascade,
  amount sales.positive, placed timestamptz not null default '2026-01-01 00:00Z'
);
create index orders_placed on sales.orders using brin (placed);
create index on sales.orders (customer) include (amount) where amount > 10;
create view sales.totals as select c.name, sum(o.amount) total from sales.customers c join sales.orders o on o.customer = c.id group by c.name;
create materialized view sales.moods as select mood, count(*) from sales.customers group by mood with no data;
create function sales.add(a int, b int default 1) returns int language sql immutable as 'select a + b';
create procedure sales.nothing() language plpgsql as $$ begin null; end $$;
create function sales.touch() returns trigger language plpgsql as $$ begin new.name := trim(new.name); return new; end $$;
create trigger tidy before insert or update on sales.customers for each row execute function sales.touch();
create table sales.log (at date not null, line text) partition by range (at);
create table sales.log_2026 partition of sales.log for values from ('2026-01-01') to ('2027-01-01');
create table sales.child () inherits (sales.orders);
create sequence sales.numbers increment 5 start 100;
grant usage on schema sales to clients_reader;
grant select on all tables in schema sales to clients_reader;
alter table sales.customers enable row level security;
create policy own on sales.customers for select to clients_reader using (name = current_user);
create rule no_delete as on delete to sales.log do instead nothing;
insert into sales.customers (name, email, mood, tags, details, born, balance) select ' n' || i, i || '@x', 'happy', array['a','b"c'], '{"a": null}', date '2000-01-01' + i, i * 1.5 from generate_series(1, 100) i;
insert into sales.orders (customer, amount) select i, i from generate_series(1, 100) i;
insert into sales.log values ('2026-05-05', E'tab\there\nnewline\\');
refresh materialized view sales.moods;
select lo_from_bytea(7000000, 'large object');
