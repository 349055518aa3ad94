/** One instance with an engine whose behaviour the test decides. */

import { expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { ScriptedEngineFactory } from '../../../test/support/scripted-engine.ts'
import { TestClock } from '../../base/clock.ts'
import { HostedInstance } from './hosted-instance.ts'
import { newRecordFields } from './instance-record.ts'

expectNoLeaks()

it('hands out its engine when the sample is in it, also to who asks while it is put in', async () => {
  const factory = new ScriptedEngineFactory()
  const instance = new HostedInstance({
    record: {
      ...{ ...newRecordFields, id: 'i', name: 'i', createdAtMs: 0, awaitsSample: true },
    },
    ...{ directory: null, factory, clock: new TestClock() },
    holder: { processId: 1, program: 'a test', startedAtMs: 0, endpoint: null },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  })
  const first = instance.engine()
  while ((factory.opened[0]?.engine.log.length ?? 0) < 3) await Promise.resolve()
  await instance.engine()
  expect(factory.last.log.at(-1)).toBe('COMMIT')
  await first
  await instance.end()
})
