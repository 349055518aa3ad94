/** What clients are told, as the messages that they read. */

import { parse } from 'pg-protocol'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { errorCodes, WorkbenchError } from '../../../contract/error.ts'
import * as messages from './backend-message.ts'
import { failureFields, refusal } from './wire-failure.ts'

/** Read by a client's own parser. */
async function read(...bytes: Uint8Array[]): Promise<unknown[]> {
  const found: unknown[] = []
  await parse(Readable.from([Buffer.concat(bytes)]), (message) => found.push(message))
  return found
}

describe('a failure', () => {
  test('has an SQLSTATE, whatever its code is', () => {
    for (const code of errorCodes) {
      const fields = failureFields(new WorkbenchError(code, 'why'), 'ERROR')
      expect(fields, code).toMatchObject({ severity: 'ERROR', message: 'why' })
      expect(fields.code, code).toMatch(/^[0-9A-Z]{5}$/)
    }
    expect(failureFields(new TypeError('x is not a function'), 'FATAL')).toMatchObject({
      code: 'XX000',
      message: 'Wardian failed unexpectedly: x is not a function',
    })
  })

  test('keeps all the fields of Postgres', async () => {
    const all = {
      ...{ severity: 'ERROR', code: '23505', message: 'm', detail: 'd', hint: 'h', position: 7 },
      ...{ internalPosition: 8, internalQuery: 'q', where: 'w', schema: 's', table: 't', column: 'c' },
      ...{ dataType: 'dt', constraint: 'n', file: 'f.c', line: '12', routine: 'r' },
    }
    const [told] = await read(
      messages.errorResponse(failureFields(new WorkbenchError('sql-error', 'm', { sql: all }), 'FATAL')),
    )
    expect(told).toMatchObject({
      ...{
        name: 'error',
        severity: 'FATAL',
        code: '23505',
        message: 'm',
        detail: 'd',
        hint: 'h',
        position: '7',
      },
      ...{ internalPosition: '8', internalQuery: 'q', where: 'w', schema: 's', table: 't', column: 'c' },
      ...{ dataType: 'dt', constraint: 'n', file: 'f.c', line: '12', routine: 'r' },
    })
  })

  test('cannot be cut short by a NUL', async () => {
    const [told] = await read(
      messages.errorResponse(failureFields(refusal('3D000', 'a\0b', { hint: 'c' }), 'FATAL')),
    )
    expect(told).toMatchObject({ message: 'a\u{FFFD}b', hint: 'c' })
  })
})

describe('the messages of a log-in', () => {
  test('are read by a client', async () => {
    const found = await read(
      messages.authenticationSasl(['A', 'B']),
      messages.authenticationSaslContinue('x'),
      messages.authenticationSaslFinal('y'),
      messages.authenticationOk(),
      messages.parameterStatus('a', 'ü'),
      messages.backendKeyData(7, Buffer.from([0, 0, 1, 0])),
      messages.readyForQuery(),
    )
    expect(found).toMatchObject([
      { name: 'authenticationSASL', mechanisms: ['A', 'B'] },
      { name: 'authenticationSASLContinue', data: 'x' },
      { name: 'authenticationSASLFinal', data: 'y' },
      { name: 'authenticationOk' },
      { name: 'parameterStatus', parameterName: 'a', parameterValue: 'ü' },
      { name: 'backendKeyData', processID: 7, secretKey: 256 },
      { name: 'readyForQuery', status: 'I' },
    ])
    const negotiate = messages.negotiateProtocolVersion(196610, ['_pq_.a'])
    expect(negotiate.toString('latin1')).toBe('v\0\0\0\x13\0\x03\0\x02\0\0\0\x01_pq_.a\0')
  })
})
