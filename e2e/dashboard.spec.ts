/**
 * Goal: what statements do is seen on the dashboard, looked at closer, saved and forgotten. Method: the page as a
 * person uses it, on a real host that counts what the console has run.
 */

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Locator, Page } from '@playwright/test'
import { expect, test as base } from './fixtures.ts'

/** Counting, and reading what was counted, on a busy machine. */
const slowMs = 120_000

interface Fixtures {
  readonly dashboard: DashboardPage
}

class DashboardPage {
  readonly page: Page
  readonly main: Locator
  readonly statements: Locator

  constructor(page: Page) {
    this.page = page
    this.main = page.getByRole('main', { name: 'Dashboard' })
    this.statements = this.main.getByRole('grid', { name: 'Statements' })
  }

  chart(title: string): Locator {
    return this.main.getByRole('figure', { name: title, exact: true })
  }

  plot(title: string): Locator {
    return this.main.getByRole('slider', { name: `${title}: moment`, exact: true })
  }

  async openPart(name: string): Promise<void> {
    await this.main.getByRole('tab', { name }).click()
  }

  /** What choosing from the export menu saves. */
  async saved(choice: string): Promise<Buffer> {
    const download = this.page.waitForEvent('download', { timeout: slowMs })
    await this.main.getByRole('button', { name: 'Export' }).click()
    await this.page.getByRole('menuitem', { name: choice }).click()
    return readFile(await (await download).path())
  }
}

const test = base.extend<Fixtures>({
  dashboard: async ({ page, workbench }, provide) => {
    await workbench.open()
    await workbench.execute('select 12345 as answer')
    await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Dashboard' }).click()
    await provide(new DashboardPage(page))
  },
})

test.slow()

test('a statement is found, looked at closer, opened and forgotten', async ({ dashboard, workbench }) => {
  const { main, page, statements } = dashboard
  await dashboard.openPart('Statements')
  await main.getByRole('searchbox', { name: 'Search statements' }).fill('answer')
  const row = statements.getByRole('row', { name: 'select $1 as answer' })
  await expect(row).toBeVisible({ timeout: slowMs })
  await row.click()
  const callers = main.getByRole('table', { name: 'Called by' })
  await expect(callers).toContainText('console', { timeout: slowMs })
  await expect(main.getByRole('figure', { name: 'Spread of durations' })).toBeVisible()
  await workbench.picture('dashboard-statement')
  await page.keyboard.press('Escape')
  await expect(statements).toBeVisible()
  await main.getByRole('button', { name: 'Forget…' }).click()
  await page.getByRole('button', { name: 'Forget those of all databases' }).click()
  await expect(row).toBeHidden({ timeout: slowMs })
})

test('charts are zoomed and read by keys, and zooming is taken back', async ({ dashboard, workbench }) => {
  const { main, page } = dashboard
  const plot = dashboard.plot('Memory')
  await expect(dashboard.chart('Memory')).toContainText('now', { timeout: slowMs })
  await workbench.picture('dashboard')
  await plot.focus()
  await page.keyboard.press('End')
  await expect(plot).toHaveAttribute('aria-valuetext', /^\d\d:\d\d:\d\d: resident [\d.,]+ [MG]B/)
  await page.keyboard.press('+')
  const live = main.getByRole('button', { name: /^(Live|Held)/ })
  await expect(live).toHaveAttribute('aria-pressed', 'false')
  await page.keyboard.press('Escape')
  await expect(live).toHaveAttribute('aria-pressed', 'true')
  await dashboard.chart('Memory').getByRole('button', { name: 'Memory: as numbers' }).click()
  const numbers = main.getByRole('region', { name: 'Numbers of Memory' })
  await expect(numbers.getByRole('columnheader', { name: 'resident' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(main).toBeHidden()
})

test('a stretch is chosen with the pointer in one chart and shown in all', async ({ dashboard }) => {
  const { main, page } = dashboard
  const plot = dashboard.plot('Memory')
  await expect(dashboard.chart('Memory')).toContainText('now', { timeout: slowMs })
  await plot.scrollIntoViewIfNeeded()
  const range = async (title: string): Promise<readonly (string | null)[]> => {
    const slider = dashboard.plot(title)
    return Promise.all([slider.getAttribute('aria-valuemin'), slider.getAttribute('aria-valuemax')])
  }
  const box = await plot.boundingBox()
  if (!box) throw new Error('The chart has no place')
  await page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2, { steps: 4 })
  await page.mouse.move(box.x + box.width * 0.7, box.y + box.height / 2, { steps: 4 })
  await page.mouse.up()
  const back = main.getByRole('button', { name: 'Back to the time before zooming' })
  await expect(back).toBeEnabled()
  const [from, to] = await range('Memory')
  expect(await range('Latency')).toEqual([from, to])
  expect(Number(to) - Number(from)).toBeLessThan(600)
  await plot.dblclick({ position: { x: box.width / 2, y: box.height / 2 } })
  await expect(back).toBeDisabled()
})

test('numbers, a picture and a report are saved', async ({ dashboard }) => {
  const { main, page } = dashboard
  await expect(dashboard.chart('Memory')).toContainText('now', { timeout: slowMs })
  const csv = (await dashboard.saved('Numbers over time (CSV)')).toString()
  expect(csv.split('\r\n')[0]).toContain('resources.rss')
  const json: unknown = JSON.parse((await dashboard.saved('Numbers over time (JSON)')).toString())
  expect(json).toMatchObject({ scope: 'All databases', resources: { timeMs: expect.any(Array) as unknown } })
  const picture = await dashboard.saved('Charts as a picture (PNG)')
  expect(picture.subarray(1, 4).toString()).toBe('PNG')
  await main.getByRole('button', { name: /^Whose numbers/ }).click()
  await page.getByRole('menuitemradio', { name: /^playground/ }).click()
  const report = (await dashboard.saved('Report that opens anywhere (HTML)')).toString()
  expect(report).toContain('<!doctype html>')
})

test('a threshold that is crossed is told in the window, in the log and to a webhook', async ({
  dashboard,
  workbench,
}) => {
  const { main, page } = dashboard
  const posted: string[] = []
  const server = createServer((request, response) => {
    request.on('data', (part: Buffer) => posted.push(part.toString()))
    request.on('end', () => response.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await dashboard.openPart('Alerts and log')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
    await main.getByRole('textbox', { name: 'Address (POST, JSON)' }).fill(url)
    await main.getByRole('button', { name: 'Send alerts there' }).click()
    await expect(main.getByRole('button', { name: 'Send a test' })).toBeVisible()
    const form = main.getByRole('form', { name: 'New threshold' })
    await form.getByRole('textbox', { name: /^Limit/ }).fill('0')
    await form.getByRole('textbox', { name: 'For (seconds)' }).fill('0')
    await form.getByRole('button', { name: 'Add' }).click()
    const alerts = main.getByRole('region', { name: 'Alerts', exact: true })
    const line = alerts.getByRole('listitem').filter({ hasText: 'above 0' })
    await expect(line).toBeVisible({ timeout: slowMs })
    const toast = page.getByRole('region', { name: 'Announcements' })
    await expect(toast).toContainText('above 0')
    await workbench.picture('dashboard-alerts')
    await expect.poll(() => posted.join(''), { timeout: slowMs }).toContain('"kind":"firing"')
    const log = main.getByRole('region', { name: 'Log', exact: true })
    await log.getByRole('button', { name: 'Read again' }).click()
    await expect(log.getByLabel('Last lines of the log')).toContainText('above 0')
    await main.getByRole('button', { name: /^Remove: .*above 0/ }).click()
    await expect(alerts).toContainText('none now', { timeout: slowMs })
  } finally {
    server.close()
    server.closeAllConnections()
  }
})

test('how much is logged is set, and still so after reloading', async ({ dashboard, workbench }) => {
  const { main, page } = dashboard
  await dashboard.openPart('Alerts and log')
  const log = main.getByRole('region', { name: 'Log', exact: true })
  const level = log.getByRole('button', { name: /In the file/ })
  await expect(level).toContainText('What happens')
  await level.click()
  await page.getByRole('option', { name: 'More, for looking into something' }).click()
  await expect(level).toContainText('More, for looking into something')
  await log.scrollIntoViewIfNeeded()
  await workbench.picture('dashboard-log')
  await page.reload()
  // The window shows the page that it has shown.
  await dashboard.openPart('Alerts and log')
  await expect(level).toContainText('More, for looking into something')
})
