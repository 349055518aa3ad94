/**
 * Goal: each guard of the desktop app holds by itself, also where another one would have stood before it. Method: a
 * page of elsewhere that answers, other guards taken away from the running app, and what the app decided, as it tells
 * listeners that come after its own.
 */

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ElectronApplication, Page } from '@playwright/test'
import { expect, standInOnly, test as base } from './fixtures.ts'

interface Elsewhere {
  readonly address: string
  /** What it was asked for. */
  readonly asked: readonly string[]
}

interface Fixtures {
  /** A page of a server that is no part of the app, without any policy, and within reach. */
  readonly elsewhere: Elsewhere
}

const test = base.extend<Fixtures>({
  elsewhere: async ({ target: _target }, provide) => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.setHeader('content-type', 'text/html')
      if (request.url === '/moved') response.writeHead(302, { location: '/landed' })
      response.end('<!doctype html><title>Elsewhere</title><p>Elsewhere</p>')
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    await provide({ address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked })
    await closed(server)
  },
})

function closed(server: Server): Promise<unknown> {
  const ended = once(server, 'close')
  server.close()
  server.closeAllConnections()
  return ended
}

/** Has every later `event` of the window noted, with what the app's own listeners have decided by then. */
function noteDecisions(
  app: ElectronApplication,
  event: 'will-frame-navigate' | 'will-navigate',
): Promise<void> {
  return app.evaluate(({ BrowserWindow }, name) => {
    const decided = (Reflect.get(globalThis, 'decidedHere') ?? []) as string[]
    Reflect.set(globalThis, 'decidedHere', decided)
    BrowserWindow.getAllWindows()[0]?.webContents.on(name as 'will-navigate', (details) => {
      const { pathname } = new URL(details.url)
      decided.push(`${name} ${pathname} ${details.defaultPrevented ? 'denied' : 'allowed'}`)
    })
  }, event)
}

function decisions(app: ElectronApplication): Promise<unknown> {
  return app.evaluate(() => Reflect.get(globalThis, 'decidedHere') as unknown)
}

test('a page leaves for nowhere, whichever of the two guards is there', async ({
  desktop,
  workbench,
  elsewhere,
  expectErrors,
}) => {
  expectErrors(/ERR_ABORTED|Refused|violates/)
  await workbench.open()
  const { app } = desktop
  await noteDecisions(app, 'will-frame-navigate')
  await workbench.page.evaluate((address) => {
    setTimeout(() => (location.href = `${address}assigned`))
  }, elsewhere.address)
  await expect.poll(() => decisions(app)).toEqual(['will-frame-navigate /assigned denied'])

  await app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.webContents.removeAllListeners('will-frame-navigate')
  })
  await noteDecisions(app, 'will-navigate')
  await workbench.page.evaluate((address) => {
    const link = Object.assign(document.createElement('a'), { href: `${address}linked` })
    setTimeout(() => link.click())
  }, elsewhere.address)
  await expect
    .poll(() => decisions(app))
    .toEqual(['will-frame-navigate /assigned denied', 'will-navigate /linked denied'])
  await workbench.execute('select 2')
  await workbench.expectCells(1, ['2'])
  expect(elsewhere.asked).toEqual([])
})

test('a page that is moved elsewhere does not follow', async ({ desktop, workbench, elsewhere }) => {
  await workbench.open()
  const loaded = await desktop.app.evaluate(
    ({ BrowserWindow }, address) =>
      BrowserWindow.getAllWindows()[0]
        ?.loadURL(address)
        .then(
          () => 'loaded',
          () => 'failed',
        ),
    `${elsewhere.address}moved`,
  )
  expect(loaded).toBe('failed')
  expect(elsewhere.asked).toEqual(['/moved'])
})

test('a page of elsewhere is given no port, even in a window of the app', async ({
  desktop,
  workbench,
  elsewhere,
  expectErrors,
}) => {
  expectErrors(/ERR_ABORTED|favicon/)
  await workbench.open()
  // Answers with a message that has no port, after whatever the app answered.
  await desktop.app.evaluate(({ ipcMain }) => {
    for (const channel of ['wardian:request-port', 'wardian:request-shell-port']) {
      ipcMain.on(channel, ({ senderFrame }) => senderFrame?.postMessage('wardian:shell-port', channel, []))
    }
  })
  // The app itself goes there, which no guard of navigation forbids it.
  await desktop.app.evaluate(
    ({ BrowserWindow }, address) => void BrowserWindow.getAllWindows()[0]?.loadURL(address),
    elsewhere.address,
  )
  const { page } = workbench
  await expect(page.getByText('Elsewhere')).toBeVisible()
  expect(await portsGiven(page)).toEqual([0, 0])
})

/** Asks for both ports; how many ports each message brought, up to the second that is the spec's own. */
function portsGiven(page: Page): Promise<readonly number[]> {
  return page.evaluate(
    () =>
      new Promise<readonly number[]>((resolve) => {
        const counts: number[] = []
        addEventListener('message', ({ ports }) => {
          counts.push(ports.length)
          if (counts.filter((count) => count === 0).length === 2) resolve(counts)
        })
        const shell = Reflect.get(window, 'wardianShell') as {
          requestPort(): void
          requestShellPort(): void
        }
        shell.requestPort()
        shell.requestShellPort()
      }),
  )
}

/** What became of asking, and of looking: whether the page may show notifications. */
function notificationStates(page: Page): Promise<readonly string[]> {
  return page.evaluate(async () => {
    const { state } = await navigator.permissions.query({ name: 'notifications' })
    return [await Notification.requestPermission(), state]
  })
}

test('a permission that a page asks for is denied by who answers questions alone', async ({
  desktop,
  newWindow,
}) => {
  await desktop.app.evaluate(({ session }) => session.defaultSession.setPermissionCheckHandler(() => true))
  // One that comes later: what was set is in force before it is loaded.
  const { page } = await newWindow()
  const [asked] = await notificationStates(page)
  expect(asked).toBe('denied')
})

test('a permission that a page looks up is denied by who is looked up alone', async ({
  desktop,
  newWindow,
}) => {
  await desktop.app.evaluate(({ session }) => {
    session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(true))
  })
  const { page } = await newWindow()
  const [, found] = await notificationStates(page)
  expect(found).toBe('denied')
})

const isNoted = standInOnly('Electron does not tell what it was asked before it was ready')

test(
  'every page is sandboxed, also one whose window forgets to say so',
  isNoted,
  async ({ desktop, workbench }) => {
    await workbench.open()
    const asked = await desktop.app.evaluate(
      () => (Reflect.get(globalThis, 'wardianStandIn') as { asked: { what: string }[] }).asked,
    )
    expect(asked.map(({ what }) => what)).toContain('app.enableSandbox')
  },
)
