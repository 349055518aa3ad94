/**
 * Goal: every widget can be drawn in every state and theme, and somebody looks at the picture. Method: the gallery
 * page, built by itself into a folder of its own and opened without a host; the product's build knows nothing of it.
 */

import { readdir, readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { build, preview, type PreviewServer } from 'vite'
import { expect, test } from './fixtures.ts'

const root = resolve(import.meta.dirname, 'gallery-page')
const output = resolve(import.meta.dirname, '../out/gallery')
const product = resolve(import.meta.dirname, '../out/renderer')

let server: PreviewServer
let address: string
test.beforeAll(async () => {
  const settings = { root, configFile: false as const, logLevel: 'error' as const, plugins: [react()] }
  await build({ ...settings, build: { outDir: output, emptyOutDir: true } })
  server = await preview({
    ...settings,
    build: { outDir: output },
    preview: { port: 0, host: '127.0.0.1' },
  })
  const { port } = server.httpServer.address() as AddressInfo
  address = `http://127.0.0.1:${port}/`
})
test.afterAll(() => server.close())

for (const theme of ['dark', 'light', 'high-contrast'] as const) {
  test(`every widget is drawn in the ${theme} theme`, async ({ page }) => {
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.goto(`${address}?theme=${theme}`)
    await expect(page.getByRole('grid', { name: 'Rows, compact' })).toBeVisible()
    await expect(page.getByRole('log', { name: 'Messages' })).toContainText('column "nme" does not exist')
    await expect(page.getByRole('alert').filter({ hasText: 'could not be stored' })).toBeVisible()
    await expect(page.getByRole('img', { name: /^Not stored yet/ })).toBeVisible()
    await expect(page.getByRole('timer').filter({ hasText: 'whose transaction is open' })).toBeVisible()
    await expect(page.getByRole('row', { name: 'constraint' })).toBeVisible()
    await expect(page.getByRole('slider', { name: 'Memory: moment' })).toBeVisible()
    await page.evaluate(() => document.fonts.ready)
    await page.screenshot({ path: `out/screenshots/gallery-${theme}.png`, fullPage: true })
    await page.getByRole('button', { name: 'Open the menu' }).click()
    await expect(page.getByRole('menuitem', { name: 'Delete orders…' })).toBeVisible()
    await page.screenshot({ path: `out/screenshots/gallery-menu-${theme}.png` })
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Open the dialog' }).click()
    await expect(page.getByRole('button', { name: 'Keep it' })).toBeFocused()
    await page.screenshot({ path: `out/screenshots/gallery-dialog-${theme}.png` })
  })
}

test('the gallery is no part of the product', async () => {
  const files = await readdir(join(product, 'assets'))
  const scripts = files.filter((name) => name.endsWith('.js'))
  expect(scripts.length).toBeGreaterThan(0)
  for (const name of scripts) {
    const text = await readFile(join(product, 'assets', name), 'utf8')
    expect(text.includes('The gallery has no host'), name).toBe(false)
  }
})
