/** The database tree against a catalog over a real port: what is asked for, when, and what is shown. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TestClock } from '../../base/clock.ts'
import type { CatalogNode, CatalogParent } from '../../contract/catalog.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { catalogNode } from '../../../test/support/catalog-nodes.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { MemoryWorkbench } from '../../../test/support/memory-workbench.ts'
import { WorkbenchClient } from '../client/workbench-client.ts'
import type { ExplorerItem } from './explorer-model.ts'
import { ExplorerState, findItem } from './explorer-state.ts'

expectNoLeaks()

const children: Readonly<Record<string, readonly CatalogNode[]>> = {
  'root:0': [
    catalogNode('schema', 'analytics', 2),
    catalogNode('schema', 'public', 1),
    catalogNode('schema', 'pg_catalog', 3),
  ],
  'tables:1': [catalogNode('table', 'customers', 10), catalogNode('table', 'orders', 11)],
  'views:1': [catalogNode('view', 'order_totals', 20)],
  'columns:11': [catalogNode('column', 'id', 0), catalogNode('column', 'total', 0)],
}

/** The open lines of the tree, as text. */
function outline(items: readonly ExplorerItem[], expandedIds: ReadonlySet<string>, depth = 0): string[] {
  return items.flatMap((item) => [
    ' '.repeat(depth) + item.label,
    ...(expandedIds.has(item.id) ? outline(item.children, expandedIds, depth + 1) : []),
  ])
}

describe('the database tree', () => {
  let asked: string[]
  let fail: string | null
  let host: MemoryWorkbench
  let client: WorkbenchClient
  let clock: TestClock
  let explorer: ExplorerState

  beforeEach(async () => {
    asked = []
    fail = null
    const list = ({ instanceId, level, parentOid, filter }: CatalogParent): Promise<unknown> => {
      asked.push(`${level}:${parentOid}${filter === '' ? '' : `?${filter}`}`)
      if (fail !== null) throw new WorkbenchError('engine-crashed', fail)
      const all = instanceId === 'other' ? [] : (children[`${level}:${parentOid}`] ?? [])
      const nodes = all.filter(({ name }) => name.includes(filter))
      return Promise.resolve({ nodes, total: nodes.length })
    }
    host = new MemoryWorkbench({ 'catalog.list': list as never })
    client = new WorkbenchClient(host)
    await client.connect()
    clock = new TestClock()
    explorer = new ExplorerState(client, clock)
  })

  afterEach(() => {
    explorer.dispose()
    client.dispose()
  })

  const lines = (): string[] => outline(explorer.tree.value.items, explorer.tree.value.expandedIds)

  /** Waits until the tree shows `line`. */
  async function shows(line: string): Promise<void> {
    if (lines().some((each) => each.trim() === line)) return
    await new Promise<void>((resolve) => {
      const watch = explorer.tree.onDidChange(() => {
        if (!lines().some((each) => each.trim() === line)) return
        watch.dispose()
        resolve()
      })
    })
  }

  function open(label: string): void {
    const all = (items: readonly ExplorerItem[]): ExplorerItem[] =>
      items.flatMap((item) => [item, ...all(item.children)])
    const item = all(explorer.tree.value.items).find((each) => each.label === label)
    if (item) explorer.setExpanded(new Set([...explorer.tree.value.expandedIds, item.id]))
  }

  it('opens the tables of public, and asks for nothing else', async () => {
    explorer.show('i1')
    await shows('orders')
    expect(lines()).toEqual([
      'analytics',
      'public',
      ' tables',
      '  customers',
      '  orders',
      ' views',
      ' functions',
      ' sequences',
      ' types',
      'pg_catalog',
    ])
    expect(asked).toEqual(['root:0', 'tables:1'])
  })

  it('asks for the columns of a table when it is opened, once', async () => {
    explorer.show('i1')
    await shows('orders')
    open('orders')
    await shows('total')
    const { expandedIds } = explorer.tree.value
    explorer.setExpanded(new Set())
    explorer.setExpanded(expandedIds)
    expect(asked.filter((each) => each === 'columns:11')).toHaveLength(1)
    expect(lines()).toContain('   total')
    expect(findItem(explorer.tree.value.items, 'column/11/0/total')?.relationName).toBe('public.orders')
  })

  it('shows only what matches the filter, opened, and what was open before once it is emptied', async () => {
    explorer.show('i1')
    await shows('orders')
    const before = lines()
    explorer.filter.set('order')
    clock.advance(150)
    await shows('order_totals')
    expect(lines()).toEqual(['public', ' tables', '  orders', ' views', '  order_totals'])
    expect(asked.filter((each) => each.startsWith('tables:3'))).toEqual([])
    explorer.filter.set('')
    clock.advance(150)
    await shows('customers')
    expect(lines()).toEqual(before)
  })

  it('shows the answer to the last question, whichever comes last', async () => {
    explorer.show('i1')
    await shows('orders')
    let answerFirst = (): void => undefined
    const held = new Promise<void>((resolve) => (answerFirst = resolve))
    host.beforeCall = () => held
    explorer.filter.set('customers')
    clock.advance(150)
    await host.turn()
    host.beforeCall = () => undefined
    explorer.filter.set('orders')
    clock.advance(150)
    await host.turn()
    answerFirst()
    await host.idle()
    expect(lines()).toEqual(['public', ' tables', '  orders'])
  })

  it('says why it could not be read, and reads again on demand', async () => {
    fail = 'The engine ended; it is being restarted'
    explorer.show('i1')
    await new Promise<void>((resolve) => {
      const watch = explorer.tree.onDidChange(() => {
        if (explorer.tree.value.failure === null) return
        watch.dispose()
        resolve()
      })
    })
    expect(explorer.tree.value.failure).toBe('The engine ended; it is being restarted')
    fail = null
    await explorer.refresh()
    await shows('orders')
  })

  it('asks again for what is open after a statement that may have changed it, and for nothing else', async () => {
    explorer.show('i1')
    await shows('orders')
    asked.length = 0
    await explorer.refresh('another instance')
    expect(asked).toEqual([])
    await explorer.refresh('i1')
    expect([...asked].sort()).toEqual(['root:0', 'tables:1'])
  })
})
