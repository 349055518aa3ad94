/** What is told of transactions that need no backend yet, or never. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { serialize } from '../../../test/support/protocol-client.ts'
import type { ConversationState } from '../engine/engine.ts'
import { answerAhead, type AheadConversation } from './begin-ahead.ts'
import { FrontendUnits } from './frontend-units.ts'

const timeouts = { lockMs: 0, statementMs: 0, idleSessionMs: 0, isTransactionBounded: false }
const between: ConversationState = {
  ...{ transaction: 'idle', isReady: true, isRunning: false, isStarved: false, timeouts, ahead: null },
}

function read(state: Partial<ConversationState>, ...messages: Uint8Array[]): string | null {
  const units = new FrontendUnits()
  for (const message of messages) units.push(message)
  const conversation: AheadConversation = {
    state: { ...between, ...state },
    beginAhead: () => true,
    endAhead: () => true,
  }
  const answer = answerAhead(conversation, units, true)
  return (
    answer &&
    Buffer.from(answer)
      .toString('latin1')
      .replaceAll(/[^ -~]/g, '')
  )
}

const begin = serialize.query('begin')

test('the words of a BEGIN are known however they are written, and answered as a server answers them', () => {
  for (const sql of ['begin', 'BEGIN;', ' Begin\tWork\n;', 'begin transaction']) {
    expect(read({}, serialize.query(sql))).toBe('CBEGINZT')
  }
  expect(read({}, serialize.query('start  Transaction ; '))).toBe('CSTART TRANSACTIONZT')
})

test('a transaction that nothing was done in ends as a server ends it, and a failed one by a rollback', () => {
  for (const sql of ['commit', 'END work;', ' end transaction ']) {
    expect(read({ ahead: 'open' }, serialize.query(sql))).toBe('CCOMMITZI')
    expect(read({ ahead: 'failed' }, serialize.query(sql))).toBe('CROLLBACKZI')
  }
  for (const sql of ['rollback', 'ABORT transaction', 'Rollback  Work ;']) {
    expect(read({ ahead: 'open' }, serialize.query(sql))).toBe('CROLLBACKZI')
  }
  for (const sql of ['begin', 'rollback to s', 'commit and chain', 'commit prepared', 'rollback; select 1']) {
    expect([sql, read({ ahead: 'open' }, serialize.query(sql))]).toEqual([sql, null])
  }
})

test('nothing that has an option, more than one statement or another meaning is a BEGIN', () => {
  const others = [
    ...['', 'start', 'beginning', 'begin read only', 'begin isolation level serializable', 'begin; select 1'],
    ...['begin;;', 'begin -- so', 'begin work transaction', `begin${' '.repeat(100)}`, 'select 1', 'commit'],
    // Space to JavaScript, and letters to Postgres.
    ...[
      '\u00a0begin',
      'begin\u00a0;',
      '\ufeffbegin',
      'begin\u3000',
      'begin\u2028;',
      'begin\u0085',
      'beg\u0131n',
    ],
  ]
  for (const sql of others) expect([sql, read({}, serialize.query(sql))]).toEqual([sql, null])
})

test('a BEGIN with anything around it is left to the backend, and so is one that is not whole, or no text', () => {
  expect(read({}, begin.subarray(0, 3), begin.subarray(3))).toBe('CBEGINZT')
  expect(read({}, begin, begin)).toBeNull()
  expect(read({}, begin, begin.subarray(0, 7))).toBeNull()
  expect(read({}, serialize.sync(), begin)).toBeNull()
  expect(read({}, begin.subarray(0, 8))).toBeNull()
  expect(read({}, serialize.parse({ text: 'begin' }), serialize.sync())).toBeNull()
  expect(read({}, Uint8Array.of(0x51, 0, 0, 0, 10, ...Buffer.from('begin;')))).toBeNull()
  expect(read({}, serialize.query('begin\0x'))).toBeNull()
  // In an encoding of one byte that is U+00A0.
  expect(read({}, Uint8Array.of(0x51, 0, 0, 0, 11, ...Buffer.from('begin'), 0xa0, 0))).toBeNull()
  expect(read({}, Uint8Array.of(0x51, 0, 0, 0, 4))).toBeNull()
})

test('whatever the bytes of a Query are, what is taken for a BEGIN is its words and space alone', () => {
  const letters = fc.constantFrom(
    ...'beginBEGIN workstatc;\0\t\n\u000b\u00a0\u1680\ufeff'.split(''),
    'begin',
    ' work',
  )
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 12 }), (parts) => {
      const sql = parts.join('')
      const isBegin = /^[ \t\n\v]*begin(?:[ \t\n\v]+work)?[ \t\n\v]*;?[ \t\n\v]*$/i.test(sql)
      expect([sql, read({}, serialize.query(sql)) === 'CBEGINZT']).toEqual([sql, isBegin])
    }),
    { numRuns: 2_000 },
  )
})

test('a BEGIN inside of a transaction, in a pipeline, or of whom nobody keeps from the backend, is left to it', () => {
  for (const state of [{ transaction: 'open' }, { transaction: 'failed' }, { isReady: false }] as const) {
    expect(read(state, begin)).toBeNull()
  }
  const units = new FrontendUnits()
  units.push(begin)
  const conversation = { state: between, beginAhead: () => true, endAhead: () => true }
  expect(answerAhead(conversation, units, false)).toBeNull()
  expect(answerAhead({ ...conversation, beginAhead: () => false }, units, true)).toBeNull()
})
