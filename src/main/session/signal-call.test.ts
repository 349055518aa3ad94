/** Calls that end what others do, as clients send them. */

import { describe, expect, test } from 'vitest'
import * as m from '../../../test/support/wire/frontend-messages.ts'
import { parseSignalStatement, readSignalRequest, type SignalCall } from './signal-call.ts'

const none = new Map<string, never>()

function callIn(...messages: Uint8Array[]): SignalCall | null {
  return readSignalRequest(Buffer.concat(messages), none)?.call ?? null
}

describe('a call that ends what another does', () => {
  test.each([
    ['select pg_cancel_backend(12)', { signal: 'cancel', processId: 12, timeoutMs: 0 }],
    [
      ' SELECT pg_catalog . PG_Terminate_Backend ( 7 ) ; ',
      { signal: 'terminate', processId: 7, timeoutMs: 0 },
    ],
    ['select pg_terminate_backend(7, 500) as gone', { signal: 'terminate', processId: 7, timeoutMs: 500 }],
  ])('is read in %s', (sql, call) => {
    expect(callIn(m.query(sql))).toEqual(call)
    expect(callIn(m.extended(sql), m.sync())).toEqual(call)
  })

  test.each([
    'select pg_cancel_backend(12), 1',
    'select pg_cancel_backend(12) from t',
    'select pg_cancel_backend(-1)',
    'select pg_cancel_backend(1, 2)',
    'select pg_cancel_backend(12); drop table t',
    'select not_pg_cancel_backend(12)',
    'select pg_cancel_backend(99999999999)',
    'select pg_cancel_backend(null)',
    `select 'pg_cancel_backend(12)'`,
    'explain select pg_cancel_backend(12)',
    'select pg_cancel_backend(12) as "X"',
    'select pg_cancel_backend($2)',
    '',
  ])('is not read in %s', (sql) => {
    expect(parseSignalStatement(sql, null)).toBeNull()
    expect(callIn(m.query(sql))).toBeNull()
  })

  test('is nothing that something else is sent with, or that is not whole', () => {
    const call = m.query('select pg_cancel_backend(12)')
    expect(callIn(call, call)).toBeNull()
    expect(callIn(call, m.sync())).toBeNull()
    expect(callIn(m.extended('select 1'), m.extended('select pg_cancel_backend(12)'), m.sync())).toBeNull()
    expect(callIn(m.extended('select pg_cancel_backend(12)'))).toBeNull()
    const whole = Buffer.concat([m.extended('select pg_cancel_backend(12)'), m.sync()])
    for (let length = 0; length < whole.length; length += 1)
      expect(callIn(whole.subarray(0, length))).toBeNull()
    for (let at = 0; at < whole.length; at += 1) {
      const broken = Buffer.from(whole)
      broken[at] = 0xff
      expect(() => callIn(broken)).not.toThrow()
    }
  })

  test('takes a number for a parameter, as text or binary, of a statement that was prepared before', () => {
    const sql = 'select pg_terminate_backend($1)'
    const prepared = readSignalRequest(Buffer.concat([m.parse(sql, 's'), m.sync()]), none)
    expect(prepared?.call).toBeNull()
    const known = prepared?.prepared ?? new Map()
    for (const value of ['31', Buffer.from([0, 0, 0, 31])]) {
      const formats = typeof value === 'string' ? [] : [1]
      const bound = m.bind({ statement: 's', values: [Buffer.from(value)], formats })
      const request = readSignalRequest(Buffer.concat([bound, m.execute(), m.sync()]), known)
      expect(request?.call).toEqual({ signal: 'terminate', processId: 31, timeoutMs: 0 })
    }
    const missing = Buffer.concat([m.bind({ statement: 's', values: [null] }), m.execute(), m.sync()])
    expect(readSignalRequest(missing, known)).toBeNull()
  })
})
