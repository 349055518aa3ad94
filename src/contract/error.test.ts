/** Errors come out of a border as they went in, except for what must not cross it. */

import { describe, expect, it } from 'vitest'
import { everySqlField } from '../../test/support/probe-server.ts'
import { errorCodes, fromWireError, toWireError, WorkbenchError } from './error.ts'
import { wireErrorSchema } from './statement.ts'

describe('an error that crosses a border', () => {
  it.each(errorCodes)('%s keeps code, message and fields', (code) => {
    const error = new WorkbenchError(code, 'What happened. What to do.', { sql: everySqlField })
    const wire = wireErrorSchema.parse(JSON.parse(JSON.stringify(toWireError(error))), 'error')
    expect(fromWireError(wire)).toEqual(error)
  })

  it('becomes internal when it is none of ours', () => {
    for (const thrown of [new TypeError('x is undefined'), 'x is undefined']) {
      expect(toWireError(thrown)).toEqual({
        code: 'internal',
        message: 'Wardian failed unexpectedly: x is undefined',
        sql: null,
      })
    }
  })

  it('becomes internal when its code comes from a newer peer, and keeps its message', () => {
    const error = fromWireError({ code: 'invented-tomorrow', message: 'Do this.', sql: null })
    expect([error.code, error.message]).toEqual(['internal', 'Do this.'])
  })

  it('keeps its cause on this side, and sends it nowhere', () => {
    const cause = new Error('EACCES /secret')
    const error = new WorkbenchError('permission-denied', 'Cannot write', { cause })
    expect(error.cause).toBe(cause)
    expect(JSON.stringify(toWireError(error))).not.toContain('secret')
  })
})
