/** Goal: one instance at a time, and the first hears of the second. Method: real files, a process that is gone. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SingleInstance, type InstanceDetails } from './single-instance.ts'

const details = { argv: ['wardian', 'x.sql'], workingDirectory: 'somewhere', additionalData: { a: 1 } }

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wardian-standin-lock-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

test('the second is refused, and the first hears what it was started with', async () => {
  const heard = Promise.withResolvers<InstanceDetails>()
  const first = SingleInstance.request(folder, details, heard.resolve)
  expect(SingleInstance.request(folder, { ...details, argv: ['second'] }, () => undefined)).toBeNull()
  expect(await heard.promise).toEqual({ ...details, argv: ['second'] })
  first?.release()
})

test('a lock that was released, or whose process is gone, is free', () => {
  SingleInstance.request(folder, details, () => undefined)?.release()
  const second = SingleInstance.request(folder, details, () => undefined)
  expect(second).not.toBeNull()
  second?.release()
  // Above the largest number of a process (proc(5), pid_max).
  writeFileSync(join(folder, 'standin-instance.lock'), String(2 ** 22 + 1))
  const third = SingleInstance.request(folder, details, () => undefined)
  expect(third).not.toBeNull()
  third?.release()
})
