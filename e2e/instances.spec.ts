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

test('a database is made with an extension, and gets another option and extension later', async ({
  page,
  instances,
  workbench,
}) => {
  await page.getByRole('button', { name: 'New database' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'New database' })
  await dialog.getByRole('textbox', { name: 'Name' }).fill('places')
  await dialog.getByText('Extensions, durability and memory').click()
  await dialog.getByRole('searchbox', { name: 'Filter extensions' }).fill('ltree')
  await dialog.getByText('ltree', { exact: true }).click()
  await dialog.getByRole('textbox', { name: 'work_mem', exact: true }).fill('4')
  await expect(dialog.getByText('work_mem is a size such as 4MB, not 4')).toBeVisible()
  await workbench.picture('instances-new')
  await dialog.getByRole('textbox', { name: 'work_mem', exact: true }).fill('16MB')
  await dialog.getByRole('button', { name: 'Make database' }).click()
  await expect(instances.detail('places')).toBeVisible({ timeout: slowMs })
  const extensions = instances.main.getByRole('region', { name: 'Extensions' })
  const first = extensions.getByRole('listitem').first()
  await expect(first).toContainText('ltree', { timeout: slowMs })
  await expect(first).toContainText('installed')
  await extensions.getByRole('searchbox', { name: 'Filter extensions' }).fill('hstore')
  await extensions.getByRole('button', { name: 'Add hstore' }).click()
  await expect(extensions.getByRole('listitem').first()).toContainText('installed', { timeout: slowMs })
  const options = instances.main.getByRole('region', { name: 'Options' })
  await options.getByText('Relaxed').click()
  await options.getByRole('button', { name: 'Save' }).click()
  await expect(instances.main.getByText('count from its next start on')).toBeVisible()
  await workbench.picture('instances-restart')
  await instances.main.getByRole('button', { name: 'Restart now' }).click()
  await expect(instances.row('places')).toContainText('relaxed')
  await expect(instances.main.getByText('count from its next start on')).toBeHidden({ timeout: slowMs })
})

test('a database is exported, imported and duplicated, and what is no database is refused', async ({
  page,
  instances,
  workbench,
  dataDirectory,
}) => {
  const file = `${dataDirectory}/shop.wardian`
  await instances.choose('playground', 'Export to a file…')
  const exporting = page.getByRole('dialog', { name: 'Export playground' })
  await expect(exporting.getByRole('textbox', { name: 'File' })).toHaveValue(/playground-.*\.wardian$/)
  await workbench.picture('instances-export')
  await exporting.getByRole('textbox', { name: 'File' }).fill(file)
  await exporting.getByRole('button', { name: 'Export', exact: true }).click()
  await expect(page.getByText('playground was exported')).toBeVisible({ timeout: slowMs })
  await instances.button('Import a database').click()
  const importing = page.getByRole('dialog', { name: 'Import a database' })
  await importing.getByRole('textbox', { name: 'File' }).fill(file)
  await importing.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(importing.getByRole('alert')).toContainText('There is an instance named playground already', {
    timeout: slowMs,
  })
  await importing.getByRole('textbox', { name: 'Name' }).fill('carried')
  await importing.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(instances.detail('carried')).toBeVisible({ timeout: slowMs })
  await instances.row('playground').click()
  await instances.choose('playground', 'Duplicate')
  await expect(instances.detail('playground copy')).toBeVisible({ timeout: slowMs })
  await instances.button('Open a directory').click()
  const opening = page.getByRole('dialog', { name: 'Open a directory' })
  await opening.getByRole('textbox', { name: 'Directory' }).fill(dataDirectory)
  await opening.getByRole('button', { name: 'Open', exact: true }).click()
  await expect(opening.getByRole('alert')).toContainText('holds no database', { timeout: slowMs })
  await workbench.picture('instances-open')
  await page.keyboard.press('Escape')
  await workbench.picture('instances-many')
})
