/**
 * Goal: pages that are not the workbench cannot reach it, and the workbench's own page cannot be made to do what it
 * should not. Method: a real Chromium, which sends what browsers send, and pages of other origins beside it.
 */

import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { chromium, type Page } from '@playwright/test'
import { expect, servedOnly, test } from './fixtures.ts'
import { Workbench } from './workbench.ts'

/** A page of another origin on this machine, such as any other developer's server. */
async function otherSite(): Promise<{ server: Server; port: number }> {
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html')
    response.end('<!doctype html><title>other</title>')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

interface Reached {
  readonly read: string
  readonly posted: string
  readonly form: string
  readonly socket: string
}

/** What a script of `page` gets from the workbench at `origin`. */
function reach(page: Page, origin: string): Promise<Reached> {
  return page.evaluate(async (target) => {
    const outcome = (promise: Promise<Response>): Promise<string> =>
      promise.then(
        (response) => `${response.type} ${response.status}`,
        () => 'blocked',
      )
    const socket = new Promise<string>((resolve) => {
      const attempt = new WebSocket(`${target.replace('http', 'ws')}/port`)
      attempt.addEventListener('open', () => resolve('open'))
      attempt.addEventListener('error', () => resolve('refused'))
    })
    const body = JSON.stringify({ token: 'guess' })
    return {
      read: await outcome(fetch(`${target}/`, { credentials: 'include' })),
      posted: await outcome(
        fetch(`${target}/session`, {
          method: 'POST',
          body,
          headers: { 'Content-Type': 'application/json' },
        }),
      ),
      form: await outcome(fetch(`${target}/session`, { method: 'POST', body, mode: 'no-cors' })),
      socket: await socket,
    }
  }, origin)
}

const listening = servedOnly('the desktop page has no address, no cookie and no token')

test(
  'a page of another port of this machine reaches nothing, even in a browser that is logged in',
  listening,
  async ({ page, server, workbench }) => {
    await workbench.open()
    const other = await otherSite()
    const stranger = await page.context().newPage()
    for (const name of ['127.0.0.1', 'localhost']) {
      await stranger.goto(`http://${name}:${other.port}/`)
      expect(await reach(stranger, server.origin)).toEqual({
        read: 'blocked',
        posted: 'blocked',
        // Not even an opaque answer, because of Cross-Origin-Resource-Policy.
        form: 'blocked',
        socket: 'refused',
      })
    }
    other.server.close()
  },
)

test(
  'a name that was rebound to this machine reaches nothing',
  listening,
  async ({ server, launchOptions }) => {
    const args = [...(launchOptions.args ?? []), '--host-resolver-rules=MAP rebound.example 127.0.0.1']
    const browser = await chromium.launch({ ...launchOptions, args })
    try {
      const page = await browser.newPage()
      const response = await page.goto(`http://rebound.example:${server.ready.port}/`)
      expect(response?.status()).toBe(421)
      expect(await response?.text()).not.toContain('<script')
    } finally {
      await browser.close()
    }
  },
)

test(
  'the address without its token, and one with a wrong token, do not log in',
  listening,
  async ({ server, newPage }) => {
    for (const suffix of ['/', '/#token=wrong']) {
      const stranger = await newPage({ isIncognito: true, expectsErrors: true })
      await stranger.goto(`${server.origin}${suffix}`)
      await expect(stranger.getByText(/not logged in/i).first()).toBeVisible()
    }
  },
)

test(
  'the token leaves the address bar, and scripts cannot read the cookie',
  listening,
  async ({ page, server, workbench }) => {
    await workbench.open()
    expect(new URL(page.url()).hash).toBe('')
    expect(await page.evaluate(() => document.cookie)).toBe('')
    const [cookie] = await page.context().cookies()
    expect(cookie).toMatchObject({ name: `wardian-${server.ready.port}`, httpOnly: true, sameSite: 'Strict' })
    expect(server.ready.url).not.toContain(cookie?.value ?? 'none')
  },
)

test(
  'two servers on one machine do not log each other out',
  listening,
  async ({ page, workbench, newServer }) => {
    await workbench.open()
    const second = await newServer()
    await new Workbench(await page.context().newPage(), second).open()
    await page.reload()
    await workbench.expectReady()
  },
)

test('the page runs no code from text, and talks to nobody else', async ({
  page,
  workbench,
  expectErrors,
}) => {
  await workbench.open()
  expectErrors(/Content Security Policy|Trusted(Script|HTML)|Refused to/)
  // In a timer, because the driver's own evaluation may run code from text.
  const evaluated = await page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        window.setTimeout(() => {
          try {
            resolve(String(Reflect.construct(Function, ['return 1'])))
          } catch (error) {
            resolve(error instanceof Error ? error.name : 'thrown')
          }
        })
      }),
  )
  expect(evaluated).toBe('EvalError')
  const sent = await page.evaluate(() =>
    fetch('https://example.com/').then(
      () => 'sent',
      () => 'blocked',
    ),
  )
  expect(sent).toBe('blocked')
  const markup = await page.evaluate(() => {
    try {
      document.createElement('div').innerHTML = '<img src=x onerror=alert(1)>'
      return 'allowed'
    } catch (error) {
      return error instanceof Error ? error.name : 'thrown'
    }
  })
  expect(markup).toBe('TypeError')
})

test('the editor and the parser run in workers of their own', async ({ page, workbench }) => {
  await workbench.open()
  await workbench.typeSql('select 1')
  await expect
    .poll(() => page.workers().map((worker) => new URL(worker.url()).pathname))
    .toEqual(
      expect.arrayContaining([
        expect.stringMatching(/editor-web-worker/),
        expect.stringMatching(/parser-web-worker/),
      ]),
    )
})
