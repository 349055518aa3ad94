/** Goal: a session that begins early is its client's or nobody's, and impostors cost a bounded number of them. */

import { expect, test } from 'vitest'
import { TestClock } from '../../../base/clock.ts'
import { ScriptedWireSession } from '../../../../test/support/scripted-wire-backend.ts'
import { EarlySessions, earlyTimeMaxMs } from './early-sessions.ts'

const options = { role: 'postgres', database: 'postgres', settings: new Map(), title: '', address: null }

function scripted(): ScriptedWireSession {
  return new ScriptedWireSession({ ...options, port: null }, 1)
}

test('who logs in takes the session, once', async () => {
  const early = new EarlySessions(new TestClock())
  const session = scripted()
  const begun = early.begin(() => Promise.resolve(session))
  expect(await begun?.take()).toBe(session)
  expect(begun?.take()).toBeNull()
  begun?.dispose()
  expect(session.isDisposed).toBe(false)
  session.dispose()
})

test('the session of who does not log in is ended, also when it has only then begun', async () => {
  const early = new EarlySessions(new TestClock())
  const session = scripted()
  const opening = Promise.withResolvers<ScriptedWireSession>()
  const begun = early.begin(() => opening.promise)
  begun?.dispose()
  opening.resolve(session)
  await opening.promise
  await Promise.resolve()
  expect(session.isDisposed).toBe(true)
  expect(begun?.take()).toBeNull()
})

test('who thinks for long gets a new one', async () => {
  const clock = new TestClock()
  const session = scripted()
  const begun = new EarlySessions(clock).begin(() => Promise.resolve(session))
  clock.advance(earlyTimeMaxMs)
  expect(begun?.take()).toBeNull()
  await Promise.resolve()
  expect(session.isDisposed).toBe(true)
})

test('there are four at once, however they end', async () => {
  const early = new EarlySessions(new TestClock())
  const fail = (): Promise<never> => Promise.reject(new Error('refused'))
  const begun = Array.from({ length: 4 }, () => early.begin(fail))
  expect(early.begin(fail)).toBeNull()
  begun[0]?.dispose()
  await expect(begun[1]?.take()).rejects.toThrow('refused')
  expect([early.begin(fail), early.begin(fail), early.begin(fail)].map((one) => one !== null)).toEqual([
    true,
    true,
    false,
  ])
})
