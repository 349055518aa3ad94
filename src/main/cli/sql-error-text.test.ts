/** Every field is shown, and the caret stands under the token, whatever stands before it. */

import { describe, expect, it } from 'vitest'
import type { SqlErrorFields } from '../../contract/error.ts'
import { sqlErrorText } from './sql-error-text.ts'

const empty: SqlErrorFields = {
  severity: 'ERROR',
  code: '42703',
  message: 'column "x" does not exist',
  detail: null,
  hint: null,
  position: null,
  internalPosition: null,
  internalQuery: null,
  where: null,
  schema: null,
  table: null,
  column: null,
  dataType: null,
  constraint: null,
  file: null,
  line: null,
  routine: null,
}

function placeOf(source: string, position: number): { line: string; under: string } {
  const [, line = '', caret = ''] = sqlErrorText({ ...empty, position }, source).split('\n')
  return { line, under: Array.from(line).slice(caret.indexOf('^')).join('') }
}

describe('sqlErrorText', () => {
  it('shows every field that has something to say', () => {
    const all: SqlErrorFields = {
      ...empty,
      detail: 'a detail',
      hint: 'a hint',
      where: 'a context',
      schema: 's',
      table: 't',
      column: 'c',
      dataType: 'd',
      constraint: 'k',
      file: 'parse.c',
      line: '12',
      routine: 'error',
      internalQuery: 'select y',
      internalPosition: 8,
      position: 8,
    }
    expect(sqlErrorText(all, 'select x')).toBe(
      [
        'error: 42703 column "x" does not exist',
        'LINE 1: select x',
        '               ^',
        'in the internal query:',
        'LINE 1: select y',
        '               ^',
        'detail: a detail',
        'hint: a hint',
        'where: a context',
        'schema: s',
        'table: t',
        'column: c',
        'data type: d',
        'constraint: k',
        'location: error, parse.c:12',
      ].join('\n'),
    )
    expect(sqlErrorText(empty, 'select x')).toBe('error: 42703 column "x" does not exist')
  })

  it.each([
    { where: 'the first character', source: 'bad select', position: 1, column: 0 },
    { where: 'a later line', source: 'select 1,\n  bad', position: 13, column: 2 },
    { where: 'what follows a tab', source: '\tselect bad', position: 9, column: 9 },
    {
      where: 'what follows emoji, which Postgres counts as one',
      source: "select '😀', bad",
      position: 13,
      column: 13,
    },
    { where: 'what follows wide characters', source: "select '日本', bad", position: 14, column: 15 },
    { where: 'a line that ends with CR', source: 'select 1\r\n, bad\r\n', position: 13, column: 2 },
    { where: 'the end', source: 'select', position: 7, column: 6 },
  ])('points at $where', ({ source, position, column }) => {
    const [, line = '', caret = ''] = sqlErrorText({ ...empty, position }, source).split('\n')
    expect(caret.indexOf('^') - line.indexOf(':') - 2).toBe(column)
    expect(line).not.toMatch(/\p{Cc}/u)
  })

  it('shows only what is near in a long line', () => {
    const { line, under } = placeOf(`select ${'1,'.repeat(50_000)} bad, ${'2,'.repeat(50_000)} 3`, 100_009)
    expect(line.length).toBeLessThan(140)
    expect(under.startsWith('bad, 2,')).toBe(true)
  })

  it('stands a position outside of the text', () => {
    expect(placeOf('select', 1_000).line).toBe('LINE 1: select')
    expect(placeOf('', 1).line).toBe('LINE 1: ')
  })
})
