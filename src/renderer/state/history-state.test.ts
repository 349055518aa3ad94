/** The list of the history: pages, searches and changes, asked for only while somebody looks. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TestClock } from '../../base/clock.ts'
import type { HistoryEntry } from '../../contract/workspace.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { MemoryWorkbench } from '../../../test/support/memory-workbench.ts'
import { WorkbenchClient } from '../client/workbench-client.ts'
import { HistoryState } from './history-state.ts'

expectNoLeaks()

function entry(id: number): HistoryEntry {
  return {
    id,
    text: id % 2 === 0 ? `select ${id}` : `update ${id}`,
    isTextCut: false,
    instanceName: 'playground',
    startedAtMs: id,
    status: 'ok',
    durationMs: 1,
    rowCount: 1,
    commandTag: 'SELECT 1',
    errorCode: null,
    errorMessage: null,
  }
}

describe('the history list', () => {
  let stored: HistoryEntry[]
  let searches: number
  let host: MemoryWorkbench
  let client: WorkbenchClient
  let clock: TestClock
  let history: HistoryState

  beforeEach(async () => {
    stored = Array.from({ length: 250 }, (_, index) => entry(250 - index))
    searches = 0
    host = new MemoryWorkbench({
      'history.search': ({ search, beforeId, limit }) => {
        searches += 1
        const matching = stored.filter(
          ({ id, text }) => text.includes(search) && (beforeId === null || id < beforeId),
        )
        return Promise.resolve({ entries: matching.slice(0, limit), hasMore: matching.length > limit })
      },
      'history.remove': ({ entryId }) => {
        stored = stored.filter(({ id }) => id !== entryId)
        return Promise.resolve(null)
      },
    })
    client = new WorkbenchClient(host)
    await client.connect()
    clock = new TestClock()
    history = new HistoryState(client, clock)
  })

  afterEach(() => {
    history.dispose()
    client.dispose()
  })

  const ids = (): number[] => history.list.value.entries.map(({ id }) => id)

  /** Waits until nothing is being loaded. */
  async function settled(): Promise<void> {
    await new Promise<void>((resolve) => {
      const watch = history.list.onDidChange(() => {
        if (history.list.value.isLoading) return
        watch.dispose()
        resolve()
      })
    })
  }

  it('brings the newest first and older ones behind them, each once', async () => {
    await history.refresh()
    expect(ids()).toHaveLength(100)
    await history.loadMore()
    await history.loadMore()
    expect(ids()).toEqual(stored.map(({ id }) => id))
    expect(history.list.value.hasMore).toBe(false)
  })

  it('asks once for a burst of changes, and not at all while nobody looks', async () => {
    host.emit('history.didChange', { entryId: 1 })
    await client.call('history.remove', { entryId: 1 })
    clock.advance(1_000)
    expect(searches).toBe(0)
    const watching = history.watch()
    await settled()
    for (let id = 0; id < 20; id += 1) host.emit('history.didChange', { entryId: 300 })
    await client.call('history.remove', { entryId: 2 })
    clock.advance(1_000)
    await settled()
    expect(searches).toBe(2)
    watching.dispose()
  })

  it('shows the answer to the last question, whichever comes last', async () => {
    let answerFirst = (): void => undefined
    host.beforeCall = () => new Promise<void>((resolve) => (answerFirst = resolve))
    const first = history.refresh()
    await host.turn()
    host.beforeCall = () => undefined
    history.query.patch({ search: 'update' })
    await history.refresh()
    answerFirst()
    await first
    expect(history.list.value.entries.every(({ text }) => text.startsWith('update'))).toBe(true)
  })

  it('forgets an entry that is removed', async () => {
    await history.refresh()
    await history.remove(249)
    expect(ids()).not.toContain(249)
    await history.refresh()
    expect(ids()).not.toContain(249)
  })
})
