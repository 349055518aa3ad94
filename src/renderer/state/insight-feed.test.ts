/** What is read while somebody looks, how often, and what is kept when reading fails. */

import { describe, expect, it } from 'vitest'
import { TestClock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { InsightFeed } from './insight-feed.ts'

expectNoLeaks()

interface Asked {
  readonly instanceId: string
  readonly signal: AbortSignal
  readonly answer: PromiseWithResolvers<string>
}

function feedWith(clock: TestClock) {
  const asked: Asked[] = []
  const feed = new InsightFeed((instanceId, signal) => {
    const answer = Promise.withResolvers<string>()
    asked.push({ instanceId, signal, answer })
    return answer.promise
  }, clock)
  const last = (): Asked =>
    asked.at(-1) ?? { instanceId: '', signal: AbortSignal.abort(), answer: Promise.withResolvers() }
  return { feed, asked, last }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('a feed', () => {
  it('reads again once in a while, as long as somebody looks', async () => {
    const clock = new TestClock()
    const { feed, asked, last } = feedWith(clock)
    const looking = feed.look('one')
    last().answer.resolve('first')
    await settled()
    expect(feed.state.value).toMatchObject({ answer: 'first', isReading: false, error: null })
    clock.advance(10_000)
    expect(asked).toHaveLength(2)
    looking.dispose()
    expect(last().signal.aborted).toBe(true)
    clock.advance(60_000)
    expect(asked).toHaveLength(2)
    feed.dispose()
  })

  it('keeps the last answer beside the error, but not that of another instance', async () => {
    const { feed, last } = feedWith(new TestClock())
    feed.look('one')
    last().answer.resolve('first')
    await settled()
    feed.refresh()
    last().answer.reject(new WorkbenchError('in-use', 'console 1 has the backend'))
    await settled()
    expect(feed.state.value).toMatchObject({ answer: 'first', error: { code: 'in-use' } })
    feed.look('two')
    expect(feed.state.value).toMatchObject({ instanceId: 'two', answer: null, error: null })
    feed.dispose()
  })

  it('does not take the answer of a question that was left', async () => {
    const { feed, asked, last } = feedWith(new TestClock())
    feed.look('one')
    feed.look('two')
    last().answer.resolve('of two')
    asked[0]?.answer.resolve('of one')
    await settled()
    expect(feed.state.value).toMatchObject({ instanceId: 'two', answer: 'of two' })
    feed.dispose()
  })
})
