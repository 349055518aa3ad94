/** The timeouts of a session that has not begun. */

import { expect, test } from 'vitest'
import { startUpTimeouts } from './start-up-timeouts.ts'

test('times are read with any unit of Postgres, and what is none is no bound', () => {
  const read = (value: string): number => startUpTimeouts(new Map([['lock_timeout', value]])).lockMs
  const values = ['50', ' 50ms ', '1.5s', '2 min', '1h', '1d', '1500us', '', '-1', '1 fortnight', 'soon', '0']
  expect(values.map(read)).toEqual([50, 50, 1500, 120_000, 3_600_000, 86_400_000, 2, 0, 0, 0, 0, 0])
  expect(startUpTimeouts(new Map([['statement_timeout', '3']]))).toEqual({
    ...{ lockMs: 0, statementMs: 3, idleSessionMs: 0 },
  })
})
