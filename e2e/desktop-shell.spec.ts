/**
 * The desktop app's own features, in the app as built: what the command line, links, menus and a second start do to its
 * windows, what is remembered, and what is told to the desktop. Whether the desktop then does it is Electron's.
 */

import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ElectronApplication, Page } from '@playwright/test'
import { launchDesktop, launchTimeoutMs, type DesktopTarget } from './desktop-app.ts'
import { expect, test } from './fixtures.ts'

/** Starting the engine on a busy machine. */
const startTimeoutMs = 180_000

let folder: string
let desktop: DesktopTarget
let app: ElectronApplication | null = null

test.beforeEach(async ({ target }) => {
  // What is no Electron is the stand-in.
  desktop = String(target) === 'electron' ? 'electron' : 'standin'
  folder = await mkdtemp(join(tmpdir(), 'wardian-desktop-'))
  await writeFile(join(folder, 'orders.sql'), 'select 7 as wardian_was_here')
  await writeFile(join(folder, 'shop.wardian'), 'not really one')
})
test.afterEach(async () => {
  await app?.close()
  app = null
  await rm(folder, { recursive: true, force: true })
})

async function start(args: readonly string[] = [], environment = {}): Promise<Page> {
  app = await launchDesktop({ target: desktop, dataDirectory: join(folder, 'data'), args, environment })
  return ready(await app.firstWindow({ timeout: launchTimeoutMs }))
}

async function ready(page: Page): Promise<Page> {
  await expect(page.locator('.view-lines').first()).toBeVisible({ timeout: startTimeoutMs })
  return page
}

const present = (): ElectronApplication => {
  if (!app) throw new Error('The app is not there')
  return app
}
const consoleTab = (page: Page, name: string) =>
  page.getByRole('tablist', { name: 'Consoles' }).getByRole('tab', { name })

test('files of the command line and of a second start are opened, and nothing of them is run', async () => {
  const page = await start([join(folder, 'orders.sql')])
  await expect(consoleTab(page, 'orders.sql')).toHaveAttribute('aria-selected', 'true')
  await expect(page.locator('.view-lines').first()).toContainText('wardian_was_here')
  await expect(page.getByRole('region', { name: 'Results' }).getByRole('grid')).toBeHidden()

  await present().evaluate(
    ({ app: main }, args) => {
      main.emit('second-instance', {}, [], '', { args, folder: '/' })
    },
    [join(folder, 'shop.wardian'), join(folder, 'gone.sql')],
  )
  const dialog = page.getByRole('dialog', { name: 'Import a database' })
  await expect(dialog.getByRole('textbox', { name: 'File' })).toHaveValue(join(folder, 'shop.wardian'))
  await expect(page.getByText(/There is no file gone\.sql/)).toBeVisible()
})

test('a link shows a page or a database, and a hostile one does nothing', async () => {
  const page = await start()
  const follow = (link: string): Promise<void> =>
    present().evaluate(({ app: main }, url) => {
      main.emit('open-url', { preventDefault: () => undefined }, url)
    }, link)
  await follow('wardian://show/dashboard')
  await expect(page.getByRole('tablist', { name: 'Dashboard' })).toBeVisible()
  await follow('wardian://run/drop%20table%20orders')
  await expect(page.getByText(/asks for nothing that Wardian does/)).toBeVisible()
  await follow('wardian://instance/playground')
  await expect(page.getByRole('heading', { name: 'playground' })).toBeVisible()
})

test('windows come back where they were, with their tabs, on displays that are there', async () => {
  const displays = '[{"x":0,"y":0,"width":1600,"height":1000}]'
  const first = await start([join(folder, 'orders.sql')], { STANDIN_DISPLAYS: displays })
  await expect(consoleTab(first, 'orders.sql')).toBeVisible()
  const opening = present().waitForEvent('window', { timeout: launchTimeoutMs })
  await present().evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('new-window')?.click())
  const second = await ready(await opening)
  await expect(consoleTab(second, 'console 1')).toBeVisible()
  await present().evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.setBounds({ x: 40, y: 60, width: 900, height: 700 })
    BrowserWindow.getAllWindows()[1]?.setBounds({ x: 3_000, y: 60, width: 1_000, height: 700 })
  })
  await present().close()

  const record = JSON.parse(readFileSync(join(folder, 'data/electron/shell.json'), 'utf8')) as {
    windows: unknown
  }
  expect(record.windows).toHaveLength(2)
  await start([], { STANDIN_DISPLAYS: displays })
  await expect.poll(() => present().windows().length).toBe(2)
  const bounds = await present().evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map((window) => window.getNormalBounds()),
  )
  expect(bounds).toContainEqual({ x: 40, y: 60, width: 900, height: 700 })
  for (const { x, width } of bounds) expect(x + width).toBeLessThanOrEqual(1_600)
  const pages = present().windows()
  for (const page of pages) await ready(page)
  const tabs = await Promise.all(
    pages.map((page) => page.getByRole('tablist', { name: 'Consoles' }).getByRole('tab').allTextContents()),
  )
  expect(tabs.flat().filter((title) => title.includes('orders.sql'))).toHaveLength(1)
})

test('settings of the app are kept: a proxy, an icon in the tray', async () => {
  const page = await start()
  await page.keyboard.press('ControlOrMeta+Shift+P')
  await page.keyboard.type('App settings')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'App settings' })
  await dialog.getByText('Keep databases and endpoints').click()
  await dialog.getByText('This one').click()
  await dialog.getByRole('textbox', { name: 'Address' }).fill('nonsense')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog.getByRole('alert')).toContainText('The address of a proxy')
  await page.screenshot({ path: 'out/screenshots/desktop-settings.png' })
  await dialog.getByRole('textbox', { name: 'Address' }).fill('http://proxy.example:3128')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()
  // Written a little later than it is in force.
  const kept = (): string => readFileSync(join(folder, 'data/electron/shell.json'), 'utf8')
  await expect.poll(kept).toContain('http://proxy.example:3128')
  // It stays when its last window is closed.
  await page.close()
  await expect
    .poll(() => present().evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length))
    .toBe(0)
})

test('a path is chosen with the dialog of the system', async () => {
  const page = await start()
  await present().evaluate(({ dialog, Menu }) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: ['/chosen/shop.wardian'] })
    Menu.getApplicationMenu()?.getMenuItemById('database.import')?.click()
  })
  const dialog = page.getByRole('dialog', { name: 'Import a database' })
  await dialog.getByRole('button', { name: 'Browse…' }).click()
  await expect(dialog.getByRole('textbox', { name: 'File' })).toHaveValue('/chosen/shop.wardian')
  await page.screenshot({ path: 'out/screenshots/desktop-import.png' })
})

test('pictures: dark, light and narrow', async () => {
  const page = await start([join(folder, 'orders.sql')])
  await expect(consoleTab(page, 'orders.sql')).toBeVisible()
  for (const theme of ['dark', 'light'] as const) {
    await present().evaluate(({ nativeTheme }, wanted) => (nativeTheme.themeSource = wanted), theme)
    await page.emulateMedia({ colorScheme: theme })
    await page.screenshot({ path: `out/screenshots/desktop-${theme}.png` })
  }
  await page.setViewportSize({ width: 640, height: 480 })
  await page.screenshot({ path: 'out/screenshots/desktop-narrow.png' })
})
