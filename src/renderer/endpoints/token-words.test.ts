/** What is said of a token in one line. */

import { expect, it } from 'vitest'
import { workbenchExamples } from '../../../test/support/contract-examples.ts'
import { tokenFacts } from './token-words.ts'

const [token] = workbenchExamples['web.tokens'].result
const nowMs = 1_790_003_600_000
const nameOf = (id: string): string | null => (id === 'i1' ? 'shop' : null)

it('says what it may, as whom, and when', () => {
  if (!token) throw new Error('The example has no token')
  expect(tokenFacts(token, nameOf, nowMs)).toBe(
    'reads shop · as wardian_reader · used 59 minutes ago · expires 2026-11-18',
  )
  const wide = {
    ...token,
    access: 'read-write',
    instanceIds: null,
    lastUsedAtMs: null,
    expiresAtMs: null,
  } as const
  expect(tokenFacts(wide, nameOf, nowMs)).toBe(
    'reads and writes every database · as wardian_reader · never used',
  )
  const gone = { ...token, instanceIds: ['i2'], expiresAtMs: nowMs - 60_000 }
  expect(tokenFacts(gone, nameOf, nowMs)).toContain('reads a deleted database')
  expect(tokenFacts(gone, nameOf, nowMs)).toContain('expired 1 minute ago')
})
