/** The remembered layout: whatever is stored can be read, and a drag is stored once. */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TestClock } from '../../base/clock.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { MemoryWorkbench } from '../../../test/support/memory-workbench.ts'
import { WorkbenchClient } from '../client/workbench-client.ts'
import { LayoutState } from './layout-state.ts'

expectNoLeaks()

describe('the layout of a window', () => {
  it('is the default one when what is stored cannot be read', () => {
    const layout = new LayoutState(new WorkbenchClient(new MemoryWorkbench()), new TestClock())
    const initial = layout.layout.value
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json(), fc.constant('{"sizes":{"a":3,"b":[1]},"uncachedTabs":[3,"t"]}')),
        (text) => {
          layout.restore(text)
          expect(['databases', 'history']).toContain(layout.layout.value.sidebar)
          expect(layout.layout.value.uncachedTabs.every((id) => typeof id === 'string')).toBe(true)
          for (const sizes of Object.values(layout.layout.value.sizes)) {
            expect(Object.values(sizes).every((size) => typeof size === 'number')).toBe(true)
          }
        },
      ),
    )
    layout.restore('')
    expect(layout.layout.value).toEqual(initial)
    layout.dispose()
  })

  it('is stored once after a drag, and comes back as it was', async () => {
    const stored: string[] = []
    const host = new MemoryWorkbench({
      'workspace.setLayout': ({ layout }) => {
        stored.push(layout)
        return Promise.resolve(null)
      },
    })
    const clock = new TestClock()
    const client = new WorkbenchClient(host)
    await client.connect()
    const layout = new LayoutState(client, clock)
    for (let size = 20; size < 30; size += 1) layout.setSizes('window', { sidebar: size })
    layout.toggleSidebar('history')
    for (const tab of ['one', 'two', 'one']) layout.setUsesCache(tab, false)
    layout.setUsesCache('two', true)
    clock.advance(300)
    await host.idle()
    expect(stored).toHaveLength(1)
    const again = new LayoutState(client, clock)
    again.restore(stored[0] ?? '')
    expect(again.layout.value).toEqual(layout.layout.value)
    expect([again.usesCache('one'), again.usesCache('two')]).toEqual([false, true])
    for (const each of [layout, again, client]) each.dispose()
  })
})
