/** Goal: the log stays within its bound, whatever is written. Method: real files of a few hundred bytes. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { LogFile } from './log-file.ts'

describe('LogFile', () => {
  const path = temporaryDirectory()
  const failures: unknown[] = []
  const onFailure = (error: unknown): void => void failures.push(error)

  it('is put aside when it is full, and the oldest is removed', async () => {
    const folder = path('bounded')
    const file = new LogFile({ path: join(folder, 'log'), bytesMax: 100, onFailure })
    for (let number = 0; number < 50; number++) {
      file.write(`line ${String(number).padStart(2, '0')} of the log\n`)
      await file.flush()
    }
    expect(readdirSync(folder).sort((a, b) => (a < b ? -1 : 1))).toEqual(['log', 'log.1', 'log.2', 'log.3'])
    for (const name of readdirSync(folder)) {
      expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(100)
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
    }
    expect(readFileSync(join(folder, 'log'), 'utf8')).toContain('line 49')
    expect(await file.tail(2)).toEqual(['line 48 of the log', 'line 49 of the log'])
    expect(failures).toEqual([])
  })

  it('leaves lines out rather than memory when nobody takes them, and says so', async () => {
    const file = new LogFile({ path: join(path('slow'), 'log'), onFailure })
    const line = `${'x'.repeat(1 << 20)}\n`
    for (let number = 0; number < 10; number++) file.write(line)
    await file.flush()
    const lines = await file.tail(10)
    expect(lines.some((each) => /\d lines were left out here/.test(each))).toBe(true)
  })

  it('tells once that the disk fails, and goes on when it works again', async () => {
    failures.length = 0
    const file = new LogFile({ path: '/proc/none/log', onFailure })
    for (let number = 0; number < 3; number++) {
      file.write('lost\n')
      await file.flush()
    }
    expect(failures).toHaveLength(1)
    expect(await file.tail(5)).toEqual([])
  })
})
