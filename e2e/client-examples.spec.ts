/**
 * Goal: the example pages of `@wardian/client` work as they are, in a real browser, with the package as published and
 * the web endpoint as it is started by its command. Method: each page is opened twice, and a change in one is seen in
 * the other.
 */

import { createServer, type Server } from 'node:http'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import type { Page } from '@playwright/test'
import { build } from 'vite'
import { expect, test } from './fixtures.ts'
import type { HostUnderTest } from './host-under-test.ts'

const root = join(import.meta.dirname, '..')
const bundle = join(root, 'out/client-package/wardian-client.js')
const reactOutput = join(root, 'out/example-react')

/** The first statement starts the instance, on a busy machine. */
const slowMs = 120_000

/** Path -> file and type. */
const files: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/browser/': [join(root, 'examples/browser/index.html'), 'text/html'],
  '/browser/wardian-client.js': [bundle, 'text/javascript'],
  '/react/': [join(reactOutput, 'index.html'), 'text/html'],
  '/react/main.js': [join(reactOutput, 'main.js'), 'text/javascript'],
}

let pages: Server
let origin: string

test.beforeAll(async () => {
  await build({
    ...{
      root: join(root, 'examples/react'),
      configFile: false,
      logLevel: 'error',
      plugins: [react()],
      base: './',
    },
    resolve: { alias: { '@wardian/client': bundle } },
    build: {
      ...{ outDir: reactOutput, emptyOutDir: true, modulePreload: false },
      rolldownOptions: { output: { entryFileNames: 'main.js' } },
    },
  })
  pages = createServer((request, response) => {
    const [file, type] = files[request.url ?? ''] ?? []
    if (file === undefined) {
      response.writeHead(204).end()
      return
    }
    readFile(file).then(
      (content) => response.writeHead(200, { 'content-type': type }).end(content),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`
})
test.afterAll(() => pages.close())

interface Access {
  readonly url: string
  readonly token: string
}

/** Starts the web endpoint for pages of `origin`, and makes a token. */
async function letIn(server: HostUnderTest): Promise<Access> {
  const started = await server.command(['web', '--detach', '--allow-origin', origin, '--json'])
  expect(started.stderr).not.toContain('error')
  const create = ['token', 'create', 'examples', '--instance', 'playground', '--read-write', '--json']
  const created = await server.command(create)
  expect(created.code).toBe(0)
  const { websocket } = JSON.parse(started.stdout) as { websocket: string }
  const { secret } = JSON.parse(created.stdout) as { secret: string }
  return { url: websocket, token: secret }
}

async function connect(page: Page, { url, token }: Access): Promise<void> {
  await page.getByLabel('Address').fill(url)
  await page.getByLabel('Instance').fill('playground')
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Connect' }).click()
}

test('the page without a build queries, writes and hears of what others write', async ({
  page,
  server,
  newPage,
}) => {
  const access = await letIn(server)
  const other = await newPage()
  for (const each of [page, other]) {
    await each.goto(`${origin}/browser/`)
    await connect(each, access)
    await expect(each.getByRole('table', { name: 'Orders' })).toBeVisible({ timeout: slowMs })
  }
  for (const [product, price] of [
    ['Tea', '2.50'],
    ["Robert'); drop table orders; --", '0.10'],
  ] as const) {
    await page.getByLabel('Product').fill(product)
    await page.getByLabel('Price').fill(price)
    await page.getByRole('button', { name: 'Order' }).click()
    for (const each of [page, other]) {
      await expect(each.getByRole('cell', { name: product, exact: true })).toBeVisible({ timeout: slowMs })
      await expect(each.getByRole('cell', { name: price })).toBeVisible()
      await expect(each.getByRole('list', { name: 'News' })).toContainText(`${product} was ordered`, {
        timeout: slowMs,
      })
    }
  }
  await page.getByLabel('Product').fill('Nothing')
  await page.getByLabel('Price').fill('much')
  await page.getByRole('button', { name: 'Order' }).click()
  await expect(page.getByRole('alert')).toContainText('invalid input syntax for type numeric', {
    timeout: slowMs,
  })
  // The page keeps nothing of the token, and it is in no address.
  expect(await page.content()).not.toContain(access.token)
  expect(page.url()).toBe(`${origin}/browser/`)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: `out/screenshots/example-browser-${colorScheme}.png` })
  }
})

test('the React hook shows a query that stays true', async ({ page, server, newPage }) => {
  const access = await letIn(server)
  const other = await newPage()
  for (const each of [page, other]) {
    await each.goto(`${origin}/react/`)
    await connect(each, access)
    await expect(each.getByText('0 left')).toBeVisible({ timeout: slowMs })
  }
  await page.getByRole('textbox', { name: 'Task' }).fill('Write it down')
  await page.getByRole('button', { name: 'Add' }).click()
  const box = other.getByRole('checkbox', { name: 'Write it down' })
  await expect(box).not.toBeChecked({ timeout: slowMs })
  await box.click()
  await expect(page.getByRole('checkbox', { name: 'Write it down' })).toBeChecked({ timeout: slowMs })
  await expect(page.getByText('0 left')).toBeVisible()
})
