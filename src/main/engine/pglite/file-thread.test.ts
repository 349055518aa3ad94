/** That one thread fills several directories, ends when nobody needs it, and is started again. Real threads. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TestClock } from '../../../base/clock.ts'
import type { TemplateSource } from './engine-message.ts'
import { FileThread } from './file-thread.ts'
import { writeImage } from './write-image.ts'

/** Takes long enough to be interrupted. */
const wasmFile = '@electric-sql/pglite/pglite.wasm'

describe('the thread that fills directories', () => {
  let home: string
  let template: TemplateSource
  let clock: TestClock
  let thread: FileThread
  let workers: Worker[]
  const onWorker = (worker: Worker): number => workers.push(worker)

  beforeEach(() => {
    workers = []
    process.on('worker', onWorker)
    home = mkdtempSync(join(tmpdir(), 'wardian-files-'))
    mkdirSync(join(home, 'made'))
    writeFileSync(join(home, 'made', 'file'), 'x')
    const imageFile = join(home, 'image')
    template = { imageFile, contents: writeImage(join(home, 'made'), imageFile) }
    clock = new TestClock()
    thread = new FileThread({ compileCacheDirectory: join(home, 'compiled'), clock })
  })
  afterEach(async () => {
    await thread.dispose()
    process.off('worker', onWorker)
    rmSync(home, { recursive: true, force: true })
  })

  const fill = (name: string): Promise<void> =>
    thread.fill({ directory: join(home, name), template, isDurable: true })

  test('fills several directories, at once and one after the other', async () => {
    await Promise.all([fill('a'), fill('b')])
    await fill('c')
    for (const name of ['a', 'b', 'c']) expect(readdirSync(join(home, name))).toEqual(['file'])
    expect(workers).toHaveLength(1)
  })

  test('a failure is told to its caller, and leaves the others alone', async () => {
    writeFileSync(join(home, 'taken'), '')
    const [bad, good] = await Promise.allSettled([fill('taken'), fill('good')])
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'invalid-argument' } })
    expect(good.status).toBe('fulfilled')
  })

  test('ends when it has had nothing to do for a while, and starts again', async () => {
    await fill('a')
    const [worker] = workers
    const ended = new Promise((resolve) => worker?.once('exit', resolve))
    clock.advance(60_000)
    await ended
    await fill('b')
    expect(workers).toHaveLength(2)
  })

  test('a thread that ends fails what it was doing, and the next task gets another', async () => {
    await fill('a')
    const compiling = thread.compile(createRequire(import.meta.url).resolve(wasmFile))
    await Promise.all([workers[0]?.terminate(), expect(compiling).rejects.toThrow('has ended')])
    await expect(fill('b')).resolves.toBeUndefined()
  })

  test('its end waits for what is under way, and nothing begins after it', async () => {
    const filling = fill('a')
    await thread.dispose()
    await expect(filling).resolves.toBeUndefined()
    await expect(fill('b')).rejects.toMatchObject({ code: 'closed' })
  })
})
