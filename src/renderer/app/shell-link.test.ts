/** The app around a window and its workbench, joined by real ports: what is asked is shown, what ends is told. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TestClock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { shellContract, type ShellContract, type ShellSettings } from '../../contract/shell-contract.ts'
import type { ShellRequest } from '../../contract/shell-request.ts'
import { createMemoryPorts } from '../../rpc/memory-port.ts'
import { connectContract } from '../../rpc/rpc-client.ts'
import { serveContract, type ContractServer } from '../../rpc/rpc-server.ts'
import { exampleInstance } from '../../../test/support/example-instance.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { MemoryWorkbench } from '../../../test/support/memory-workbench.ts'
import { WorkbenchClient } from '../client/workbench-client.ts'
import { Workbench } from '../state/workbench.ts'
import { linkShell } from './shell-link.ts'

expectNoLeaks()

const settings: ShellSettings = {
  ...{ proxy: 'system', proxyAddress: '', usesGpu: true, staysInTray: false },
  ...{ notifies: true, staysAwake: true, updatesItself: true },
}

describe('the app around a window', () => {
  let host: MemoryWorkbench
  let workbench: Workbench
  let app: ContractServer<ShellContract>
  let link: Disposable
  let requests: ShellRequest[]
  let heard: unknown[]

  beforeEach(async () => {
    requests = []
    heard = []
    const clock = new TestClock()
    host = new MemoryWorkbench({
      'host.describe': () => Promise.reject(new Error('not asked here')),
      'instance.list': () => Promise.resolve([{ ...exampleInstance, id: 'i1', name: 'Shop' }]),
    })
    const [page, shell] = createMemoryPorts()
    const hear = (what: unknown): Promise<null> => Promise.resolve(void heard.push(what)).then(() => null)
    app = serveContract(shellContract, shell, {
      handlers: {
        'shell.describe': () => Promise.resolve({ workspaceId: 'w7', notices: [] }),
        'shell.keepWorkspace': ({ workspaceId }) => hear(workspaceId),
        'shell.takeRequests': () => Promise.resolve(requests.splice(0)),
        'shell.openSqlFiles': () => hear('open'),
        'shell.choosePath': ({ purpose }) => Promise.resolve(purpose),
        'shell.didEndRun': hear,
        'shell.setJobCount': ({ count }) => hear(count),
        'shell.getSettings': () => Promise.resolve(settings),
        'shell.setSettings': hear,
      },
    })
    const memory = { read: () => null, write: () => undefined }
    workbench = new Workbench(new WorkbenchClient(host, clock), memory, clock)
    workbench.shell.join(connectContract(shellContract, page), () => '')
    await workbench.start()
    await workbench.instances.refresh()
    link = linkShell(workbench)
  })

  afterEach(() => {
    link.dispose()
    workbench.dispose()
    app.dispose()
  })

  const ask = async (...asked: ShellRequest[]): Promise<void> => {
    requests.push(...asked)
    await workbench.shell.listen()
    await host.idle()
  }

  it('has files opened as consoles that nothing is run in, the same once', async () => {
    const file: ShellRequest = { kind: 'sql', name: 'orders.sql', text: 'drop table orders' }
    await ask(file)
    await ask(file)
    const tabs = workbench.consoles.tabs.value
    expect(tabs.map((tab) => [tab.label.value.title, tab.text.current])).toEqual([
      ['orders.sql', 'drop table orders'],
    ])
    expect(host.calls).not.toContain('statement.run')
  })

  it('has exports and directories offered, and nothing taken in by itself', async () => {
    await ask({ kind: 'archive', file: 'shop.wardian' })
    expect(workbench.shell.offered.value).toEqual({ kind: 'import', path: 'shop.wardian' })
    await ask({ kind: 'directory', directory: 'pgdata' })
    expect(workbench.shell.offered.value).toEqual({ kind: 'open-directory', path: 'pgdata' })
    expect(host.calls.filter((name) => /import|open/.test(name))).toEqual([])
  })

  it('has a database shown that a link names, and says that there is none', async () => {
    await ask({ kind: 'instance', name: 'shop' })
    expect(workbench.layout.layout.value.page).toBe('instances')
    expect(workbench.instancePage.selectedId.value).toBe('i1')
    expect(host.calls).not.toContain('instance.start')
    await ask({ kind: 'instance', name: 'nothing' }, { kind: 'page', page: 'dashboard' })
    expect(workbench.toasts.toasts.value.map(({ text }) => text)).toEqual([
      expect.stringContaining('nothing'),
    ])
    expect(workbench.layout.layout.value.page).toBe('dashboard')
  })

  it('is asked again when more has come', async () => {
    await workbench.shell.listen()
    requests.push({ kind: 'problem', message: 'gone.sql is not there' })
    app.emit('shell.didGetRequests', null)
    await host.idle()
    expect(workbench.toasts.toasts.value.map(({ text }) => text)).toEqual(['gone.sql is not there'])
  })

  it('hears how many statements run, and how each has ended', async () => {
    const tab = await workbench.consoles.create({ title: 'console 1', instanceId: 'i1' })
    await tab.run({ text: 'select 1', start: 0, mode: 'script' })
    await host.idle()
    expect(heard).toEqual([1, 0, expect.objectContaining({ title: 'console 1' })])
  })
})
