/**
 * Goal: pages are let in from the page of endpoints, with a token and by their origin, and no other page is. Method:
 * the page as a person uses it; then pages of other origins in a Chromium, which sends what browsers send.
 */

import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { chromium, type Locator, type Page } from '@playwright/test'
import { expect, servedOnly, test as base } from './fixtures.ts'

/** Opening an engine on a busy machine. */
const slowMs = 120_000

interface Fixtures {
  readonly web: WebPage
}

/** The web endpoint's part of the page. */
class WebPage {
  readonly page: Page
  readonly main: Locator
  readonly state: Locator
  readonly tokens: Locator

  constructor(page: Page) {
    this.page = page
    this.main = page.getByRole('main', { name: 'Endpoints' })
    this.state = this.main.getByRole('region', { name: 'Web' }).getByRole('status')
    this.tokens = this.main.getByRole('list', { name: 'Tokens' })
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true })
  }

  /** Answers where it listens. */
  async start(): Promise<string> {
    await this.button('Start').click()
    await expect(this.state).toContainText('Listening at ', { timeout: slowMs })
    return (await this.state.innerText()).replace(/^[\s\S]*Listening at /, '').trim()
  }

  async allow(origin: string): Promise<void> {
    await this.main.getByLabel('Pages that may connect').fill(origin)
    // Who is connected is disconnected, which the button says.
    await this.main.getByRole('button', { name: /^Save/ }).click()
    await expect(this.button('Discard')).toBeHidden({ timeout: slowMs })
  }
}

const test = base.extend<Fixtures>({
  web: async ({ page, workbench, allowClipboard }, provide) => {
    await allowClipboard()
    await workbench.open()
    await page.getByRole('button', { name: 'Endpoints' }).click()
    await page.getByRole('tab', { name: 'Web' }).click()
    const web = new WebPage(page)
    await expect(web.state).toContainText('Off')
    await provide(web)
  },
})

test.slow()

test('a token is made, shown once, listed and revoked; the endpoint is seen while it listens', async ({
  web,
  workbench,
}) => {
  await workbench.picture('web-endpoint-off')
  await web.button('New token…').click()
  const dialog = web.page.getByRole('dialog')
  await expect(dialog.getByRole('button', { name: 'Make the token' })).toBeDisabled()
  await dialog.getByLabel('What it is for').fill('the shop')
  await workbench.picture('web-endpoint-new-token')
  await dialog.getByRole('button', { name: 'Make the token' }).click()
  await dialog.getByRole('button', { name: 'Copy the token' }).click()
  const secret = await web.page.evaluate(() => navigator.clipboard.readText())
  expect(secret).toMatch(/^wdn_[\w-]{43}$/)
  await workbench.picture('web-endpoint-made-token')
  await dialog.getByRole('button', { name: 'Done' }).click()
  await expect(web.tokens).toContainText('the shop')
  await expect(web.tokens).toContainText('reads playground · as wardian_reader · never used · expires')
  await expect(web.main.getByText(secret)).toHaveCount(0)

  const url = await web.start()
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  const indicator = workbench.status.getByRole('button', { name: 'web:' })
  await expect(indicator).toContainText(`${new URL(url).host} · 0 clients`)
  await workbench.picture('web-endpoint-listening')
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' })

  // The mark in the status bar leads back here.
  await web.page.getByRole('tab', { name: 'Postgres' }).click()
  await indicator.click()
  await expect(web.state).toContainText('Listening')

  await web.main.getByRole('button', { name: 'Revoke the shop' }).click()
  const question = web.page.getByRole('dialog', { name: 'Revoke the shop?' })
  await expect(question.getByRole('button', { name: 'Keep it' })).toBeFocused()
  await question.getByRole('button', { name: 'Revoke the shop' }).click()
  await expect(web.main.getByText('Nobody has a token')).toBeVisible()

  await web.button('Stop').click()
  await expect(web.state).toContainText('Off', { timeout: slowMs })
  await expect(indicator).toHaveCount(0)
})

test('what is wrong with the settings is said where it is typed', async ({ web, workbench }) => {
  await web.main.getByLabel('Pages that may connect').fill('*')
  await expect(web.main.getByText('* is no origin, such as https://shop.example')).toBeVisible()
  await web.main.getByText('Other machines and certificates').click()
  await web.main.getByLabel('Address to listen on').fill('0.0.0.0')
  await expect(web.main.getByText('Other machines are let in with TLS alone')).toBeVisible()
  await expect(web.button('Save')).toBeDisabled()
  await workbench.picture('web-endpoint-problems')
  await web.button('Discard').click()
  await expect(web.button('Save')).toBeVisible()
})

test('looks right where it is narrow, and dark', async ({ web, workbench, page }) => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await workbench.picture('web-endpoint-dark')
  await page.setViewportSize({ width: 720, height: 900 })
  await workbench.picture('web-endpoint-narrow')
  await expect(web.button('Start')).toBeVisible()
  await expect(web.button('New token…')).toBeVisible()
})

/** What a script of `page` gets from the endpoint at `origin`. */
function reach(page: Page, origin: string): Promise<Readonly<Record<string, string>>> {
  return page.evaluate(async (target) => {
    const outcome = (promise: Promise<Response>): Promise<string> =>
      promise.then(
        (response) => `${response.type} ${response.status}`,
        () => 'blocked',
      )
    const socket = (protocols: string[], path: string): Promise<string> =>
      new Promise((resolve) => {
        const attempt = new WebSocket(`${target.replace('http', 'ws')}${path}`, protocols)
        attempt.addEventListener('open', () => resolve('open'))
        attempt.addEventListener('error', () => resolve('refused'))
      })
    const body = JSON.stringify({ query: 'select 1', params: [] })
    const json = { 'Content-Type': 'application/json', Authorization: 'Bearer guess' }
    return {
      health: await outcome(fetch(`${target}/healthz`)),
      posted: await outcome(fetch(`${target}/sql`, { method: 'POST', body, headers: json })),
      form: await outcome(fetch(`${target}/sql`, { method: 'POST', body, mode: 'no-cors' })),
      socket: await socket(['wardian.v1.json'], '/v1'),
      wire: await socket([], '/v2'),
    }
  }, origin)
}

const nothing = { health: 'blocked', posted: 'blocked', form: 'blocked', socket: 'refused', wire: 'refused' }

const visitors = servedOnly('the pages of others are visited in a browser of its own')

test(
  'pages of other origins reach nothing, whatever they are called; those of the list do',
  visitors,
  async ({ web, launchOptions }) => {
    const url = await web.start()
    const other = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html')
      response.end('<!doctype html><title>other</title>')
    })
    await once(other.listen(0, '127.0.0.1'), 'listening')
    const { port } = other.address() as AddressInfo
    // As a site of the internet would be called, and one whose name was rebound to this machine.
    const rules = '--host-resolver-rules=MAP shop.example 127.0.0.1, MAP rebound.example 127.0.0.1'
    const browser = await chromium.launch({ ...launchOptions, args: [...(launchOptions.args ?? []), rules] })
    try {
      const stranger = await browser.newPage()
      for (const name of ['shop.example', '127.0.0.1', 'localhost']) {
        await stranger.goto(`http://${name}:${port}/`)
        expect(await reach(stranger, url), name).toEqual(nothing)
      }
      const rebound = await stranger.goto(url.replace('127.0.0.1', 'rebound.example'))
      expect(rebound?.status()).toBe(421)
      expect(await reach(stranger, url.replace('127.0.0.1', 'rebound.example'))).toMatchObject({
        ...{ socket: 'refused', wire: 'refused' },
        posted: 'basic 421',
      })

      await web.allow(`http://localhost:${port}`)
      await expect(web.state).toContainText(`Listening at ${url}`, { timeout: slowMs })
      await stranger.goto(`http://localhost:${port}/`)
      expect(await reach(stranger, url)).toMatchObject({ socket: 'open', wire: 'open' })
      await stranger.goto(`http://127.0.0.1:${port}/`)
      expect(await reach(stranger, url)).toEqual(nothing)
    } finally {
      await browser.close()
      other.close()
    }
  },
)
