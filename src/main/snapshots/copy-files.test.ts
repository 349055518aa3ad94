/** How copies are made, and what may happen to one while it is put on disk. Real files. */

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { copyFiles, syncFiles } from './copy-files.ts'

const { signal } = new AbortController()

describe('a copy of a data directory', () => {
  const path = temporaryDirectory()
  let count = 0

  /** Files of which three are long; what else is in it is not looked at here. */
  function made(): { from: string; to: string; position: null } {
    const from = path(`data-${count}`)
    for (const folder of ['global', 'base/5', 'pg_wal']) mkdirSync(join(from, folder), { recursive: true })
    writeFileSync(join(from, 'global/pg_control'), Buffer.alloc(8192))
    for (const name of ['1', '2', '3']) writeFileSync(join(from, 'base/5', name), randomBytes(9 << 20))
    for (let number = 10; number < 60; number++) {
      writeFileSync(join(from, 'base/5', String(number)), randomBytes(number * 100))
    }
    return { from, to: path(`copy-${count++}`), position: null }
  }

  test('has every byte, of long files and of short ones', async () => {
    const request = made()
    const copying = copyFiles(request, signal)
    let step = await copying.next()
    while (!step.done) step = await copying.next()
    const names = readdirSync(join(request.from, 'base/5'))
    expect(readdirSync(join(request.to, 'base/5'))).toEqual(names)
    for (const name of names) {
      const [original, copy] = [request.from, request.to].map((at) => readFileSync(join(at, 'base/5', name)))
      expect(copy?.equals(original ?? Buffer.alloc(0)), name).toBe(true)
    }
    expect(step.value.byteCount).toBeGreaterThan(27 << 20)
  })

  test('is not there when a long file could not be copied', async () => {
    const request = made()
    const copying = copyFiles(request, signal)
    // Two of the three have been begun.
    expect((await copying.next()).done).toBe(false)
    const begun = readdirSync(join(request.to, 'base/5'))
    for (const name of ['1', '2', '3']) {
      if (!begun.includes(name)) rmSync(join(request.from, 'base/5', name))
    }
    await expect(copying.next()).rejects.toMatchObject({ code: 'storage-failed' })
    expect(existsSync(request.to)).toBe(false)
  })

  test('is not there when nobody wants it any more', async () => {
    const request = made()
    const abort = new AbortController()
    const copying = copyFiles(request, abort.signal)
    await copying.next()
    abort.abort()
    await expect(copying.next()).rejects.toMatchObject({ code: 'cancelled' })
    expect(existsSync(request.to)).toBe(false)
  })
})

describe('putting a copy on disk', () => {
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
})
