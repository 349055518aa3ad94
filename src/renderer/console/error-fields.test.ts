// Goal: no field that Postgres sent is lost when an error is shown or copied.
import { expect, test } from 'vitest'
import type { SqlErrorFields } from '../../contract/error.ts'
import { errorText, foldedFields } from './error-fields.ts'

const sql: SqlErrorFields = {
  severity: 'ERROR',
  code: '23505',
  message: 'duplicate key value',
  detail: 'Key (id)=(1) already exists.',
  hint: 'Take another key.',
  position: 17,
  internalPosition: 3,
  internalQuery: 'insert …',
  where: 'PL/pgSQL function f() line 3',
  schema: 'public',
  table: 'orders',
  column: 'id',
  dataType: 'int4',
  constraint: 'orders_pkey',
  file: 'nbtinsert.c',
  line: '666',
  routine: '_bt_check_unique',
}

test('every field is shown, folded, or in the headline', () => {
  const shown = [sql.severity, sql.code, sql.message, sql.hint, String(sql.position)]
  const folded = foldedFields(sql).map(([, value]) => value)
  expect(new Set([...shown, ...folded.flatMap((value) => value.split(/:(?=666)/))])).toEqual(
    new Set(Object.values(sql).map(String)),
  )
})

test('what is copied holds all of it, and the statement', () => {
  const text = errorText({ code: 'sql-error', message: sql.message, sql }, 'insert into orders values (1)')
  for (const value of Object.values(sql)) expect(text).toContain(String(value))
  expect(text).toContain('STATEMENT:  insert into orders values (1)')
})

test('an error that is not Postgres’s has no fields to fold', () => {
  expect(foldedFields(null)).toEqual([])
  expect(errorText({ code: 'closed', message: 'The tab was closed', sql: null }, '')).toBe(
    'closed: The tab was closed\n',
  )
})
