/** That the next engine finds a thread, that it is never one that has ended, and that none stays. Real threads. */

import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TestClock } from '../../../base/clock.ts'
import { openTimeoutMs, testTemplatesDirectory } from '../../../../test/support/engine-fixture.ts'
import { expectNoLeaks } from '../../../../test/support/leak-check.ts'
import type { Engine } from '../engine.ts'
import { PgliteEngineFactory } from './pglite-engine-factory.ts'

describe('the thread that waits for the next engine', { timeout: openTimeoutMs }, () => {
  expectNoLeaks()
  let clock: TestClock
  let factory: PgliteEngineFactory
  let workers: Worker[]
  const onWorker = (worker: Worker): void => {
    if (worker.threadName?.startsWith('wardian-engine')) workers.push(worker)
  }

  beforeEach(() => {
    workers = []
    process.on('worker', onWorker)
    clock = new TestClock()
    factory = new PgliteEngineFactory({
      ...{ templatesDirectory: testTemplatesDirectory, clock, keepsSpare: true },
    })
  })
  afterEach(async () => {
    await factory.dispose()
    process.off('worker', onWorker)
  })

  const open = (): Promise<Engine> => factory.open({ directory: null, durability: 'relaxed' })
  /** It is started in a turn of its own. */
  async function started(count: number): Promise<void> {
    await expect.poll(() => workers.length, { timeout: openTimeoutMs }).toBe(count)
  }

  test('is started behind an engine, and taken by the next', async () => {
    await open()
    expect(workers).toHaveLength(1)
    clock.advance(250)
    await started(2)
    await open()
    expect(workers).toHaveLength(2)
  })

  test('is started when an engine is announced, once', async () => {
    factory.prepare()
    factory.prepare()
    await started(1)
    await open()
    expect(workers).toHaveLength(1)
  })

  test('ends when nobody has needed it for a while, and the next engine starts its own', async () => {
    factory.prepare()
    await started(1)
    const ended = new Promise((resolve) => workers[0]?.once('exit', resolve))
    clock.advance(60_000)
    await ended
    await open()
    expect(workers).toHaveLength(2)
  })

  test('is not given to anybody when it has ended', async () => {
    factory.prepare()
    await started(1)
    await workers[0]?.terminate()
    const engine = await open()
    expect(engine.info.serverVersion).toMatch(/^18/)
    expect(workers).toHaveLength(2)
  })

  test('is ended with the factory, and none is started after that', async () => {
    factory.prepare()
    await started(1)
    await factory.dispose()
    expect(workers[0]?.threadId).toBe(-1)
    factory.prepare()
    expect(workers).toHaveLength(1)
  })
})
