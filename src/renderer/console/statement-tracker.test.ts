// Goal: the parser is asked when the hands rest, never twice at once, never about texts that are too long.
import { expect, test } from 'vitest'
import { TestClock } from '../../base/clock.ts'
import { StatementFinder, type ParserWorker } from './statement-finder.ts'
import type { StatementQuestion } from './statement-messages.ts'
import { StatementTracker, trackedLengthMax, type TrackedText } from './statement-tracker.ts'

function setUp(length = 10) {
  const clock = new TestClock()
  const asked: StatementQuestion[] = []
  const found: string[] = []
  const worker: ParserWorker = {
    postMessage: (question) => void asked.push(question),
    terminate: () => undefined,
    onmessage: null,
    onerror: null,
  }
  const text = { version: 'v1', length, caretOffset: 0, read: () => '' }
  const tracker = new StatementTracker({
    finder: new StatementFinder(() => worker),
    clock,
    read: (): TrackedText => ({ ...text }),
    onFound: (_statement, version) => void found.push(version),
  })
  const questions = (): number => asked.filter(({ kind }) => kind === 'at').length
  const answer = async (): Promise<void> => {
    const last = asked.findLast((question) => question.kind === 'at')
    if (last) worker.onmessage?.({ data: { id: last.id, kind: 'found', statement: null } })
    await settle()
  }
  return { clock, tracker, text, found, questions, answer }
}

/** Lets promises that have been resolved be noticed. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
}

test('asks once after a burst of typing', async () => {
  const { clock, tracker, questions } = setUp()
  for (let key = 0; key < 10; key += 1) {
    tracker.textChanged()
    tracker.caretMoved()
    clock.advance(10)
  }
  await settle()
  expect(questions()).toBe(0)
  clock.advance(100)
  await settle()
  expect(questions()).toBe(1)
})

test('asks at once when only the caret moved', async () => {
  const { clock, tracker, questions } = setUp()
  tracker.caretMoved()
  clock.advance(0)
  await settle()
  expect(questions()).toBe(1)
})

test('what changes while the parser thinks is asked about when it has answered', async () => {
  const { clock, tracker, text, found, questions, answer } = setUp()
  tracker.textChanged()
  clock.advance(1_000)
  await settle()
  for (const version of ['v2', 'v3']) {
    text.version = version
    tracker.textChanged()
    clock.advance(1_000)
    await settle()
  }
  expect(questions()).toBe(1)
  await answer()
  expect(questions()).toBe(2)
  await answer()
  expect(found).toEqual(['v1', 'v3'])
})

test('a text that is too long is not sent at all', async () => {
  const { clock, tracker, found, questions } = setUp(trackedLengthMax + 1)
  tracker.textChanged()
  clock.advance(10_000)
  await settle()
  expect([questions(), found]).toEqual([0, ['v1']])
})
