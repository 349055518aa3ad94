// Goal: the keys are those of a spreadsheet, and no others are taken.
import { expect, test } from 'vitest'
import { actionOf } from './grid-keys.ts'

const plain = { ctrlKey: false, metaKey: false, shiftKey: false, altKey: false }

test('keys of a spreadsheet do what they do there', () => {
  expect(actionOf({ ...plain, key: 'PageDown' })).toEqual({
    kind: 'move',
    motion: 'page-down',
    extend: false,
  })
  expect(actionOf({ ...plain, key: 'End', ctrlKey: true, shiftKey: true })).toEqual({
    kind: 'move',
    motion: 'grid-end',
    extend: true,
  })
  expect(actionOf({ ...plain, key: 'a', metaKey: true })).toEqual({ kind: 'select-all' })
  expect(actionOf({ ...plain, key: 'c', ctrlKey: true })).toEqual({ kind: 'copy', withHeaders: false })
  expect(actionOf({ ...plain, key: 'C', ctrlKey: true, shiftKey: true })).toEqual({
    kind: 'copy',
    withHeaders: true,
  })
})

test('keys that are not the grid’s are left to the application', () => {
  for (const press of [
    { ...plain, key: 'ArrowDown', altKey: true },
    { ...plain, key: 'Enter', ctrlKey: true },
    { ...plain, key: 'p', ctrlKey: true, shiftKey: true },
    { ...plain, key: 'Tab' },
    { ...plain, key: 'x' },
  ]) {
    expect(actionOf(press)).toBeNull()
  }
})
