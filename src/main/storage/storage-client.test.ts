/** The store in its real worker. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { defaultSettings } from './settings-store.ts'
import { StorageClient } from './storage-client.ts'

describe('StorageClient', () => {
  expectNoLeaks()
  const path = temporaryDirectory()
  const open: StorageClient[] = []
  let count = 0
  function start(directory = path(`store-${count++}`)): StorageClient {
    mkdirSync(directory, { recursive: true })
    const client = new StorageClient(directory, 'now')
    open.push(client)
    return client
  }
  afterEach(async () => {
    for (const client of open.splice(0)) await client.close()
  })

  it('finds tabs, text, settings and history again after it was closed', async () => {
    const directory = path('again')
    const first = start(directory)
    expect(await first.call('storage.open', null)).toEqual({ setAsidePath: null })
    const workspace = await first.call('workspace.open', { preferredId: null, takenIds: [], nowMs: 1 })
    const workspaceId = workspace.id
    const tab = await first.call('tab.create', { workspaceId, title: 'a', instanceId: null, index: 0 })
    const edits = [{ offset: 0, deleted: 0, inserted: 'select \ud800' }]
    const key = { workspaceId, tabId: tab.id }
    await first.call('tab.edit', { ...key, version: 0, edits, cursorOffset: 3 })
    await first.call('workspace.setActiveTab', { workspaceId, tabId: tab.id })
    await first.call('settings.set', { ...defaultSettings, theme: 'light' })
    await first.close()

    const second = start(directory)
    const found = await second.call('workspace.open', { preferredId: workspaceId, takenIds: [], nowMs: 2 })
    expect(found).toMatchObject({ id: workspaceId, activeTabId: tab.id, tabs: [{ title: 'a', version: 1 }] })
    const { value, buffers } = await second.callWithBuffers('tab.read', key)
    expect(value.cursorOffset).toBe(3)
    expect(Buffer.from(buffers[0] ?? new ArrayBuffer(0)).toString('utf16le')).toBe('select \ud800')
    expect((await second.call('settings.get', null)).theme).toBe('light')
  })

  it('gives each client a workspace of its own, and a left one before a new one', async () => {
    const store = start()
    const claim = (preferredId: string | null, ...takenIds: string[]) =>
      store.call('workspace.open', { preferredId, takenIds, nowMs: count++ })
    const one = await claim(null)
    const two = await claim(one.id, one.id)
    expect(two.id).not.toBe(one.id)
    expect((await claim(one.id, two.id)).id).toBe(one.id)
    expect((await claim('unknown', one.id)).id).toBe(two.id)
  })

  it('answers edits in the order in which they were asked for, however many at once', async () => {
    const store = start()
    const { id: workspaceId } = await store.call('workspace.open', {
      ...{ preferredId: null, takenIds: [], nowMs: 1 },
    })
    const tab = await store.call('tab.create', { workspaceId, title: 't', instanceId: null, index: 0 })
    const key = { workspaceId, tabId: tab.id }
    const answers = Array.from({ length: 300 }, (_, version) => {
      const edits = [{ offset: version, deleted: 0, inserted: String(version % 10) }]
      return store.call('tab.edit', { ...key, version, edits, cursorOffset: 0 })
    })
    expect((await Promise.all(answers)).map((answer) => answer.version)).toEqual(
      Array.from({ length: 300 }, (_, version) => version + 1),
    )
    const { buffers } = await store.callWithBuffers('tab.read', key)
    expect(Buffer.from(buffers[0] ?? new ArrayBuffer(0)).toString('utf16le')).toBe('0123456789'.repeat(30))
  })

  it('rolls the whole call back when a part of it fails', async () => {
    const store = start()
    const { id: workspaceId } = await store.call('workspace.open', {
      ...{ preferredId: null, takenIds: [], nowMs: 1 },
    })
    const tab = await store.call('tab.create', { workspaceId, title: 't', instanceId: null, index: 0 })
    const edits = [
      { offset: 0, deleted: 0, inserted: 'kept?' },
      { offset: 99, deleted: 0, inserted: '!' },
    ]
    const key = { workspaceId, tabId: tab.id }
    const edit = store.call('tab.edit', { ...key, version: 0, edits, cursorOffset: 0 })
    await expect(edit).rejects.toMatchObject({ code: 'conflict' })
    expect((await store.callWithBuffers('tab.read', key)).value).toMatchObject({ version: 0, textLength: 0 })
  })

  it('says where it has put a damaged file', async () => {
    const directory = path('damaged')
    mkdirSync(directory)
    writeFileSync(join(directory, 'wardian.db'), 'x'.repeat(10_000))
    const { setAsidePath } = await start(directory).call('storage.open', null)
    expect(setAsidePath).toBe(join(directory, 'wardian.db.damaged-now'))
    expect(existsSync(setAsidePath ?? '')).toBe(true)
  })

  it('rejects with what to do when there is no place for the file', async () => {
    const directory = path('no-place')
    mkdirSync(join(directory, 'wardian.db'), { recursive: true })
    await expect(start(directory).call('storage.open', null)).rejects.toMatchObject({
      code: 'storage-failed',
      message: expect.stringContaining('--data'),
    })
  })
})
