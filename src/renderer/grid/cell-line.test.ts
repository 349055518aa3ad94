// Goal: one line tells every value apart and costs no more than it shows.
import { expect, test } from 'vitest'
import { columnKinds } from '../../contract/column-batch.ts'
import { TestRows } from '../../../test/support/grid-rows.ts'
import { cellLine, isRightAligned, type CellLine } from './cell-line.ts'
import { cellSlot } from './grid-source.ts'

function line(value: string | null, charactersMax = 20): CellLine {
  const slot = cellSlot(new TestRows([{ name: 't', kind: columnKinds.text, values: [value] }]), 0, 0)
  if (!slot) throw new Error('The cell is missing')
  return cellLine(slot, charactersMax)
}

test('NULL, the empty text and the text NULL are three different things', () => {
  expect(line(null)).toMatchObject({ text: 'NULL', tone: 'null' })
  expect(line('')).toMatchObject({ text: "''", tone: 'empty' })
  expect(line('NULL')).toMatchObject({ text: 'NULL', tone: 'value', isCut: false })
})

test('control characters, invisible ones and turned writing are marked in place', () => {
  expect(line('a\nb\tc\u0001\u202ed\ufeff')).toEqual({
    text: 'a b c  d ',
    marks: ' ↵ → •• •',
    tone: 'value',
    isCut: false,
  })
})

test('a long text is decoded only as far as it is shown, and says that it goes on', () => {
  const long = line('é'.repeat(1_000_000), 10)
  expect([long.text, long.isCut]).toEqual(['é'.repeat(10), true])
  expect(line('0123456789', 10)).toMatchObject({ text: '0123456789', isCut: false })
  expect(line('0123456789a', 10)).toMatchObject({ text: '0123456789', isCut: true })
})

test('half of a surrogate pair is never shown', () => {
  expect(line('abc🙂', 4)).toMatchObject({ text: 'abc', isCut: true })
})

test('numbers stand at the right, whatever they are made of', () => {
  const rows = new TestRows([
    { name: 'a', kind: columnKinds.int32, values: [1] },
    { name: 'b', kind: columnKinds.text, typeOid: 1700, values: ['1'] },
    { name: 'c', kind: columnKinds.text, values: ['1'] },
    { name: 'd', kind: columnKinds.bool, values: [true] },
  ])
  expect(rows.columns.map(isRightAligned)).toEqual([true, true, false, false])
})
