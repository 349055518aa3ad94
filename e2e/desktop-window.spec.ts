/**
 * Goal: the window of the desktop app is the workbench, shut off from the machine. Method: the built app, asked from
 * inside its page and from its main process.
 */

import { launchTimeoutMs } from './desktop-app.ts'
import { expect, test } from './fixtures.ts'

test('the app opens a window on its own page, and answers a query', async ({ desktop, workbench }) => {
  await workbench.open()
  const window = await desktop.app.browserWindow(workbench.page)
  await expect.poll(() => window.evaluate((shown) => shown.isVisible())).toBe(true)
  expect(await window.evaluate(({ webContents }) => webContents.getURL())).toBe('app://page/')
  await workbench.execute('select count(*) from customers')
  await workbench.expectCells(1, ['2000'])
  await workbench.picture('desktop-window')
})

test('the page has nothing of Node, and what the app gives it is frozen', async ({ page, workbench }) => {
  await workbench.open()
  const found = await page.evaluate(() => ({
    node: ['require', 'process', 'module', 'Buffer'].filter((name) => name in globalThis),
    isFrozen: Object.isFrozen(Reflect.get(globalThis, 'wardianShell')),
    isReplaced: Reflect.set(globalThis, 'wardianShell', 1),
  }))
  expect(found).toEqual({ node: [], isFrozen: true, isReplaced: false })
})

test('the page cannot leave, and opens no window', async ({ desktop, workbench, expectErrors }) => {
  expectErrors(/ERR_ABORTED|Refused|violates/)
  await workbench.open()
  await workbench.setSql('select 1 -- still here')
  await workbench.page.evaluate(() => {
    setTimeout(() => (location.href = 'https://elsewhere.example/'))
    setTimeout(() => globalThis.open('https://elsewhere.example/other'))
  })
  await workbench.execute('select 2')
  await workbench.expectCells(1, ['2'])
  const window = await desktop.app.browserWindow(workbench.page)
  expect(await window.evaluate(({ webContents }) => webContents.getURL())).toBe('app://page/')
  expect(desktop.app.windows()).toHaveLength(1)
})

test('the menu opens another window, and the app quits with the last one', async ({ desktop, newWindow }) => {
  const other = await newWindow()
  await other.execute('select 3')
  await other.expectCells(1, ['3'])
  const ended = desktop.app.waitForEvent('close', { timeout: launchTimeoutMs })
  await other.page.close()
  await desktop.page.close()
  await ended
})
