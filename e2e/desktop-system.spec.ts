/**
 * Goal: the desktop app asks the system for what it needs, when it needs it, and no sooner. Method: the built app with
 * what it asks noted in its main process; whether the system then does it is the system's.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ElectronApplication, Page } from '@playwright/test'
import type { DesktopHost } from './desktop-host.ts'
import { expect, standInOnly, test } from './fixtures.ts'

/** Runs for hours, and nobody waits for it. */
const endless = 'select count(*) from generate_series(1, 100000000000) n'

/** Longer than what is waited for without looking elsewhere. */
const long = 'select pg_sleep(5.1)'

/** It only finds that there is another one. */
const secondStartTimeoutMs = 90_000

/** What the app has had noted under `name` in its main process. */
function noted(app: ElectronApplication, name: string): Promise<unknown> {
  return app.evaluate((_electron, key) => Reflect.get(globalThis, key) as unknown, name)
}

test('the end of a long statement is told to who looks elsewhere, and to nobody else', async ({
  desktop,
  workbench,
}) => {
  await workbench.open()
  const { app } = desktop
  await app.evaluate(({ BrowserWindow, Notification }) => {
    const told: string[] = []
    Reflect.set(globalThis, 'toldHere', told)
    // The app looks at its windows when it has heard of an end.
    const all = BrowserWindow.getAllWindows
    BrowserWindow.getAllWindows = () => {
      Reflect.set(globalThis, 'hasHeard', true)
      return all()
    }
    Notification.prototype.show = function (this: Electron.Notification) {
      told.push(`${this.title}: ${this.body.replace(/\d+/, 'some')}`)
      Reflect.set(globalThis, 'lastTold', this)
    }
  })
  const isFocused = (): Promise<boolean | undefined> =>
    app.evaluate(({ BrowserWindow }) => BrowserWindow.getFocusedWindow()?.isFocused())
  await expect.poll(isFocused).toBe(true)
  await workbench.execute(long)
  await expect.poll(() => noted(app, 'hasHeard')).toBe(true)
  expect(await noted(app, 'toldHere'), 'while the window has the focus').toEqual([])
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.blur())
  await workbench.execute('select 1 as short')
  await workbench.expectCells(1, ['1'])
  expect(await noted(app, 'toldHere'), 'of a short one').toEqual([])
  await workbench.execute(`${long};\nselect secret_of_mine`)
  await expect.poll(() => noted(app, 'toldHere')).toEqual(['console 1 has failed: After some s'])

  await app.evaluate(() => (Reflect.get(globalThis, 'lastTold') as Electron.Notification).emit('click'))
  await expect.poll(isFocused).toBe(true)
})

test('the machine is kept awake while something long runs, and not after it', async ({
  desktop,
  workbench,
  page,
}) => {
  await workbench.open()
  const { app } = desktop
  await app.evaluate(({ powerSaveBlocker }) => {
    const asked: string[] = []
    Reflect.set(globalThis, 'askedHere', asked)
    const { start, stop } = powerSaveBlocker
    powerSaveBlocker.start = (type) => {
      asked.push(`start ${type}`)
      return start(type)
    }
    powerSaveBlocker.stop = (id) => {
      asked.push('stop')
      return stop(id)
    }
    // Half a minute of patience, which is over at once.
    const later = globalThis.setTimeout
    const sooner = (action: () => void, delayMs?: number): unknown =>
      later(action, delayMs === 30_000 ? 0 : delayMs)
    Reflect.set(globalThis, 'setTimeout', sooner)
  })
  await workbench.setSql(endless)
  await workbench.runStatement()
  await expect.poll(() => noted(app, 'askedHere')).toEqual(['start prevent-app-suspension'])
  await page.keyboard.press('Escape')
  await expect.poll(() => noted(app, 'askedHere')).toEqual(['start prevent-app-suspension', 'stop'])
})

test('after the graphics processor has kept failing, the app starts without it and says so', async ({
  desktop,
  workbench,
  target,
}) => {
  await workbench.open()
  const notice = /graphics processor kept failing/
  await desktop.app.evaluate(({ app }) => {
    for (let count = 0; count < 3; count += 1) {
      app.emit('child-process-gone', {}, { type: 'GPU', reason: 'crashed' })
    }
  })
  await desktop.stop()
  await desktop.start()
  await workbench.open()
  await expect(workbench.page.getByText(notice)).toBeVisible()
  if (target !== 'standin') return
  const asked = (await noted(desktop.app, 'wardianStandIn')) as { readonly asked: { what: string }[] }
  expect(asked.asked.map(({ what }) => what)).toContain('app.disableHardwareAcceleration')
})

/** Starts the app once more on the same data, as a desktop does with what was clicked; how that process ended. */
async function startAgain(desktop: DesktopHost, given: string): Promise<number | null> {
  const { spawnfile, spawnargs } = desktop.app.process()
  const sandbox = spawnargs.filter((arg) => arg === '--no-sandbox')
  const child = spawn(spawnfile, [...sandbox, join(import.meta.dirname, '..'), given], {
    env: { ...process.env, WARDIAN_DATA: desktop.dataDirectory, STANDIN_NODE: process.execPath },
    stdio: 'ignore',
    // One that does not hand over would stay.
    timeout: secondStartTimeoutMs,
    killSignal: 'SIGKILL',
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

test('a second start hands its file, or its link, to the first, and ends', async ({ desktop, workbench }) => {
  await workbench.open()
  const file = join(desktop.dataDirectory, 'report.sql')
  await writeFile(file, 'select 9 as handed_over')
  expect(await startAgain(desktop, file)).toBe(0)
  await expect(workbench.consoleTab('report.sql')).toHaveAttribute('aria-selected', 'true')
  await expect.poll(() => workbench.readEditor()).toBe('select 9 as handed_over')
  await expect(workbench.runStatus).toBeHidden()
  expect(await startAgain(desktop, 'wardian://show/dashboard')).toBe(0)
  await expect(workbench.page.getByRole('tablist', { name: 'Dashboard' })).toBeVisible()
  expect(desktop.app.windows()).toHaveLength(1)
})

test('a page whose process is killed comes back with what was typed', async ({ desktop, workbench }) => {
  await workbench.open()
  // Edits go before the statement, on the same way: its answer says that they are stored.
  await workbench.execute('select 1 -- kept over a kill')
  const { app } = desktop
  const crashed = workbench.page.waitForEvent('crash')
  await app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents
    contents?.once('did-finish-load', () => Reflect.set(globalThis, 'isLoadedAgain', true))
    contents?.forcefullyCrashRenderer()
  })
  await crashed
  await expect.poll(() => noted(app, 'isLoadedAgain'), { timeout: 60_000 }).toBe(true)
  // Playwright has done with a page that crashed; the app has not.
  const typed = (): Promise<unknown> =>
    app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]
        ?.webContents.executeJavaScript("document.querySelector('.view-lines')?.textContent ?? ''")
        .then((text: string) => text.replaceAll('\u00a0', ' ')),
    )
  await expect.poll(typed, { timeout: 60_000 }).toContain('kept over a kill')
})

const password = 'sesame-open-4711'

/** Keeps a server elsewhere, which is not there, with a password. */
async function keepServer(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Database: / }).click()
  await page.getByRole('menuitem', { name: 'Connect to a server…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Connect to a server' })
  const address = `postgres://u:${password}@127.0.0.1:1/nowhere`
  await dialog.getByRole('textbox', { name: 'Connection string' }).fill(address)
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click()
  await expect(dialog.getByRole('alert')).toContainText('Nothing listens there', { timeout: 120_000 })
  await dialog.getByRole('button', { name: 'Keep it anyway' }).click()
  await expect(dialog).toBeHidden()
}

/** Files below `folder` that have `text` in them, by their names. */
function filesWith(text: string, folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile())
  return files
    .filter(({ name, parentPath }) => readFileSync(join(parentPath, name)).includes(text))
    .map(({ name }) => name)
}

test('a password of a server elsewhere lies sealed on the disk', async ({ desktop, workbench }) => {
  await workbench.open()
  await keepServer(workbench.page)
  await desktop.stop()
  const secrets = readdirSync(desktop.dataDirectory, { recursive: true, encoding: 'utf8' }).filter((each) =>
    each.endsWith('secret.json'),
  )
  expect(secrets).toHaveLength(1)
  expect(statSync(join(desktop.dataDirectory, secrets[0] ?? '')).mode & 0o777).toBe(0o600)
  expect(filesWith(password, desktop.dataDirectory)).toEqual([])
  expect(filesWith(Buffer.from(password).toString('base64'), desktop.dataDirectory)).toEqual([])
})

const noKeyring = standInOnly("whether there is a keyring is the system's to say")

test(
  'where the system has no keyring, a password lies in the one private file',
  noKeyring,
  async ({ desktop, workbench }) => {
    await desktop.stop()
    await desktop.start({ environment: { STANDIN_KEYRING: 'none' } })
    await workbench.open()
    await keepServer(workbench.page)
    await desktop.stop()
    expect(filesWith(password, desktop.dataDirectory)).toEqual(['secret.json'])
  },
)

const paths = standInOnly('files that a script makes lie nowhere, and Electron says so')

test('a dropped export is offered from where it lies', paths, async ({ desktop, workbench }) => {
  await desktop.stop()
  await desktop.start({ environment: { STANDIN_DROP_FOLDER: '/somewhere/else' } })
  await workbench.open()
  await workbench.page.evaluate(() => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File(['no export'], 'shop.wardian'))
    const init = { dataTransfer, bubbles: true, cancelable: true }
    document.querySelector('.monaco-editor')?.dispatchEvent(new DragEvent('drop', init))
  })
  const dialog = workbench.page.getByRole('dialog', { name: 'Import a database' })
  await expect(dialog.getByRole('textbox', { name: 'File' })).toHaveValue('/somewhere/else/shop.wardian')
  await workbench.picture('desktop-drop')
})
