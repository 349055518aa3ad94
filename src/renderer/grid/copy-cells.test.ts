// Goal: what lands on the clipboard is exact in every format, and copying stays within its bounds.
import { describe, expect, test } from 'vitest'
import { columnKinds } from '../../contract/column-batch.ts'
import { TestRows } from '../../../test/support/grid-rows.ts'
import { copyLengthMax, copyNow, copyNowCellsMax, copySliced } from './copy-cells.ts'
import type { CopyFormat } from './copy-formats.ts'
import type { CellRange } from './selection.ts'

const jsonb = 3802
const numeric = 1700

function sample(): TestRows {
  return new TestRows(
    [
      { name: 'id', kind: columnKinds.int64, values: [9223372036854775807n, 2n, null] },
      { name: 'Full name', kind: columnKinds.text, values: ['O\'Neil, "Pat"', '', null] },
      { name: 'ok', kind: columnKinds.bool, values: [true, false, null] },
      { name: 'ratio', kind: columnKinds.float64, values: [0.1, NaN, -Infinity] },
      {
        name: 'price',
        kind: columnKinds.text,
        typeOid: numeric,
        values: ['12345678901234567890.10', 'NaN', null],
      },
      { name: 'data', kind: columnKinds.text, typeOid: jsonb, values: ['{"a": 1.0}', 'null', null] },
      { name: 'note', kind: columnKinds.text, values: ['a\tb\nc', 'x|y', 'NULL'] },
    ],
    2,
  )
}

const everything: CellRange = { firstRow: 0, lastRow: 2, firstColumn: 0, lastColumn: 6 }

function copy(format: CopyFormat, range: CellRange = everything): string | null {
  return copyNow({ source: sample(), range, format })
}

describe('formats', () => {
  test('tab-separated text is quoted only where a cell would break; NULL is empty', () => {
    expect(copy('tsv')).toBe(
      `9223372036854775807\tO'Neil, "Pat"\ttrue\t0.1\t12345678901234567890.10\t{"a": 1.0}\t"a\tb\nc"\n` +
        '2\t\tfalse\tNaN\tNaN\tnull\tx|y\n' +
        '\t\t\t-Infinity\t\t\tNULL',
    )
  })

  test('a single cell is copied as it is', () => {
    expect(copy('tsv', { firstRow: 0, lastRow: 0, firstColumn: 6, lastColumn: 6 })).toBe('a\tb\nc')
  })

  test('headers come first when asked for', () => {
    expect(copy('tsv-headers', { firstRow: 1, lastRow: 1, firstColumn: 0, lastColumn: 2 })).toBe(
      'id\tFull name\tok\n2\t\tfalse',
    )
  })

  test('CSV tells NULL from the empty text', () => {
    expect(copy('csv', { firstRow: 0, lastRow: 2, firstColumn: 0, lastColumn: 1 })).toBe(
      `id,Full name\n9223372036854775807,"O'Neil, ""Pat"""\n2,""\n,`,
    )
  })

  test('JSON keeps every digit and is JSON', () => {
    const text = copy('json') ?? ''
    expect(text).toContain('"id": 9223372036854775807,')
    expect(text).toContain('"price": 12345678901234567890.10')
    expect(text).toContain('"data": {"a": 1.0}')
    expect(JSON.parse(text)).toMatchObject([
      { 'Full name': 'O\'Neil, "Pat"', ok: true, ratio: 0.1, note: 'a\tb\nc' },
      { 'Full name': '', ok: false, ratio: 'NaN', price: 'NaN', data: null },
      { id: null, 'Full name': null, ok: null, ratio: '-Infinity', note: 'NULL' },
    ])
  })

  test('JSON names columns of the same name apart', () => {
    const values = [1]
    const source = new TestRows(['a', 'a', 'a_2'].map((name) => ({ name, kind: columnKinds.int32, values })))
    const range = { firstRow: 0, lastRow: 0, firstColumn: 0, lastColumn: 2 }
    expect(JSON.parse(copyNow({ source, range, format: 'json' }) ?? '')).toEqual([{ a: 1, a_2: 1, a_2_2: 1 }])
  })

  test('Markdown escapes what would end a cell', () => {
    expect(copy('markdown', { firstRow: 1, lastRow: 2, firstColumn: 5, lastColumn: 6 })).toBe(
      '| data | note |\n| --- | --- |\n| null | x\\|y |\n| *NULL* | NULL |\n',
    )
  })

  test('INSERT quotes names and values as SQL does', () => {
    expect(copy('insert', { firstRow: 0, lastRow: 2, firstColumn: 0, lastColumn: 3 })).toBe(
      'insert into table_name (id, "Full name", ok, ratio) values\n' +
        `  (9223372036854775807, 'O''Neil, "Pat"', true, 0.1),\n` +
        `  (2, '', false, 'NaN'),\n  (null, null, null, '-Infinity');\n`,
    )
  })

  test('an IN list leaves NULL out', () => {
    expect(copy('in-list', { firstRow: 0, lastRow: 2, firstColumn: 0, lastColumn: 0 })).toBe(
      '(9223372036854775807, 2)',
    )
    expect(copy('in-list', { firstRow: 2, lastRow: 2, firstColumn: 0, lastColumn: 0 })).toBe('()')
  })
})

describe('large copies', () => {
  const rowCount = copyNowCellsMax + 1
  const numbers = (): TestRows =>
    new TestRows([
      { name: 'n', kind: columnKinds.int32, values: Array.from({ length: rowCount }, (_, at) => at) },
    ])
  const range = { firstRow: 0, lastRow: rowCount - 1, firstColumn: 0, lastColumn: 0 }

  test('are not made at once, but in slices that let the page go on', async () => {
    const source = numbers()
    expect(copyNow({ source, range, format: 'tsv' })).toBeNull()
    let nowMs = 0
    let yields = 0
    const text = await copySliced(
      { source, range, format: 'tsv' },
      {
        signal: new AbortController().signal,
        nowMs: () => (nowMs += 5),
        yieldToPage: async () => void (yields += 1),
        onProgress: () => undefined,
      },
    )
    expect(text.split('\n')).toEqual(Array.from({ length: rowCount }, (_, at) => String(at)))
    expect(yields).toBeGreaterThan(10)
  })

  test('end when they are cancelled', async () => {
    const controller = new AbortController()
    const running = copySliced(
      { source: numbers(), range, format: 'tsv' },
      {
        signal: controller.signal,
        nowMs: () => performance.now() * 1_000,
        yieldToPage: async () => controller.abort(new Error('enough')),
        onProgress: () => undefined,
      },
    )
    await expect(running).rejects.toThrow('enough')
  })

  test('are refused past the limit, and when the rows are given up meanwhile', async () => {
    const options = {
      signal: new AbortController().signal,
      nowMs: () => 0,
      yieldToPage: async () => undefined,
      onProgress: () => undefined,
    }
    const long = 'x'.repeat(copyLengthMax / 16)
    const source = new TestRows([{ name: 't', kind: columnKinds.text, values: [long] }])
    const { columns, onDidAppend } = source
    const repeated = { columns, onDidAppend, rowCount: 100, locate: () => source.locate(0) }
    const wide = { firstRow: 0, lastRow: 99, firstColumn: 0, lastColumn: 0 }
    await expect(copySliced({ source: repeated, range: wide, format: 'tsv' }, options)).rejects.toMatchObject(
      {
        code: 'limit-exceeded',
      },
    )
    const gone = numbers()
    gone.discard()
    await expect(copySliced({ source: gone, range, format: 'tsv' }, options)).rejects.toMatchObject({
      code: 'closed',
    })
  })
})
