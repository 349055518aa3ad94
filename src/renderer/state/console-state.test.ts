/** Tabs of one window against a host over a real port. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TestClock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { emptyOutcome, int4Column } from '../../../test/support/int4-batch.ts'
import { MemoryWorkbench } from '../../../test/support/memory-workbench.ts'
import { WorkbenchClient } from '../client/workbench-client.ts'
import { ConsoleState } from './console-state.ts'

expectNoLeaks()

describe('the tabs of a window', () => {
  let host: MemoryWorkbench
  let client: WorkbenchClient
  let consoles: ConsoleState

  beforeEach(async () => {
    host = new MemoryWorkbench()
    client = new WorkbenchClient(host)
    await client.connect()
    consoles = new ConsoleState(client, new TestClock())
    for (const title of ['a', 'b', 'c'])
      await consoles.create({ title, instanceId: 'i1', text: `-- ${title}` })
  })

  afterEach(() => {
    consoles.dispose()
    client.dispose()
  })

  const titles = (): string[] => consoles.tabs.value.map((tab) => tab.label.value.title)
  const active = (): string | undefined => consoles.activeTab.value?.label.value.title

  it('gives the place of a closed tab to its neighbour', async () => {
    consoles.activate('t2')
    await consoles.close('t2')
    expect([titles(), active()]).toEqual([['a', 'c'], 'c'])
    await consoles.close('t3')
    await consoles.close('t1')
    expect([titles(), active()]).toEqual([[], undefined])
  })

  it('does not close a tab whose text could not be stored', async () => {
    host.beforeCall = (name) => {
      if (name === 'tab.edit') throw new WorkbenchError('disk-full', 'The disk is full')
    }
    consoles.tab('t1')?.didEdit([{ offset: 0, deleted: 0, inserted: 'x' }])
    await expect(consoles.close('t1')).rejects.toMatchObject({ code: 'storage-failed' })
    expect(titles()).toEqual(['a', 'b', 'c'])
  })

  it('stores the first text of a tab and gives it to the editor without asking for it', async () => {
    await consoles.flush()
    expect(host.tabs.map(({ text }) => text)).toEqual(['-- a', '-- b', '-- c'])
    expect(await consoles.tab('t2')?.text.load()).toBe('-- b')
    expect(host.calls).not.toContain('tab.read')
  })

  it('reads the exact text of a tab that the host kept', async () => {
    host.tabs.push({
      id: 'kept',
      title: 'kept',
      instanceId: null,
      text: 'ä😀\ud800\0',
      version: 3,
      cursorOffset: 2,
    })
    consoles.restore(await client.call('workspace.claim', { preferredId: null }))
    expect(await consoles.tab('kept')?.text.load()).toBe('ä😀\ud800\0')
    expect(consoles.tab('kept')?.text.initialCursorOffset).toBe(2)
  })

  it('sends what is left at once when the window goes away', async () => {
    await consoles.flush()
    const tab = consoles.tab('t1')
    for (const letter of 'xyz') tab?.didEdit([{ offset: 0, deleted: 0, inserted: letter }])
    consoles.sendAtOnce()
    await host.idle()
    expect(host.tabs[0]?.text).toBe('zyx-- a')
  })

  it('runs the statement of a kept result again where it stood, and only of one that was kept', async () => {
    const tab = consoles.tab('t1')
    const uses: (string | undefined)[] = []
    host.runStatement = async function* ({ useCache }) {
      uses.push(useCache)
      yield { value: { kind: 'started', index: 0, count: 1, start: 0, length: 8 } }
      yield { value: { kind: 'columns', index: 0, columns: [int4Column] } }
      const cached = useCache === 'refresh' ? {} : { cached: { savedMs: 12, storedAtMs: 1 } }
      yield { value: { kind: 'completed', index: 0, outcome: { ...emptyOutcome, ...cached } } }
    }
    await tab?.run({ text: 'select 1', start: 5, mode: 'statement' })
    const kept = tab?.refreshable
    expect(kept).toMatchObject({ statementText: 'select 1', start: 5 })
    if (kept) await tab?.refresh(kept)
    expect(uses).toEqual([undefined, 'refresh'])
    expect(tab?.refreshable).toBeNull()
  })

  it('uses no kept results where it is told so, in each session that it opens', async () => {
    const told: unknown[] = []
    const tellable = new MemoryWorkbench({
      'cache.setSession': (params) => Promise.resolve((told.push(params), null)),
    })
    const other = new WorkbenchClient(tellable)
    await other.connect()
    const others = new ConsoleState(other, new TestClock())
    const tab = await others.create({ title: 'a', instanceId: 'i1', text: '' })
    const request = { text: 'select 1', start: 0, mode: 'statement' } as const
    await tab.run(request)
    expect(told).toEqual([])
    await tab.setUsesCache(false)
    await others.setInstance(tab.id, 'i2')
    await tab.run(request)
    await tab.setUsesCache(true)
    await others.setInstance(tab.id, 'i1')
    await tab.run(request)
    expect(told).toEqual([
      { sessionId: 's1', isOn: false },
      { sessionId: 's2', isOn: false },
      { sessionId: 's2', isOn: true },
    ])
    others.dispose()
    other.dispose()
  })

  it('refuses to move a running tab to another database, and ends the session of an idle one', async () => {
    const tab = consoles.tab('t1')
    await tab?.run({ text: 'select 1', start: 0, mode: 'statement' })
    await consoles.setInstance('t1', 'i2')
    expect(tab?.label.value.instanceId).toBe('i2')
    expect(host.calls).toContain('session.close')
    host.runStatement = async function* () {
      await expect(consoles.setInstance('t1', 'i1')).rejects.toMatchObject({ code: 'in-use' })
      yield { value: { kind: 'waiting', holder: 'x', holderInTransaction: false } }
    }
    await tab?.run({ text: 'select 1', start: 0, mode: 'statement' })
  })
})
