/** What people read of a snapshot. */

import { expect, test } from 'vitest'
import { nameOfSnapshot, progressFraction, progressWords, reasonWords, whoWords } from './snapshot-words.ts'

const statement = { kind: 'statement', what: 'DROP TABLE a', text: 'drop table a', who: 'Console 1' } as const

test('a snapshot is called by its label, else by why there is one', () => {
  expect(nameOfSnapshot({ label: 'release 4', reason: statement })).toBe('release 4')
  expect(nameOfSnapshot({ label: null, reason: statement })).toBe('Before DROP TABLE a')
  expect(whoWords(statement)).toBe('Console 1')
  expect(whoWords({ kind: 'schedule' })).toBeNull()
  expect(reasonWords({ kind: 'work', what: 'restore of a.sql' })).toBe('Before restore of a.sql')
})

test('progress says whom it waits for, and how much there is', () => {
  const progress = { holder: null, doneBytes: 12 << 20, totalBytes: 48 << 20 }
  expect(progressWords('Copying', null)).toBe('Copying…')
  expect(progressWords('Copying', { ...progress, step: 'waiting', holder: 'psql' })).toBe(
    'Copying: waiting for psql',
  )
  expect(progressWords('Copying', { ...progress, step: 'copying' })).toBe('Copying: 12 MB of 48 MB')
  expect(progressFraction({ ...progress, step: 'copying' })).toBe(0.25)
  expect(progressFraction({ ...progress, step: 'finishing' })).toBeNull()
})
