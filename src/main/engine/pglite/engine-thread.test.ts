/** That one engine's thread which takes ever more memory ends alone. Real threads; the inspector makes it take it. */

import type { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { present } from '../../../base/assert.ts'
import type { WorkbenchError } from '../../../contract/error.ts'
import {
  engineFixture,
  openTimeoutMs,
  testTemplatesDirectory,
  valueOf,
} from '../../../../test/support/engine-fixture.ts'
import { PgliteEngineFactory } from './pglite-engine-factory.ts'
import { WorkerInterrupter } from './worker-interrupter.ts'

/** Less than the product's, which would take seconds to fill; several times what an engine has. */
const heapMegabytes = 256

/** Eight megabytes each time, when it has nothing to do. */
const takeMemory = 'Atomics.wait = () => { for (const all = []; ; ) all.push(new Array(1e6).fill(all)) }'

describe('an engine whose thread takes ever more memory', { timeout: openTimeoutMs }, () => {
  const factory = new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory, heapMegabytes })
  const { open } = engineFixture(factory)
  const interrupter = new WorkerInterrupter()
  const workers: Worker[] = []
  const remember = (worker: Worker): void => void workers.push(worker)

  beforeAll(() => void process.on('worker', remember))
  afterAll(() => {
    process.off('worker', remember)
    interrupter.dispose()
  })

  test('ends alone, and says of what', async () => {
    const other = await open()
    const greedy = await open()
    const crashed = new Promise<WorkbenchError>((resolve) => greedy.onDidCrash(resolve))
    const thread = workers.findLast(({ threadName }) => threadName?.startsWith('wardian-engine'))
    // V8's own limit, which is as large as the machine allows, would end it the same way, much later.
    expect(thread?.resourceLimits).toMatchObject({ maxOldGenerationSizeMb: heapMegabytes })
    interrupter.evaluate(present(thread?.threadName, 'the name'), takeMemory)
    // It takes something up once more, and then has nothing to do.
    await valueOf(greedy, 'select 1').catch(() => null)
    expect(await crashed).toMatchObject({
      code: 'engine-crashed',
      message: expect.stringMatching(/ended unexpectedly: .*reaching memory limit/),
    })
    expect(await valueOf(other, 'select 2')).toBe('2')
  })
})
