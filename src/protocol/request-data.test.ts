/** Tests of what is taken from clients, and how the rest is refused. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AnswerEnvelope } from './answer-frame.ts'
import { holds, readCondition } from './batch-condition.ts'
import { envelopeError, postgresError } from './envelope-error.ts'
import { readJsonMessage, writeJsonMessage } from './json-message.ts'
import * as requests from './request-data.ts'
import { readRequestHead, readRequestMeta } from './request-frame.ts'
import { noSqlErrorFields, WorkbenchError } from '../contract/error.ts'

const refused = expect.objectContaining({ code: 'invalid-argument' })

/** The code with which it fails; null if it does not. */
function failureOf(work: () => unknown): string | null {
  try {
    work()
    return null
  } catch (error) {
    return error instanceof WorkbenchError ? error.code : String(error)
  }
}

describe('an envelope', () => {
  it.each([
    ['a text', 'hello'],
    ['a list', []],
    ['null', null],
    ['no meta', { data: {} }],
    ['a meta that is a list', { meta: [] }],
    ['no type', { meta: { request_id: '1' } }],
    ['a number for an id', { meta: { type: 'query', request_id: 1 } }],
    ['an empty id', { meta: { type: 'query', request_id: '' } }],
    ['an id of 65 characters', { meta: { type: 'query', request_id: 'x'.repeat(65) } }],
    ['an inherited meta', Object.create({ meta: { type: 'query', request_id: '1' } })],
  ])('is not %s', (_name, value) => {
    expect(readRequestHead(value)).toBeNull()
  })

  it('has its fields, without those that nobody knows', () => {
    const meta = { type: 'query', request_id: '7', session: 'a', deadline_ms: 5, credit: 64, other: 1 }
    const head = readRequestHead({ meta, data: 3, extra: true })
    expect(head).toEqual({ type: 'query', requestId: '7', meta, data: 3 })
    const { other: _other, ...known } = meta
    expect(head && readRequestMeta(head)).toEqual(known)
  })

  it('of credit needs no id', () => {
    expect(readRequestHead({ meta: { type: 'credit' } })?.requestId).toBe('')
  })

  it.each([
    [{ deadline_ms: 0 }],
    [{ deadline_ms: 2 ** 31 }],
    [{ deadline_ms: 1.5 }],
    [{ credit: 65 }],
    [{ session: '' }],
    [{ traceparent: 'ff-00' }],
    [{ idempotency_key: 'x'.repeat(129) }],
  ])('is refused with %j', (more) => {
    const head = readRequestHead({ meta: { type: 'query', request_id: '1', ...more } })
    expect(() => head && readRequestMeta(head)).toThrow(refused)
  })
})

describe('data', () => {
  it('of a query has sql or prepared, never both', () => {
    expect(requests.readQueryData({ sql: 'select $1', params: ['a', null, { base64: 'AA==' }] })).toEqual({
      sql: 'select $1',
      params: ['a', null, { base64: 'AA==' }],
    })
    expect(requests.readQueryData({ prepared: 'p' })).toEqual({ prepared: 'p' })
    expect(() => requests.readQueryData({})).toThrow(refused)
    expect(() => requests.readQueryData({ sql: '', prepared: 'p' })).toThrow(refused)
    expect(() => requests.readQueryData({ prepared: 'p', types: [] })).toThrow(refused)
  })

  it.each([
    [1],
    [true],
    [undefined],
    [{}],
    [{ base64: 'A' }],
    [{ base64: '====' }],
    ['a\0b'],
    ['\ud800'],
    [['a']],
  ])('takes %j for no parameter', (value) => {
    expect(() => requests.readQueryData({ sql: '', params: [value] })).toThrow(refused)
  })

  it('has no U+0000 in SQL, which would end it for Postgres', () => {
    expect(() => requests.readPrepareData({ name: 'a', sql: 'select 1\0; drop table t' })).toThrow(refused)
  })

  it('is never more than refused', () => {
    const readers = Object.values(requests).filter((value) => typeof value === 'function')
    fc.assert(
      fc.property(fc.anything(), fc.nat(readers.length - 1), (value, index) => {
        expect([null, 'invalid-argument']).toContain(failureOf(() => readers[index]?.(value)))
      }),
    )
  })
})

describe('a condition', () => {
  const condition = { or: [{ not: { ok: 0 } }, { and: [{ error: 1 }, { ok: 0 }] }] }

  it('holds as it says', () => {
    const read = readCondition(condition, 'if')
    expect(read).toEqual(condition)
    expect(holds(read, ['ok', 'error'])).toBe(true)
    expect(holds(read, ['ok', 'ok'])).toBe(false)
    expect(holds(read, ['skipped', 'ok'])).toBe(true)
  })

  it('is refused when it is nested too deep, or something else', () => {
    let deep: object = { ok: 0 }
    for (let depth = 0; depth < 20; depth += 1) deep = { not: deep }
    for (const value of [deep, {}, { ok: -1 }, { ok: 0, error: 0 }, { and: {} }, null, 'ok']) {
      expect(() => readCondition(value, 'if')).toThrow(refused)
    }
  })
})

describe('a message of JSON', () => {
  it('is one envelope, or several', () => {
    expect(readJsonMessage('{"a":1}')).toEqual([{ a: 1 }])
    expect(readJsonMessage('[1,2]')).toEqual([1, 2])
    const pong: AnswerEnvelope = { meta: { type: 'pong', request_id: '1' } }
    expect(writeJsonMessage([pong])).toBe('{"meta":{"type":"pong","request_id":"1"}}')
    expect(writeJsonMessage([1, 2])).toBe('[1,2]')
  })

  it('is refused when it is none', () => {
    for (const text of ['', '{', '[]', 'x']) {
      expect(() => readJsonMessage(text)).toThrow(expect.objectContaining({ code: 'invalid-message' }))
    }
  })
})

describe('an error', () => {
  it('says whether the request may be sent again', () => {
    expect(envelopeError('session_lost', 'm').retryable).toBe(true)
    expect(envelopeError('internal', 'm')).toEqual({
      ...{ code: 'internal', message: 'm', sqlstate: 'XX000', retryable: false },
    })
    const fields = { ...noSqlErrorFields, severity: 'ERROR', code: '40001', message: 'm', position: 3 }
    expect(postgresError('sql_error', fields)).toMatchObject({ retryable: true, sql: { position: 3 } })
    expect(postgresError('cancelled', { ...fields, code: '57014' }).retryable).toBe(false)
  })
})
