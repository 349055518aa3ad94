/**
 * Goal: a server elsewhere is connected by pasting its address, tried, worked on like any database, told from others
 * by its mark, changed, and forgotten with a way back. Method: the server is the endpoint of the same Wardian.
 */

import type { Locator, Page } from '@playwright/test'
import { expect, test as base } from './fixtures.ts'

/** Opening an engine, and getting on in a queue, on a busy machine. */
const slowMs = 120_000

interface Fixtures {
  /** The connection string of the playground, as the page of the endpoint copies it. */
  readonly address: string
}

const test = base.extend<Fixtures>({
  address: async ({ page, workbench, allowClipboard }, provide) => {
    await allowClipboard()
    await workbench.open()
    await page.getByRole('button', { name: 'Endpoints' }).click()
    const endpoints = page.getByRole('main', { name: 'Endpoints' })
    await endpoints.getByRole('button', { name: 'Start', exact: true }).click()
    await expect(endpoints.getByRole('region', { name: 'Postgres' }).getByRole('status')).toContainText(
      'Listening on',
      { timeout: slowMs },
    )
    const read = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText())
    await page.evaluate(() => navigator.clipboard.writeText(''))
    await endpoints.getByRole('button', { name: 'Copy connection string' }).click()
    await expect.poll(read, { timeout: slowMs }).toContain('postgres')
    const address = await read()
    await page.keyboard.press('Alt+E')
    await expect(endpoints).toBeHidden()
    await provide(address)
  },
})

async function openDialog(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: /^Database: / }).click()
  await page.getByRole('menuitem', { name: 'Connect to a server…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Connect to a server' })
  await expect(dialog).toBeVisible()
  return dialog
}

async function paste(dialog: Locator, text: string): Promise<void> {
  await dialog.getByRole('textbox', { name: 'Connection string' }).fill(text)
}

test('a server is connected by its address and worked on like any database', async ({
  page,
  workbench,
  address,
}) => {
  const dialog = await openDialog(page)
  await paste(dialog, address)
  await expect(dialog.getByRole('textbox', { name: 'Connection string' })).toHaveValue('')
  await expect(dialog.getByRole('textbox', { name: 'Host' })).toHaveValue('127.0.0.1')
  await expect(dialog.getByRole('textbox', { name: 'Database' })).toHaveValue('playground')
  await dialog.getByRole('textbox', { name: 'Name' }).fill('far away')
  await dialog.getByRole('textbox', { name: 'Mark' }).fill('production')
  await dialog.getByText('red', { exact: true }).click()
  await dialog.getByRole('button', { name: 'Test' }).click()
  await expect(dialog.getByRole('status').filter({ hasText: 'PostgreSQL 18' })).toContainText('TLSv1.3', {
    timeout: slowMs,
  })
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click()
  await expect(dialog).toBeHidden({ timeout: slowMs })
  await expect(workbench.status).toContainText('far away')
  await expect(workbench.status).toContainText('production')
  await workbench.expectReady()
  await workbench.setSql('select count(*) as orders from orders')
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(workbench.grid).toContainText('orders', { timeout: slowMs })
  await expect(workbench.status).toContainText('1 row')

  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Dashboard' }).click()
  const dashboard = page.getByRole('main', { name: 'Dashboard' })
  await dashboard.getByRole('button', { name: /^Whose numbers/ }).click()
  await page.getByRole('menuitemradio', { name: /^far away/ }).click()
  await expect(dashboard.getByText('This server is elsewhere')).toContainText('is not measured here')
  await expect(dashboard.getByRole('figure', { name: 'Memory', exact: true })).toBeHidden()
  await workbench.picture('dashboard-elsewhere')
})

test('what is wrong is said in the dialog, and a server can be kept all the same', async ({
  page,
  workbench,
  address,
}) => {
  const dialog = await openDialog(page)
  await paste(dialog, 'postgres://u:p@127.0.0.1:1/nowhere')
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click()
  await expect(dialog.getByRole('alert')).toContainText('Nothing listens there', { timeout: slowMs })
  await paste(dialog, address)
  await dialog.getByRole('textbox', { name: 'Password' }).fill('wrong')
  await dialog.getByRole('button', { name: 'Test' }).click()
  await expect(dialog.getByRole('alert')).toContainText('password authentication failed', { timeout: slowMs })
  await dialog.getByText('Verify all', { exact: true }).click()
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click()
  await expect(dialog.getByRole('alert')).toContainText('self-signed', { timeout: slowMs })
  await dialog.getByRole('button', { name: 'Keep it anyway' }).click()
  await expect(dialog).toBeHidden({ timeout: slowMs })
  await expect(workbench.status).toContainText('could not be opened', { timeout: slowMs })
})
