/** What a window shows of kept results: asked for only while somebody looks. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cacheExamples } from '../../../test/support/cache-examples.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { MemoryWorkbench } from '../../../test/support/memory-workbench.ts'
import type { CacheState as KeptState } from '../../contract/cache.ts'
import { WorkbenchClient } from '../client/workbench-client.ts'
import { CacheState } from './cache-state.ts'

expectNoLeaks()

describe('the cache of the database that is looked at', () => {
  let kept: KeptState
  let host: MemoryWorkbench
  let client: WorkbenchClient
  let cache: CacheState

  beforeEach(async () => {
    kept = cacheExamples['cache.state'].result
    host = new MemoryWorkbench({
      'cache.state': () => Promise.resolve(kept),
      'cache.clear': ({ entryId }) => {
        const entries = kept.entries.filter((entry) => entryId !== null && entry.entryId !== entryId)
        kept = { ...kept, entries }
        return Promise.resolve(null)
      },
      'cache.setOptions': ({ options }) => {
        kept = { ...kept, options }
        return Promise.resolve(options)
      },
    })
    client = new WorkbenchClient(host)
    await client.connect()
    cache = new CacheState(client)
  })
  afterEach(() => {
    cache.dispose()
    client.dispose()
  })

  it('is asked for when somebody looks, and when it has changed, and forgotten afterwards', async () => {
    host.emit('cache.didChange', { instanceId: 'i1' })
    await host.idle()
    expect(host.calls).not.toContain('cache.state')
    const look = cache.look('i1')
    await host.idle()
    expect(cache.known.value).toEqual({ instanceId: 'i1', state: kept })
    kept = { ...kept, bytes: 7 }
    host.emit('cache.didChange', { instanceId: 'i2' })
    host.emit('cache.didChange', { instanceId: 'i1' })
    await host.idle()
    expect(cache.known.value?.state.bytes).toBe(7)
    expect(host.calls.filter((name) => name === 'cache.state')).toHaveLength(2)
    look.dispose()
    expect(cache.known.value).toBeNull()
  })

  it('forgets one result, or all, and is set', async () => {
    cache.look('i1')
    await cache.clear('i1', 'e1')
    expect(cache.known.value?.state.entries).toEqual([])
    await cache.setOptions('i1', { ...kept.options, isOn: false })
    expect(cache.known.value?.state.options.isOn).toBe(false)
  })
})
