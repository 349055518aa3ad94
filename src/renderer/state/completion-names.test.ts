/** The names that completion has: read when asked for, kept while newer ones are read, told of when they are there. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { MemoryWorkbench } from '../../../test/support/memory-workbench.ts'
import { WorkbenchClient } from '../client/workbench-client.ts'
import { CompletionNames, type Names } from './completion-names.ts'

expectNoLeaks()

describe('the names for completion', () => {
  let answers: PromiseWithResolvers<Names>[]
  let host: MemoryWorkbench
  let client: WorkbenchClient
  let names: CompletionNames

  beforeEach(async () => {
    answers = []
    host = new MemoryWorkbench({
      'catalog.names': () => {
        const answer = Promise.withResolvers<Names>()
        answers.push(answer)
        asked.resolve()
        return answer.promise
      },
    })
    client = new WorkbenchClient(host)
    await client.connect()
    names = new CompletionNames(client)
  })

  afterEach(() => {
    names.dispose()
    client.dispose()
  })

  let asked = Promise.withResolvers<void>()

  function named(relation: string): Names {
    const columns = ['n']
    return {
      relations: [{ schema: 'public', name: relation, kind: 'table', columns }],
      functions: [],
      searchPath: ['public'],
      isComplete: true,
    }
  }

  /** Resolves with the question that is asked next. */
  async function nextQuestion(): Promise<PromiseWithResolvers<Names>> {
    if (answers.length === 0) await asked.promise
    asked = Promise.withResolvers()
    const answer = answers.shift()
    if (!answer) throw new Error('Nothing was asked')
    return answer
  }

  function nextRead(): Promise<boolean> {
    return new Promise((resolve) => {
      const watch = names.onDidRead((isRead) => {
        watch.dispose()
        resolve(isRead)
      })
    })
  }

  it('are read once, however often they are asked for meanwhile, and told of when they are there', async () => {
    expect(names.of('i1')).toBeNull()
    expect(names.of('i1')).toBeNull()
    expect(names.isReading('i1')).toBe(true)
    expect(names.isReading('i2')).toBe(false)
    const read = nextRead()
    ;(await nextQuestion()).resolve(named('orders'))
    expect(await read).toBe(true)
    expect(names.of('i1')).toEqual(named('orders'))
    expect(names.isReading('i1')).toBe(false)
    expect(answers).toEqual([])
  })

  it('stay while newer ones are read', async () => {
    names.of('i1')
    const first = nextRead()
    ;(await nextQuestion()).resolve(named('orders'))
    await first
    names.outdate('i1')
    expect(names.of('i1')).toEqual(named('orders'))
    const second = nextRead()
    ;(await nextQuestion()).resolve(named('customers'))
    await second
    expect(names.of('i1')).toEqual(named('customers'))
    expect(names.isReading('i1')).toBe(false)
  })

  it('are read again when the schema changed while they were read for the first time', async () => {
    names.of('i1')
    names.outdate('i1')
    const first = nextRead()
    ;(await nextQuestion()).resolve(named('before'))
    await first
    expect(names.of('i1')).toEqual(named('before'))
    const second = nextRead()
    ;(await nextQuestion()).resolve(named('after'))
    await second
    expect(names.of('i1')).toEqual(named('after'))
  })

  it('that could not be read are asked for again by the next one who wants them', async () => {
    names.of('i1')
    const failed = nextRead()
    ;(await nextQuestion()).reject(new Error('no'))
    expect(await failed).toBe(false)
    expect(names.isReading('i1')).toBe(false)
    expect(names.of('i1')).toBeNull()
    const read = nextRead()
    ;(await nextQuestion()).resolve(named('orders'))
    expect(await read).toBe(true)
  })
})
