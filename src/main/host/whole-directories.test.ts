/** Directories of instances are there whole or not at all. */

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { newRecordFields, readRecord } from './instance-record.ts'
import { makeWhole, removeWhole } from './whole-directories.ts'

const path = temporaryDirectory()
const record = { ...newRecordFields, id: 'shop', name: 'shop', createdAtMs: 1 }

it('makes a directory with its record, and leaves nothing where it was made', async () => {
  const home = path('made')
  await makeWhole(join(home, 'instances', 'shop'), join(home, 'unseen'), record)
  expect(await readRecord(join(home, 'instances', 'shop'))).toMatchObject({ record })
  expect(readdirSync(join(home, 'unseen'))).toEqual([])
})

it('leaves nothing where it cannot be put', async () => {
  const home = path('blocked')
  mkdirSync(home)
  writeFileSync(join(home, 'instances'), 'a file')
  await expect(makeWhole(join(home, 'instances', 'shop'), join(home, 'unseen'), record)).rejects.toThrow(
    'instances',
  )
  expect(readdirSync(join(home, 'unseen'))).toEqual([])
})

it('removes a directory, also one that lies in the way of an earlier removal, or none at all', async () => {
  const home = path('removed')
  const [directory, unseen] = [join(home, 'instances', 'shop'), join(home, 'unseen')]
  await makeWhole(directory, unseen, record)
  mkdirSync(join(unseen, 'removed-shop', 'data'), { recursive: true })
  await removeWhole(directory, unseen)
  expect(existsSync(directory)).toBe(false)
  expect(readdirSync(unseen)).toEqual([])
  await removeWhole(directory, unseen)
})

it('removes a directory where there is no place to move it to', async () => {
  const home = path('full')
  const [directory, unseen] = [join(home, 'instances', 'shop'), join(home, 'unseen')]
  await makeWhole(directory, join(home, 'other'), record)
  writeFileSync(unseen, 'a file')
  await removeWhole(directory, unseen)
  expect(existsSync(directory)).toBe(false)
})
