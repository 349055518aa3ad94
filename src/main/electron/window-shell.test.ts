/** A page and the app around it, over real ports: what waits for a page, what reaches the app, and what does not. */

import { beforeEach, describe, expect, it } from 'vitest'
import { shellContract, shellRequestsMax, type ShellContract } from '../../contract/shell-contract.ts'
import { createMemoryPorts } from '../../rpc/memory-port.ts'
import { connectContract, type ContractClient } from '../../rpc/rpc-client.ts'
import { proxyRules } from './proxy-rules.ts'
import { usualShellSettings } from './shell-record.ts'
import { WindowShell } from './window-shell.ts'

let heard: unknown[]
let shell: WindowShell
let page: ContractClient<ShellContract>

function newPage(): ContractClient<ShellContract> {
  const [client, host] = createMemoryPorts()
  shell.attach(host)
  return connectContract(shellContract, client)
}

beforeEach(() => {
  heard = []
  shell = new WindowShell({
    workspaceId: 'w1',
    notices: ['sandbox off'],
    actions: {
      keepWorkspace: (id) => heard.push(['workspace', id]),
      openSqlFiles: () => Promise.resolve(void heard.push('open')),
      choosePath: (purpose, suggested) => Promise.resolve(`${suggested ?? ''}/${purpose}`),
      didEndRun: (run) => heard.push(run.title),
      setJobCount: (count) => heard.push(['jobs', count]),
      settings: usualShellSettings,
      setSettings: (settings) => Promise.resolve(void heard.push(proxyRules(settings))),
      onDefect: (error) => heard.push(error),
    },
  })
  page = newPage()
})

describe('a page', () => {
  it('is told what window it is in, and the app which tabs it has', async () => {
    expect(await page.call('shell.describe', null)).toEqual({ workspaceId: 'w1', notices: ['sandbox off'] })
    await page.call('shell.keepWorkspace', { workspaceId: 'w2' })
    expect(heard).toEqual([['workspace', 'w2']])
    expect(await newPage().call('shell.describe', null)).toMatchObject({ workspaceId: 'w2' })
  })

  it('takes what it was asked to do, once, also when that was before it was there', async () => {
    const told = new Promise<void>((resolve) => page.on('shell.didGetRequests', () => resolve()))
    shell.request({ kind: 'page', page: 'dashboard' })
    await told
    page.dispose()
    const next = newPage()
    expect(await next.call('shell.takeRequests', null)).toEqual([{ kind: 'page', page: 'dashboard' }])
    expect(await next.call('shell.takeRequests', null)).toEqual([])
  })

  it('is not asked for more than it could ever do', async () => {
    for (let number = 0; number < shellRequestsMax + 5; number++) {
      shell.request({ kind: 'instance', name: `i${number}` })
    }
    const taken = await page.call('shell.takeRequests', null)
    expect(taken).toHaveLength(shellRequestsMax)
    expect(taken[0]).toEqual({ kind: 'instance', name: 'i5' })
  })

  it('has the app keep the machine awake no longer than it lives', async () => {
    await page.call('shell.setJobCount', { count: 2 })
    shell.didLosePage()
    expect(heard).toEqual([
      ['jobs', 2],
      ['jobs', 0],
    ])
  })

  it('gets the path that the user chose, and says what the settings are to be', async () => {
    expect(await page.call('shell.choosePath', { purpose: 'export', suggested: 'a' })).toBe('a/export')
    const settings = { ...usualShellSettings, proxy: 'fixed', proxyAddress: 'http://p.example:3128' } as const
    await page.call('shell.setSettings', settings)
    expect(heard).toEqual([
      { mode: 'fixed_servers', proxyRules: 'http://p.example:3128', proxyBypassRules: '<local>' },
    ])
  })

  it.each([
    '',
    'proxy',
    'file:///etc/passwd',
    'http://user:secret@proxy.example',
    'http://a.example;direct://',
    'http://a.example/path',
    'http://a.example?x',
    'javascript:alert(1)',
  ])('cannot have %j as a proxy', async (proxyAddress) => {
    const settings = { ...usualShellSettings, proxy: 'fixed', proxyAddress } as const
    await expect(page.call('shell.setSettings', settings)).rejects.toMatchObject({ code: 'invalid-argument' })
  })
})
