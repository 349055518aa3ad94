/**
 * Goal: databases are looked after from their page: found, renamed, stopped and started, deleted, had back from the
 * trash and removed for good. Method: the page as a person uses it.
 */

import type { Locator, Page } from '@playwright/test'
import { expect, test as base } from './fixtures.ts'

/** Opening an engine on a busy machine. */
const slowMs = 120_000

/** The page of databases. */
class InstancesPage {
  readonly page: Page
  readonly main: Locator
  readonly table: Locator

  constructor(page: Page) {
    this.page = page
    this.main = page.getByRole('main', { name: 'Databases' })
    this.table = this.main.getByRole('grid', { name: 'Databases' })
  }

  row(name: string): Locator {
    return this.table.getByRole('row').filter({ has: this.page.getByRole('rowheader', { name }) })
  }

  detail(name: string): Locator {
    return this.main.getByRole('region', { name, exact: true })
  }

  button(name: string): Locator {
    return this.main.getByRole('button', { name, exact: true })
  }

  /** Chooses from the menu of the database that is shown. */
  async choose(database: string, action: string): Promise<void> {
    await this.button(`More actions of ${database}`).click()
    await this.page.getByRole('menuitem', { name: action }).click()
  }
}

const test = base.extend<{ readonly instances: InstancesPage }>({
  instances: async ({ page, workbench }, provide) => {
    await workbench.open()
    await page.getByRole('button', { name: 'Manage databases' }).click()
    await provide(new InstancesPage(page))
  },
})

test('a database is renamed, stopped and started on the page of databases', async ({
  page,
  instances,
  workbench,
}) => {
  await expect(instances.row('playground')).toContainText('ready')
  await workbench.picture('instances')
  await instances.choose('playground', 'Rename…')
  await page.getByRole('textbox', { name: 'Name' }).fill('shop')
  await page.getByRole('button', { name: 'Rename', exact: true }).click()
  await expect(instances.row('shop')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Database: shop' })).toBeVisible()
  await instances.button('Stop').click()
  await expect(instances.row('shop')).toContainText('stopped', { timeout: slowMs })
  await instances.button('Start').click()
  await expect(instances.row('shop')).toContainText('ready', { timeout: slowMs })
})

test('a deleted database is had back from the trash, or removed for good', async ({
  page,
  instances,
  workbench,
}) => {
  await instances.choose('playground', 'Move playground to the trash')
  await expect(instances.main.getByText('There is no database yet')).toBeVisible({ timeout: slowMs })
  await workbench.picture('instances-empty')
  await instances.button('Trash').click()
  const deleted = instances.main.getByRole('list', { name: 'Deleted databases' }).getByRole('listitem')
  await expect(deleted).toContainText('playground')
  await workbench.picture('instances-trash')
  await deleted.getByRole('button', { name: 'Restore' }).click()
  await expect(instances.detail('playground')).toBeVisible()
  await instances.choose('playground', 'Move playground to the trash')
  await instances.button('Trash').click()
  await deleted.getByRole('button', { name: 'Delete for good…' }).click()
  await page.getByRole('button', { name: 'Delete playground' }).click()
  await expect(instances.main.getByText('The trash is empty')).toBeVisible({ timeout: slowMs })
})
