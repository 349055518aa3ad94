/**
 * The security of the desktop app, in the app as built: the points of Electron's checklist that show in a running page.
 * docs/threat-model.md names the test of each.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ElectronApplication, Page } from '@playwright/test'
import { launchDesktop, launchTimeoutMs, type DesktopTarget } from './desktop-app.ts'
import { expect, firstStartTimeoutMs, test } from './fixtures.ts'

let folder: string
let app: ElectronApplication
let page: Page

test.beforeAll(async ({ target }) => {
  test.setTimeout(firstStartTimeoutMs)
  folder = await mkdtemp(join(tmpdir(), 'wardian-desktop-'))
  app = await launchDesktop({ target: desktopTarget(target), dataDirectory: join(folder, 'data') })
  page = await app.firstWindow({ timeout: launchTimeoutMs })
  await expect(page.locator('.view-lines').first()).toBeVisible({ timeout: 180_000 })
})
test.afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true, force: true })
})

/** What is no Electron is the stand-in. */
function desktopTarget(target: string): DesktopTarget {
  return target === 'electron' ? 'electron' : 'standin'
}

/** Where the window is, by the app's own address. */
const place = (): Promise<string | undefined> =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getURL())

test('the page has the bridge and nothing of Node or Electron', async () => {
  const found = await page.evaluate(() => ({
    bridge: Object.keys(Reflect.get(window, 'wardianShell') as object).sort(),
    isFrozen: Object.isFrozen(Reflect.get(window, 'wardianShell')),
    strangers: ['require', 'process', 'module', 'Buffer', 'global', 'electron', 'ipcRenderer'].filter(
      (name) => name in window,
    ),
  }))
  expect(found).toEqual({
    bridge: ['kind', 'pathOf', 'requestPort', 'requestShellPort'],
    isFrozen: true,
    strangers: [],
  })
})

test('the page goes nowhere, opens no window and embeds nothing', async () => {
  const before = await place()
  await app.evaluate(({ shell }) => {
    const opened: string[] = []
    Reflect.set(globalThis, 'openedAddresses', opened)
    shell.openExternal = (address) => Promise.resolve(void opened.push(address))
  })
  const opened = (): Promise<unknown> =>
    app.evaluate(() => Reflect.get(globalThis, 'openedAddresses') as unknown)
  await page.evaluate(() => {
    location.href = 'https://evil.example/'
  })
  await page.evaluate(() => void window.open('https://evil.example/'))
  await page.evaluate(() => void window.open('https://www.postgresql.org/docs/18/'))
  await expect.poll(opened).toEqual(['https://www.postgresql.org/docs/18/'])
  expect(await place()).toBe(before)
  expect(app.windows()).toHaveLength(1)
})

test('the page has no permission that it could misuse', async () => {
  const states = await page.evaluate(async () => {
    const names = ['notifications', 'geolocation', 'camera', 'microphone', 'midi'] as PermissionName[]
    return Promise.all(names.map(async (name) => (await navigator.permissions.query({ name })).state))
  })
  expect(new Set(states)).toEqual(new Set(['denied']))
})

test('the page runs no code from text, talks to nobody, and finds no file beside it', async ({
  expectErrors,
}) => {
  expectErrors(/Content Security Policy|Trusted(Script|HTML)|Refused to|404/)
  const outcome = await page.evaluate(async () => {
    const attempt = (action: () => unknown): string => {
      try {
        action()
        return 'allowed'
      } catch (error) {
        return error instanceof Error ? error.name : 'thrown'
      }
    }
    const evaluated = await new Promise<string>((resolve) => {
      // In a timer, because the driver's own evaluation may run code from text.
      window.setTimeout(() => resolve(attempt(() => Reflect.construct(Function, ['return 1']))))
    })
    const sent = await fetch('https://example.com/').then(
      () => 'sent',
      () => 'blocked',
    )
    const markup = attempt(() => (document.createElement('div').innerHTML = '<img src=x onerror=alert(1)>'))
    const beside = await fetch('/..%2f..%2fpackage.json').then(({ status }) => status)
    return { evaluated, sent, markup, beside }
  })
  expect(outcome).toEqual({ evaluated: 'EvalError', sent: 'blocked', markup: 'TypeError', beside: 404 })
})
