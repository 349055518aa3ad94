/** What may happen to a copy while it is put on disk. Real files. */

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { syncFiles } from './copy-files.ts'

const path = temporaryDirectory()

test('an engine that uses the files meanwhile may remove some', async () => {
  const directory = path('copy')
  mkdirSync(join(directory, 'inside'), { recursive: true })
  for (let number = 0; number < 50; number++) writeFileSync(join(directory, 'inside', String(number)), 'x')
  const syncing = syncFiles(directory)
  rmSync(join(directory, 'inside'), { recursive: true })
  await expect(syncing).resolves.toBeUndefined()
  expect(readdirSync(directory)).toEqual([])
})

test('a directory that is gone is no copy', async () => {
  await expect(syncFiles(path('gone'))).rejects.toMatchObject({ code: 'storage-failed' })
})
