/**
 * Goal: a result that was kept says so, is run again when somebody asks, and is gone when it is not true any more.
 * Method: the window as a person uses it, with a second window that writes.
 */

import type { Locator, Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'
import type { Workbench } from './workbench.ts'

/** Opening an engine on a busy machine. */
const slowMs = 120_000

/** Long enough to be worth keeping: short ones are always run. */
const sql = 'select count(*) as visits from visits a cross join generate_series(1, 300) g'

async function choose(page: Page, command: string): Promise<void> {
  await page.keyboard.press('ControlOrMeta+Shift+P')
  await page.getByRole('searchbox', { name: 'Command' }).fill(command)
  await page.getByRole('dialog').getByText(command).first().click()
}

/** The line below the rows. */
function line({ results }: Workbench): Locator {
  return results.getByRole('tabpanel').getByRole('status')
}

/** Runs what the editor has until it is answered by what was kept: the first run may not be worth keeping. */
async function expectKept(workbench: Workbench): Promise<void> {
  await expect(async () => {
    await workbench.runScript()
    await expect(workbench.cancelButton).toBeHidden()
    await expect(line(workbench)).toContainText('cached', { timeout: 1_000 })
  }).toPass({ timeout: slowMs })
}

test('a kept result is marked, refreshed, not used after a write, and forgotten', async ({
  page,
  workbench,
  newWindow,
}) => {
  test.setTimeout(4 * slowMs)
  page.setDefaultTimeout(slowMs / 2)
  await workbench.open()
  await workbench.execute('create table visits as select g as id from generate_series(1, 2000) g')
  await choose(page, 'Keep results of queries')
  await workbench.execute(sql)
  await expectKept(workbench)
  await expect(line(workbench)).toContainText(/^1 row · [\d.]+ ms · cached, [\d.]+ (ms|s) savedRefresh$/)
  await workbench.picture('cache-hit')

  await line(workbench).getByRole('button', { name: 'Refresh' }).click()
  await expect(line(workbench)).not.toContainText('cached')
  await workbench.expectCells(1, ['600000'])
  await expectKept(workbench)

  const other = await newWindow()
  await other.execute('insert into visits values (0)')
  await page.bringToFront()
  await workbench.runScript()
  await workbench.expectCells(1, ['600300'])
  await expect(line(workbench)).not.toContainText('cached')
  await expectKept(workbench)

  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Dashboard' }).click()
  await page.getByRole('tab', { name: 'Cache' }).click()
  const pick = page.getByRole('tabpanel').getByRole('button', { name: 'playground' })
  const kept = page.getByRole('region', { name: 'Kept results' })
  await expect(pick.or(kept).first()).toBeVisible()
  if (await pick.isVisible()) await pick.click()
  await expect(kept.getByRole('row').filter({ hasText: 'cross join' })).toContainText('visits')
  const removed = page.getByRole('region', { name: 'Thrown out' })
  await expect(removed.getByRole('row', { name: /visits was written/ })).toBeVisible()
  await workbench.picture('cache-page')
  await page.getByRole('button', { name: 'Clear', exact: true }).click()
  await expect(kept).toBeHidden()
  await expect(removed.getByRole('row', { name: /cleared/ }).first()).toBeVisible()
})

test('one console runs everything while others are answered', async ({ page, workbench }) => {
  test.setTimeout(4 * slowMs)
  page.setDefaultTimeout(slowMs / 2)
  await workbench.open()
  await workbench.execute('create table visits as select g as id from generate_series(1, 2000) g')
  await choose(page, 'Keep results of queries')
  await workbench.execute(sql)
  await expectKept(workbench)
  await workbench.consoleTab(/console 1/).click({ button: 'right' })
  const choice = page.getByRole('menuitemcheckbox', { name: 'Answer from kept results' })
  await expect(choice).toBeChecked()
  await expect(page.getByRole('menuitemradio', { name: 'Use playground' })).toBeChecked()
  await expect(page.getByRole('menuitem', { name: 'Rename' })).toBeVisible()
  await workbench.picture('cache-choice')
  await choice.click()
  await expect(choice).toBeHidden()
  const off = workbench.results.getByRole('button', { name: 'Cache off' })
  await expect(off).toBeVisible()
  await workbench.execute(sql)
  await expect(line(workbench)).not.toContainText('cached')
  await workbench.picture('cache-off')

  // The next window has the choice of the last one.
  await page.reload()
  await workbench.execute(sql)
  await expect(off).toBeVisible()
  await expect(line(workbench)).not.toContainText('cached')
  await workbench.consoleTab(/console 1/).click({ button: 'right' })
  await expect(choice).not.toBeChecked()
  await page.keyboard.press('Escape')
  await off.click()
  await expect(off).toBeHidden()
  await expectKept(workbench)
})
