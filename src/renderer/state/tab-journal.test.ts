/** The journal of a tab's text against a host over a real port: what is typed is stored, whatever happens. */

import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TestClock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { TextEdit } from '../../contract/workspace.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { applyEdits, MemoryWorkbench } from '../../../test/support/memory-workbench.ts'
import { WorkbenchClient } from '../client/workbench-client.ts'
import { TabText } from './tab-text.ts'

expectNoLeaks()

describe('the journal of a tab', () => {
  let host: MemoryWorkbench
  let client: WorkbenchClient
  let clock: TestClock
  let text: TabText
  let typed: string

  beforeEach(async () => {
    host = new MemoryWorkbench()
    clock = new TestClock()
    client = new WorkbenchClient(host, clock)
    await client.connect()
    const tab = await client.call('tab.create', { title: 'a', instanceId: null, index: 0 })
    text = new TabText({ client, clock, tab })
    typed = ''
    text.attach({ getText: () => typed })
  })

  afterEach(() => {
    text.dispose()
    client.dispose()
  })

  function type(edit: TextEdit): void {
    typed = applyEdits(typed, [edit])
    text.didEdit([edit])
  }

  const stored = (): string => host.tabs[0]?.text ?? ''

  it('stores edits in order while others are on their way', async () => {
    for (const letter of 'select 1') type({ offset: typed.length, deleted: 0, inserted: letter })
    await text.flush()
    expect(stored()).toBe('select 1')
    expect(text.saveState.value.kind).toBe('saved')
    expect(host.calls.filter((name) => name === 'tab.edit').length).toBeLessThan(8)
  })

  it('sends what an editor tells of in one turn in one request', async () => {
    for (const letter of 'select 1') type({ offset: typed.length, deleted: 0, inserted: letter })
    await text.flush()
    expect(host.calls.filter((name) => name === 'tab.edit')).toHaveLength(1)
  })

  it('sends all at once when the window goes away, whatever is on its way', async () => {
    type({ offset: 0, deleted: 0, inserted: 'on its way' })
    await Promise.resolve()
    type({ offset: 10, deleted: 0, inserted: ', behind it' })
    text.sendAtOnce()
    expect(text.wouldLoseText).toBe(false)
    await vi.waitFor(() => expect(stored()).toBe('on its way, behind it'))
    type({ offset: typed.length, deleted: 0, inserted: ', and not yet sent' })
    text.sendAtOnce()
    await vi.waitFor(() => expect(stored()).toBe(typed))
    expect(host.calls).not.toContain('tab.replaceText')
  })

  it('stores any sequence of edits, ill-formed text included', async () => {
    const edit = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      deleted: fc.nat(6),
      inserted: fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((c) => String.fromCharCode(c)) }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 30 }), async (edits) => {
        for (const { at, deleted, inserted } of edits) {
          const offset = Math.floor(at * typed.length)
          type({ offset, deleted: Math.min(deleted, typed.length - offset), inserted })
        }
        await text.flush()
        expect(stored()).toBe(typed)
      }),
      { numRuns: 30 },
    )
  })

  it('sends a long paste in parts, and what is typed meanwhile after it', async () => {
    const paste = 'x'.repeat(700_000) + '\ud800'
    type({ offset: 0, deleted: 0, inserted: paste })
    type({ offset: 3, deleted: 0, inserted: 'y' })
    expect(text.wouldLoseText).toBe(true)
    await text.flush()
    expect(text.wouldLoseText).toBe(false)
    expect(stored() === typed).toBe(true)
    expect(host.calls).toContain('tab.replaceText')
  })

  it('sends the whole text when the host has another version', async () => {
    const tab = host.tabs[0]
    if (tab) tab.version = 7
    type({ offset: 0, deleted: 0, inserted: 'mine' })
    await text.flush()
    expect(stored()).toBe('mine')
  })

  it('goes on with edits when the host had an older version', async () => {
    for (const letter of 'mine') {
      type({ offset: typed.length, deleted: 0, inserted: letter })
      await text.flush()
    }
    const tab = host.tabs[0]
    if (tab) tab.version = 1
    for (const letter of ', again') {
      type({ offset: typed.length, deleted: 0, inserted: letter })
      await text.flush()
    }
    expect(stored()).toBe('mine, again')
    expect(host.calls.filter((name) => name === 'tab.replaceText')).toHaveLength(1)
  })

  it('keeps what was typed while the host was away', async () => {
    type({ offset: 0, deleted: 0, inserted: 'before' })
    await text.flush()
    host.drop()
    await new Promise<void>((resolve) => client.onDidChangeStatus(() => resolve()))
    type({ offset: 6, deleted: 0, inserted: ' and after' })
    await text.flush()
    expect(text.saveState.value.kind).toBe('failed')
    expect([text.hasUnsaved, text.wouldLoseText]).toEqual([true, true])
    await client.connect()
    text.didReconnect(host.tabs[0]?.version ?? -1)
    await text.flush()
    expect(stored()).toBe('before and after')
  })

  it('sends the whole text after a reconnection when the host has an older one', async () => {
    type({ offset: 0, deleted: 0, inserted: 'mine' })
    await text.flush()
    const tab = host.tabs[0]
    if (tab) Object.assign(tab, { text: '', version: 0 })
    text.didReconnect(0)
    await text.flush()
    expect(stored()).toBe('mine')
  })

  it('never overwrites a text that was not read yet', async () => {
    const tab = host.tabs[0]
    if (tab) Object.assign(tab, { text: 'kept by the host', version: 5 })
    const unread = new TabText({
      client,
      clock,
      tab: { id: 't1', title: 'a', instanceId: null, textLength: 16, version: 4, cursorOffset: 0 },
    })
    unread.didReconnect(5)
    await unread.flush()
    expect(stored()).toBe('kept by the host')
    expect(await unread.load()).toBe('kept by the host')
    unread.didEdit([{ offset: 0, deleted: 0, inserted: '-- ' }])
    await unread.flush()
    expect(stored()).toBe('-- kept by the host')
    unread.dispose()
  })

  it('tries again later what could not be stored, and says so', async () => {
    host.beforeCall = (name) => {
      if (name === 'tab.edit') throw new WorkbenchError('disk-full', 'The disk is full; free some space')
    }
    type({ offset: 0, deleted: 0, inserted: 'kept' })
    await text.flush()
    expect(text.saveState.value).toEqual({ kind: 'failed', reason: 'The disk is full; free some space' })
    host.beforeCall = () => undefined
    clock.advance(2_000)
    await text.flush()
    expect(stored()).toBe('kept')
    expect(text.saveState.value.kind).toBe('saved')
  })
})
