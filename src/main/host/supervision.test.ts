/** When an engine that ends by itself is started again, and what its instance tells. */

import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { ScriptedEngineFactory } from '../../../test/support/scripted-engine.ts'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { TestClock, type Clock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { CrashNote } from '../../contract/supervision.ts'
import { HostedInstance } from './hosted-instance.ts'
import { newRecordFields } from './instance-record.ts'
import { Supervision } from './supervision.ts'

expectNoLeaks()
const path = temporaryDirectory()

function hosted(directory: string | null, clock: Clock): [HostedInstance, ScriptedEngineFactory] {
  const factory = new ScriptedEngineFactory()
  const instance = new HostedInstance({
    record: {
      ...{ ...newRecordFields, id: 'i', name: 'shop', createdAtMs: 0 },
    },
    ...{ directory, factory, clock },
    holder: { processId: 1, program: 'a test', startedAtMs: 0, endpoint: null },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  })
  return [instance, factory]
}

async function until(instance: HostedInstance, state: string): Promise<void> {
  while (instance.describe().state !== state) await new Promise((resolve) => setImmediate(resolve))
}

it('waits longer from crash to crash, stays down at the fourth, and forgets what is a minute old', () => {
  const clock = new TestClock()
  const supervision = new Supervision(clock)
  const end = { message: 'over', log: Array.from({ length: 300 }, (_, line) => String(line)) }
  expect([0, 1, 2].map(() => supervision.noteCrash(end))).toEqual([0, 500, 2_000])
  clock.advance(60_001)
  expect(supervision.noteCrash(end)).toBe(0)
  expect([1, 2, 3].map(() => supervision.noteCrash(end))).toEqual([500, 2_000, null])
  expect([supervision.isDown, supervision.recentCount]).toEqual([true, 4])
  supervision.forgive()
  expect([supervision.isDown, supervision.noteCrash(end)]).toEqual([false, 0])
  for (let count = 0; count < 20; count += 1) supervision.noteCrash(end)
  expect(supervision.crashes).toHaveLength(10)
  expect(supervision.crashes[0]?.log).toEqual(end.log.slice(-100))
})

it('tells each crash with what the engine said last, starts it again, and at last stays down', async () => {
  const clock = new TestClock()
  const [instance, factory] = hosted(path('shop'), clock)
  const notes: CrashNote[] = []
  instance.onDidCrash((note) => notes.push(note))
  await instance.start()
  for (const delayMs of [0, 500, 2_000]) {
    factory.last.crash()
    expect(instance.describe().state).toBe('restarting')
    // The back-off begins when what was before is closed.
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(delayMs)
    await until(instance, 'ready')
    // It runs already: as commands and windows ask for it.
    await instance.start()
  }
  factory.last.crash()
  expect(instance.describe()).toMatchObject({
    state: 'failed',
    failure: expect.stringMatching(
      /ended 4 times within a minute \(The engine crashed\)\. What was committed/,
    ),
  })
  expect(notes.map(({ next }) => next)).toEqual(['restarts', 'restarts', 'restarts', 'stays-down'])
  expect(notes[0]).toMatchObject({ instanceId: 'i', name: 'shop', crash: { message: 'The engine crashed' } })
  expect(instance.crashes).toEqual(notes.map(({ crash }) => crash))
  await expect(instance.engine()).rejects.toMatchObject({ code: 'engine-crashed' })
  await instance.start()
  expect(instance.describe()).toMatchObject({ state: 'ready', failure: null })
  await instance.end()
})

it('says of what was in memory that it is gone', async () => {
  const [instance, factory] = hosted(null, new TestClock())
  const notes: CrashNote[] = []
  instance.onDidCrash((note) => notes.push(note))
  await instance.start()
  factory.last.crash()
  expect(notes.map(({ next }) => next)).toEqual(['lost'])
  expect(instance.describe().failure).toMatch(/what this instance had in memory is gone/)
  await instance.end()
})

it('makes no directory in the place of one that was taken away, and goes on when it is back', async () => {
  const directory = path('moved')
  const [instance] = hosted(directory, new TestClock())
  await instance.start()
  await instance.stop()
  renameSync(directory, path('away'))
  await expect(instance.start()).rejects.toMatchObject({
    ...{ code: 'not-found', message: expect.stringContaining(`The directory of shop is gone: ${directory}`) },
  })
  expect(instance.describe()).toMatchObject({ state: 'failed' })
  expect(existsSync(directory)).toBe(false)
  renameSync(path('away'), directory)
  await instance.start()
  expect(instance.describe()).toMatchObject({ state: 'ready', failure: null })
  await instance.end()
})

it('notices that the directory is not there any more although nobody writes, and stays down', async () => {
  const directory = path('idle')
  const data = join(directory, 'data')
  mkdirSync(data, { recursive: true })
  const clock = new TestClock()
  const [instance] = hosted(directory, clock)
  const notes: CrashNote[] = []
  instance.onDidCrash((note) => notes.push(note))
  await instance.start()
  clock.advance(5_000)
  await new Promise((resolve) => setImmediate(resolve))
  expect(instance.describe().state).toBe('ready')
  renameSync(data, path('idle-away'))
  while (instance.describe().state === 'ready') {
    clock.advance(5_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(instance.describe()).toMatchObject({ state: 'failed', failure: expect.stringMatching(/ is gone: /) })
  expect(notes.map(({ next }) => next)).toEqual(['stays-down'])
  expect(instance.afterCrash).toContain(' is gone: ')
  await expect(instance.engine()).rejects.toMatchObject({ code: 'engine-crashed' })
  renameSync(path('idle-away'), data)
  await instance.start()
  expect(instance.describe()).toMatchObject({ state: 'ready', failure: null })
  await instance.end()
})

it('starts an engine once more that ends while it is started again, and at last stays down', async () => {
  const delaysMs: number[] = []
  /** Time stands still, and back-offs pass at once. */
  const clock: Clock = {
    nowMs: () => 0,
    monotonicMs: () => 0,
    after(delayMs, action) {
      delaysMs.push(delayMs)
      setImmediate(action)
      return { dispose: () => undefined }
    },
  }
  const [instance, factory] = hosted(path('ending'), clock)
  const notes: CrashNote[] = []
  instance.onDidCrash((note) => notes.push(note))
  await instance.start()
  factory.failures = Array.from({ length: 3 }, () => new WorkbenchError('engine-unresponsive', 'It hung'))
  factory.last.crash()
  while (notes.length < 4) await new Promise((resolve) => setImmediate(resolve))
  expect(delaysMs).toEqual([500, 2_000])
  expect(notes.map(({ next }) => next)).toEqual(['restarts', 'restarts', 'restarts', 'stays-down'])
  expect(instance.describe().failure).toContain('ended 4 times within a minute (It hung)')
  await instance.start()
  expect(instance.describe().state).toBe('ready')
  await instance.end()
})
