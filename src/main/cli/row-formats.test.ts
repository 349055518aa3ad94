/**
 * Goal: what leaves the command line is exact (csv, json, ndjson) or plainly shortened (table). Method: batches
 * with every kind of value, written whole and in pieces, compared as text and read back.
 */

import { describe, expect, it } from 'vitest'
import { ColumnBatch, columnKinds, type ColumnKind } from '../../contract/column-batch.ts'
import type { ColumnDescription, StatementOutcome } from '../../contract/statement.ts'
import { encodeBatch, type EncodableColumn } from '../../../test/support/encode-batch.ts'
import { CsvFormat } from './csv-format.ts'
import { formatNames, type FormatName } from './format-name.ts'
import { memberNames } from './json-cell.ts'
import { JsonFormat } from './json-format.ts'
import { NdjsonFormat } from './ndjson-format.ts'
import { resultFormat } from './result-format.ts'
import { TableFormat } from './table-format.ts'

const oids = { json: 114, text: 25, numeric: 1700 }

function column(name: string, kind: ColumnKind, typeOid = 0): ColumnDescription {
  return { name, kind, typeOid, typeModifier: -1, typeName: '', tableOid: 0, columnNumber: 0 }
}

interface Result {
  readonly columns: readonly ColumnDescription[]
  readonly values: readonly EncodableColumn['values'][]
}

const every: Result = {
  columns: [
    column('b', columnKinds.bool),
    column('i', columnKinds.int32),
    column('big', columnKinds.int64),
    column('f', columnKinds.float64),
    column('n', columnKinds.text, oids.numeric),
    column('j', columnKinds.text, oids.json),
    column('t', columnKinds.text, oids.text),
  ],
  values: [
    [true, false, null],
    [1, -2147483648, null],
    [9007199254740993n, -9223372036854775808n, null],
    [0.1, Number.NaN, null],
    ['12345678901234567890.10', 'NaN', null],
    ['{"a": 1.10,\n "b": [null]}', '"x"', null],
    ['say "hi", you\nthere', '', null],
  ],
}

function outcome(commandTag: string): StatementOutcome {
  return {
    status: 'ok',
    commandTag,
    rowCount: 0,
    resultBytes: 0,
    durationMs: 1,
    error: null,
    transaction: 'idle',
  }
}

function write(name: FormatName, results: readonly (Result | null)[], rowsAtOnce = 1_000): string {
  const format = resultFormat(name)
  let text = ''
  for (const [index, result] of results.entries()) {
    text += format.begin({ index, count: results.length })
    if (result) {
      text += format.columns(result.columns)
      const rowCount = result.values[0]?.length ?? 0
      const encodable = result.columns.map(({ kind }, at) => ({
        kind: kind as ColumnKind,
        values: result.values[at] ?? [],
      }))
      const batch = new ColumnBatch(encodeBatch(encodable, rowCount))
      for (let first = 0; first < rowCount; first += rowsAtOnce) {
        text += format.rows({ batch, first, end: Math.min(first + rowsAtOnce, rowCount) })
      }
    }
    text += format.end(outcome(`SELECT ${index}`))
  }
  return text + format.finish()
}

const small: Result = { columns: [column('a', columnKinds.int32)], values: [[1, 2]] }
const none: Result = { columns: [column('a', columnKinds.int32)], values: [[]] }

it.each(formatNames)('%s is the same whether rows come at once or one by one', (name) => {
  expect(write(name, [every, null, small], 1)).toBe(write(name, [every, null, small]))
})

describe('csv', () => {
  it('follows RFC 4180 and tells NULL from the empty text', () => {
    expect(write('csv', [every])).toBe(
      [
        'b,i,big,f,n,j,t',
        't,1,9007199254740993,0.1,12345678901234567890.10,"{""a"": 1.10,\n ""b"": [null]}","say ""hi"", you\nthere"',
        'f,-2147483648,-9223372036854775808,NaN,NaN,"""x""",""',
        ',,,,,,',
        '',
      ].join('\r\n'),
    )
  })

  it('separates the results of a script by an empty line, and has a head where there are no rows', () => {
    expect(write('csv', [small, null, none])).toBe('a\r\n1\r\n2\r\n\r\na\r\n')
  })

  it('has no remark', () => {
    expect(new CsvFormat().remark()).toBeNull()
  })
})

describe('json', () => {
  const row = '{"b":true,"i":1,"big":9007199254740993,"f":0.1,"n":"12345678901234567890.10",'

  it('keeps every digit, embeds json and quotes what is no JSON number', () => {
    const text = write('json', [every])
    expect(text).toContain(`${row}"j":{"a": 1.10,  "b": [null]},"t":"say \\"hi\\", you\\nthere"}`)
    expect(text).toContain('"big":-9223372036854775808,"f":"NaN","n":"NaN","j":"x","t":""}')
    const read: unknown = JSON.parse(text)
    expect(read).toHaveLength(3)
    expect(read).toHaveProperty('2', { b: null, i: null, big: null, f: null, n: null, j: null, t: null })
  })

  it('is an empty array when there are no rows, or nothing that could have rows', () => {
    expect(JSON.parse(write('json', [none]))).toEqual([])
    expect(JSON.parse(write('json', [null]))).toEqual([])
    expect(JSON.parse(write('json', []))).toEqual([])
  })

  it('is one document for a script', () => {
    expect(JSON.parse(write('json', [small, null, none]))).toEqual([
      { rows: [{ a: 1 }, { a: 2 }], command: 'SELECT 0' },
      { rows: null, command: 'SELECT 1' },
      { rows: [], command: 'SELECT 2' },
    ])
  })

  it('is not complete when a statement failed half-way', () => {
    const format = new JsonFormat()
    const text = format.begin({ index: 0, count: 1 }) + format.columns(small.columns)
    expect(() => void JSON.parse(text)).toThrow(SyntaxError)
  })

  it('loses no column whose name comes again', () => {
    const named = ['a', 'b', 'a', 'a_2', 'a', '?column?'].map((name) => column(name, columnKinds.int32))
    expect(memberNames(named)).toEqual(['a', 'b', 'a_3', 'a_2', 'a_4', '?column?'])
    expect(new Set(memberNames(named)).size).toBe(named.length)
  })

  it('keeps minus zero', () => {
    const zero = { columns: [column('z', columnKinds.float64)], values: [[-0]] }
    expect(write('ndjson', [zero])).toBe('{"z":-0}\n')
  })
})

describe('ndjson', () => {
  it('is one object a line, even where a json value has line ends', () => {
    const lines = write('ndjson', [every, small]).split('\n')
    expect(lines.pop()).toBe('')
    expect(lines.map((line) => typeof JSON.parse(line))).toEqual(new Array(5).fill('object'))
  })

  it('has no remark', () => {
    expect(new NdjsonFormat().remark()).toBeNull()
  })
})

describe('table', () => {
  it('aligns numbers right and shows control characters as escapes', () => {
    const lines = write('table', [every]).split('\n')
    expect(lines[2]).toContain('say "hi", you\\nthere')
    expect(lines[4]).toMatch(/^ NULL │ +NULL │/)
    expect(new Set(lines.slice(0, 4).map((line) => line.indexOf('│') + line.indexOf('┼'))).size).toBe(1)
  })

  it('shows no byte that steers the terminal', () => {
    const hostile = {
      columns: [column('\u001b[2J', columnKinds.text)],
      values: [['\u001b]0;title\u0007', '\u202eabc', '\u009b31m']],
    }
    expect(write('table', [hostile]).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
  })

  it('shortens long values and says how many', () => {
    const format = new TableFormat()
    const long = { columns: [column('t', columnKinds.text)], values: [['x'.repeat(1_000_000), 'short']] }
    const batch = new ColumnBatch(encodeBatch([{ kind: columnKinds.text, values: long.values[0] ?? [] }], 2))
    const text =
      format.columns(long.columns) +
      format.rows({ batch, first: 0, end: 2 }) +
      format.end(outcome('SELECT 2'))
    expect(text.split('\n')[2]).toBe(` ${'x'.repeat(59)}…`)
    expect(format.remark()).toMatch(/^1 long value was shortened: --format csv/)
  })

  it('fixes widths by the first 200 rows, and then writes each row as it comes', () => {
    const values = Array.from({ length: 300 }, (_, row) => String(row).repeat(row < 200 ? 1 : 5))
    const format = new TableFormat()
    const batch = new ColumnBatch(encodeBatch([{ kind: columnKinds.text, values }], 300))
    format.columns([column('t', columnKinds.text)])
    expect(format.rows({ batch, first: 0, end: 199 })).toBe('')
    expect(format.rows({ batch, first: 199, end: 200 }).split('\n')).toHaveLength(203)
    expect(format.rows({ batch, first: 200, end: 201 })).toBe(' 200200200200200\n')
  })

  it('counts the columns of a screen, not characters', () => {
    const wide = {
      columns: [column('名', columnKinds.text), column('x', columnKinds.int32)],
      values: [
        ['日本', 'e\u0301'],
        [1, 2],
      ],
    }
    expect(write('table', [wide]).split('\n')).toEqual([
      ' 名   │ x',
      '──────┼───',
      ' 日本 │ 1',
      ' e\u0301    │ 2',
      '',
    ])
  })

  it('prints the command where there are no rows', () => {
    expect(write('table', [null])).toBe('SELECT 0\n')
  })
})
