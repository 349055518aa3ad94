/** Which sessions begin without the worker being asked, with the worker in the hands of the test. */

import { expect, test } from 'vitest'
import { noSqlErrorFields, WorkbenchError } from '../../../contract/error.ts'
import { SessionBeginnings } from './session-beginnings.ts'
import { SessionOpening } from './session-opening.ts'
import type { SessionBeginning } from './sessions/backend-sessions.ts'

const timeouts = { lockMs: 0, statementMs: 0, idleSessionMs: 0, isTransactionBounded: false }
const beginning: SessionBeginning = {
  ...{ session: 2, processId: 1, role: 'postgres' },
  settings: [['application_name', 'psql']],
}

class Worker {
  readonly told: string[] = []
  readonly signals = { nextTransaction: 700 }
  readonly beginnings = new SessionBeginnings(
    {
      signals: this.signals,
      send: ({ kind }) => void this.told.push(kind),
      sendQuietly: ({ kind }) => void this.told.push(`${kind}, quietly`),
    },
    () => void this.told.push('wake'),
  )

  /** As a session begins of which nothing is known. */
  async begin(values: Record<string, string>): Promise<void> {
    const opening = new SessionOpening(1)
    const opened = this.beginnings.now(beginning, opening)
    opening.onMessage({ kind: 'session-opened', activity: 1, parameters: values, timeouts })
    expect(await opened).toEqual({ parameters: values, timeouts })
    expect(this.told.splice(0)).toEqual(['session-open'])
  }
}

test('a session like one that has begun is told what that one was, while the worker begins it', async () => {
  const worker = new Worker()
  expect(worker.beginnings.later(beginning)).toBe(null)
  await worker.begin({ TimeZone: 'UTC' })
  expect(worker.beginnings.later({ ...beginning, session: 3, processId: 2 })?.parameters).toEqual({
    TimeZone: 'UTC',
  })
  expect(worker.told).toEqual(['session-open, quietly', 'wake'])
})

test('a session of another role, or with other settings, or another right to write, has to be asked for', async () => {
  const worker = new Worker()
  await worker.begin({ TimeZone: 'UTC' })
  const others: Partial<SessionBeginning>[] = [
    { role: 'other' },
    { settings: [] },
    { settings: [['application_name', 'other']] },
    { isReadOnly: true },
  ]
  for (const other of others) expect(worker.beginnings.later({ ...beginning, ...other })).toBe(null)
  expect(worker.told).toEqual([])
})

test('when somebody has written, what was known is known no more', async () => {
  const worker = new Worker()
  await worker.begin({ TimeZone: 'UTC' })
  worker.signals.nextTransaction += 1
  expect(worker.beginnings.later(beginning)).toBe(null)
  await worker.begin({ TimeZone: 'Europe/Berlin' })
  expect(worker.beginnings.later(beginning)?.parameters).toEqual({ TimeZone: 'Europe/Berlin' })
})

test('a session that was refused is not known', async () => {
  const worker = new Worker()
  const opening = new SessionOpening(1)
  const opened = worker.beginnings.now(beginning, opening)
  opening.fail(new WorkbenchError('sql-error', 'no'))
  await expect(opened).rejects.toThrow('no')
  expect(worker.beginnings.later(beginning)).toBe(null)
})

test('when one that nobody waited for could not begin, others like it are asked for', async () => {
  const worker = new Worker()
  await worker.begin({ TimeZone: 'UTC' })
  const error = worker.beginnings.failed({
    ...noSqlErrorFields,
    ...{ severity: 'ERROR', code: '22023', message: 'no' },
  })
  expect([error.code, error.sql?.code]).toEqual(['sql-error', '22023'])
  expect(worker.beginnings.later(beginning)).toBe(null)
})
