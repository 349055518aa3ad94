/**
 * The results that the decode benchmark decodes: the shapes that people really fetch, each as SQL for a real
 * Postgres. The bytes for the decoders alone are a block of what that Postgres answers.
 */

/** A result: `rows` of it are made by `sql`; kinds are those of src/contract/column-batch.ts. */
export interface DecodeCase {
  readonly name: string
  readonly about: string
  readonly kinds: Uint8Array
  readonly sql: (rows: number) => string
}

const from = (rows: number): string => `from generate_series(1, ${rows}) i`

export const decodeCases: readonly DecodeCase[] = [
  {
    name: 't3',
    about: 'int4, text 17 B, float8',
    kinds: Uint8Array.of(2, 6, 5),
    sql: (rows) =>
      `select i as id, 'customer ' || lpad(i::text, 8, '0') as label, sqrt(i) as score ${from(rows)}`,
  },
  {
    name: 't4',
    about: 'int4, text 10-18 B, float8, timestamptz',
    kinds: Uint8Array.of(2, 6, 5, 6),
    sql: (rows) => `select i as id, 'customer ' || i as label, i / 7.0::float8 as score,
      '2024-01-01 00:00+00'::timestamptz + i * interval '1.7 s' as at ${from(rows)}`,
  },
  {
    name: 'sparse',
    about: 'int8, text 80 % null, int4 90 % null, jsonb, numeric, bool, float8 95 % null',
    kinds: Uint8Array.of(4, 6, 2, 6, 6, 1, 5),
    sql: (rows) => `select i::int8 * 1000003 as id, case when i % 5 = 0 then 'note ' || i end as note,
      case when i % 10 = 0 then i end as rank, jsonb_build_object('id', i, 'tags', '["a", "b"]'::jsonb) as extra,
      (i / 100.0)::numeric(12, 2) as price, i % 3 = 0 as active,
      case when i % 20 = 0 then i * 0.5::float8 end as weight ${from(rows)}`,
  },
  {
    name: 'numbers',
    about: '4 x int8, 4 x float8',
    kinds: Uint8Array.of(4, 4, 4, 4, 5, 5, 5, 5),
    sql: (rows) => `select i::int8 as a, i::int8 * 2 as b, i::int8 * 3 as c, i::int8 * 5 as d,
      i * 0.5::float8 as e, i * 0.25::float8 as f, i * 0.1::float8 as g, i * 0.3::float8 as h ${from(rows)}`,
  },
  {
    name: 'texts',
    about: 'int4, text 200-400 B',
    kinds: Uint8Array.of(2, 6),
    sql: (rows) => `select i as id, repeat('lorem ipsum ', 16 + i % 18) as body ${from(rows / 5)}`,
  },
]
