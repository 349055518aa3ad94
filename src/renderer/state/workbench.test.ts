/** One window's state as a whole, against a host over a real port: start, loss of the host, what changes what. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TestClock } from '../../base/clock.ts'
import type { Instance } from '../../contract/instance.ts'
import { catalogNode } from '../../../test/support/catalog-nodes.ts'
import { exampleInstance } from '../../../test/support/example-instance.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { MemoryWorkbench } from '../../../test/support/memory-workbench.ts'
import { WorkbenchClient } from '../client/workbench-client.ts'
import type { Readable } from './store.ts'
import { Workbench, type WindowMemory } from './workbench.ts'

expectNoLeaks()

const playground: Instance = { ...exampleInstance, id: 'i1', name: 'playground', createdAtMs: 1 }
const scratch: Instance = { ...playground, id: 'i2', name: 'scratch', storage: 'memory', createdAtMs: 2 }

/** Resolves when `store` has a value that `isWanted` accepts. */
async function until<T>(store: Readable<T>, isWanted: (value: T) => boolean): Promise<void> {
  if (isWanted(store.value)) return
  await new Promise<void>((resolve) => {
    const watch = store.onDidChange(() => {
      if (!isWanted(store.value)) return
      watch.dispose()
      resolve()
    })
  })
}

describe('a window', () => {
  let host: MemoryWorkbench
  let clock: TestClock
  let workbench: Workbench
  let remembered: string | null
  const memory: WindowMemory = {
    read: () => remembered,
    write: (workspaceId) => {
      remembered = workspaceId
    },
  }

  beforeEach(async () => {
    remembered = null
    clock = new TestClock()
    host = new MemoryWorkbench({
      'host.describe': () =>
        Promise.resolve({
          version: '0.1.0',
          shell: 'serve',
          dataDirectory: 'data',
          processId: 1,
          nodeVersion: '24.0.0',
          notices: [],
        }),
      'settings.get': () => Promise.resolve({ theme: 'dark', rowHeight: 'compact', editorFontSizePx: 13 }),
      'instance.list': () => Promise.resolve([playground, scratch]),
      'history.search': () => Promise.resolve({ entries: [], hasMore: false }),
      'instance.delete': () => Promise.resolve(null),
      'catalog.list': ({ level }) =>
        Promise.resolve({ nodes: level === 'root' ? [catalogNode('schema', 'public', 1)] : [], total: 1 }),
    })
    workbench = new Workbench(new WorkbenchClient(host, clock), memory, clock)
    await workbench.start()
    await until(workbench.phase, ({ kind }) => kind === 'ready')
  })

  afterEach(() => workbench.dispose())

  it('has a console on the oldest database when there was none, and remembers its workspace', () => {
    expect(workbench.consoles.tabs.value.map((tab) => tab.label.value)).toEqual([
      { title: 'console 1', instanceId: 'i1' },
    ])
    expect(remembered).toBe('w1')
    expect(workbench.consoles.activeTab.value?.text.current).toContain('from orders')
  })

  it('connects again by itself and stores what was typed meanwhile', async () => {
    const [tab] = workbench.consoles.tabs.value
    tab?.text.attach({ getText: () => 'typed while away' })
    host.drop()
    await until(workbench.connection, ({ kind }) => kind === 'waiting')
    tab?.didEdit([{ offset: 0, deleted: 0, inserted: 'typed while away' }])
    expect(workbench.consoles.hasUnsaved).toBe(true)
    clock.advance(10_000)
    await until(workbench.connection, ({ kind }) => kind === 'connected')
    await host.idle()
    expect(host.tabs[0]?.text).toBe('typed while away')
    expect(workbench.consoles.tabs.value[0]).toBe(tab)
  })

  it('hears what the host announces after it has connected again', async () => {
    host.drop()
    await until(workbench.connection, ({ kind }) => kind === 'waiting')
    clock.advance(10_000)
    await until(workbench.connection, ({ kind }) => kind === 'connected')
    await host.idle()
    host.emit('host.didSample', { rssBytes: 7, eventLoopDelayMaxMs: 1 })
    await host.turn()
    expect(workbench.host.sample.value?.rssBytes).toBe(7)
  })

  it('follows the tab in front with its database', async () => {
    await workbench.switchInstance('i2')
    expect(workbench.instances.currentId.value).toBe('i2')
    expect(workbench.consoles.activeTab.value?.label.value.instanceId).toBe('i2')
    await workbench.consoles.create({ title: 'other', instanceId: 'i1' })
    expect(workbench.instances.currentId.value).toBe('i1')
  })

  it('keeps the tabs of a database that is deleted, without a database', async () => {
    await workbench.instances.remove('i1')
    expect(workbench.consoles.tabs.value[0]?.label.value.instanceId).toBeNull()
    expect(workbench.instances.currentId.value).toBe('i2')
  })

  it('reads the tree again after a statement that changes the schema, and not after others', async () => {
    const tab = workbench.consoles.activeTab.value
    await until(workbench.explorer.tree, ({ items }) => items.length > 0)
    const asked = (): number => host.calls.filter((name) => name === 'catalog.list').length
    const runWith = async (commandTag: string): Promise<void> => {
      host.runStatement = async function* () {
        const done = {
          status: 'ok',
          commandTag,
          rowCount: 0,
          resultBytes: 0,
          durationMs: 1,
          error: null,
        } as const
        yield { value: { kind: 'completed', index: 0, outcome: { ...done, transaction: 'idle' } } }
      }
      await tab?.run({ text: 'x', start: 0, mode: 'statement' })
      clock.advance(1_000)
      await tab?.text.flush()
    }
    await host.idle()
    const before = asked()
    await runWith('UPDATE 3')
    await host.idle()
    expect(asked()).toBe(before)
    await runWith('CREATE TABLE')
    await host.idle()
    expect(asked()).toBeGreaterThan(before)
  })

  it('shows the rows of a table in the same tab when it is opened again', async () => {
    await workbench.openStatement('orders', 'select * from orders limit 1000;')
    const tab = workbench.consoles.activeTab.value
    await workbench.newTab()
    await workbench.openStatement('orders', 'select * from orders limit 1000;')
    expect(workbench.consoles.activeTab.value).toBe(tab)
    expect(workbench.consoles.tabs.value).toHaveLength(3)
    expect(host.calls.filter((name) => name === 'statement.run')).toHaveLength(2)
  })
})
