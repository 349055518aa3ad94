// Goal: a text is sent once, questions are answered in order, and a worker that fails is replaced. Method: a
// worker that the test answers for.
import { expect, test } from 'vitest'
import { StatementFinder, type ParserWorker } from './statement-finder.ts'
import type { StatementQuestion } from './statement-messages.ts'

class FakeWorker implements ParserWorker {
  readonly questions: StatementQuestion[] = []
  isTerminated = false
  onmessage: ParserWorker['onmessage'] = null
  onerror: ParserWorker['onerror'] = null

  postMessage(question: StatementQuestion): void {
    this.questions.push(question)
    if (question.kind !== 'at' || question.offset < 0) return
    const statement = { start: question.offset, length: 1, terminatedEnd: question.offset + 1 }
    queueMicrotask(() => this.onmessage?.({ data: { id: question.id, kind: 'found', statement } }))
  }

  terminate(): void {
    this.isTerminated = true
  }
}

function setUp(): { finder: StatementFinder; workers: FakeWorker[] } {
  const workers: FakeWorker[] = []
  const finder = new StatementFinder(() => {
    const worker = new FakeWorker()
    workers.push(worker)
    return worker
  })
  return { finder, workers }
}

const text = (version: string) => ({ version, read: () => `text of ${version}` })

test('a text is sent once for many questions, and again when it has changed', async () => {
  const { finder, workers } = setUp()
  const found = await Promise.all([
    finder.find(text('a'), 1),
    finder.find(text('a'), 2),
    finder.find(text('b'), 3),
  ])
  expect(found.map((statement) => statement?.start)).toEqual([1, 2, 3])
  expect(workers[0]?.questions.map(({ kind, version }) => `${kind} ${version}`)).toEqual([
    'text a',
    'at a',
    'at a',
    'text b',
    'at b',
  ])
})

test('a worker that fails rejects its question and is replaced for the next', async () => {
  const { finder, workers } = setUp()
  const failing = finder.find(text('a'), -1)
  await Promise.resolve()
  workers[0]?.onerror?.({ message: 'out of memory' })
  await expect(failing).rejects.toThrow('out of memory')
  expect(workers[0]?.isTerminated).toBe(true)
  expect(await finder.find(text('a'), 5)).toMatchObject({ start: 5 })
  expect(workers[1]?.questions[0]).toMatchObject({ kind: 'text', version: 'a' })
})

test('a closed editor ends the worker and what it was asked', async () => {
  const { finder, workers } = setUp()
  const asked = finder.find(text('a'), -1)
  await Promise.resolve()
  finder.dispose()
  await expect(asked).rejects.toMatchObject({ code: 'closed' })
  await expect(finder.find(text('a'), 1)).rejects.toMatchObject({ code: 'closed' })
  expect(workers.map(({ isTerminated }) => isTerminated)).toEqual([true])
})
