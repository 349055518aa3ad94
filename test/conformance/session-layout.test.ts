/**
 * The addresses by which sessions are swapped, compared with what a search by behaviour finds in the PGlite that
 * is installed.
 */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { expect, test } from 'vitest'
import { findSessionLayout } from '../../src/main/engine/pglite/sessions/find-session-layout.ts'
import { knownSessionLayout } from '../../src/main/engine/pglite/sessions/known-session-layout.ts'
import { openTimeoutMs } from '../support/engine-fixture.ts'

const wasmFile = join(dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite')), 'pglite.wasm')

test(
  'the known layout is what a search finds in the installed build',
  async () => {
    const pglite = await PGlite.create()
    const found = await findSessionLayout(pglite)
    await pglite.close()
    const sha256 = createHash('sha256').update(readFileSync(wasmFile)).digest('hex')
    expect(knownSessionLayout(sha256)).toEqual(found)
  },
  openTimeoutMs,
)

test('a build that is not known is refused', () => {
  expect(() => knownSessionLayout('00')).toThrow(expect.objectContaining({ code: 'unsupported' }))
})
