/** What is told from a BEGIN alone, which needs no backend yet. */

import { expect, test } from 'vitest'
import { serialize } from '../../../test/support/protocol-client.ts'
import { readPlainBegin } from './begin-ahead.ts'
import { FrontendUnits } from './frontend-units.ts'

function read(...messages: Uint8Array[]): string | null {
  const units = new FrontendUnits()
  for (const message of messages) units.push(message)
  const begin = readPlainBegin(units)
  return begin && Buffer.from(begin.answer).toString('latin1')
}

const begun = 'C\0\0\0\x0aBEGIN\0Z\0\0\0\x05T'

test('the words of a BEGIN are known however they are written, and answered as a server answers them', () => {
  for (const sql of ['begin', 'BEGIN;', ' Begin\tWork\n;', 'begin transaction']) {
    expect(read(serialize.query(sql))).toBe(begun)
  }
  const started = 'C\0\0\0\x16START TRANSACTION\0Z\0\0\0\x05T'
  expect(read(serialize.query('start  Transaction ; '))).toBe(started)
})

test('nothing that has an option, more than one statement or another meaning is', () => {
  const others = [
    '',
    'start',
    'beginning',
    'begin read only',
    'begin isolation level serializable',
    'begin; select 1',
    'begin;;',
    'begin -- so',
    'begin work transaction',
    `begin${' '.repeat(100)}`,
    'select 1',
  ]
  for (const sql of others) expect([sql, read(serialize.query(sql))]).toEqual([sql, null])
})

test('a BEGIN with anything around it is left to the backend, and so is one that is not whole yet', () => {
  const begin = serialize.query('begin')
  expect(read(begin.subarray(0, 3), begin.subarray(3))).toBe(begun)
  expect(read(begin, begin)).toBeNull()
  expect(read(begin, begin.subarray(0, 7))).toBeNull()
  expect(read(serialize.sync(), begin)).toBeNull()
  expect(read(begin.subarray(0, 8))).toBeNull()
  expect(read(serialize.parse({ text: 'begin' }), serialize.sync())).toBeNull()
})
