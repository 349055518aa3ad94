/** What is told of an engine that has ended. */

import { expect, it } from 'vitest'
import { crashDetail, crashText } from './crash-words.ts'

const crash = {
  atMs: 0,
  message: 'The WebAssembly stopped',
  log: ['ERROR:  division by zero', 'PANIC:  over'],
}
const note = { instanceId: 'i', name: 'shop', crash }

it('says what becomes of the database, and what of the data', () => {
  expect(crashText({ ...note, next: 'restarts' })).toMatch(
    /^shop .* starts again\. What was committed is safe/,
  )
  expect(crashText({ ...note, next: 'stays-down' })).toMatch(
    /^shop .* stays down\. What was committed is safe/,
  )
  expect(crashText({ ...note, next: 'lost' })).toMatch(/^shop .* in memory is gone$/)
})

it('has the reason, and the last lines of the log if there are any', () => {
  expect(crashDetail(crash).split('\n')).toEqual([crash.message, '', 'Postgres logged last:', ...crash.log])
  expect(crashDetail({ ...crash, log: [] })).toBe(crash.message)
})
