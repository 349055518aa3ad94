// Goal: long names become the aliases that mean the same, everything else stays.
import { expect, test } from 'vitest'
import { shortTypeName } from './short-type-name.ts'

test.each([
  ['timestamp with time zone', 'timestamptz'],
  ['timestamp(3) without time zone', 'timestamp(3)'],
  ['time with time zone[]', 'timetz[]'],
  ['character varying(120)', 'varchar(120)'],
  ['character(3)', 'char(3)'],
  ['double precision[]', 'float8[]'],
  ['numeric(12,2)', 'numeric(12,2)'],
  ['my "double precision"', 'my "double precision"'],
])('%s is shown as %s', (typeName, shown) => {
  expect(shortTypeName(typeName)).toBe(shown)
})
