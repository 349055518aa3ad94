/**
 * Goal: what could be better is seen and handed to a console, who has the database is told, and a statement's plan is
 * shown. Method: the window as a person uses it.
 */

import { expect, test } from './fixtures.ts'

/** Opening an engine on a busy machine. */
const slowMs = 120_000

test('the dashboard tells of tables, indexes, waits and plans', async ({ page, workbench }) => {
  test.setTimeout(4 * slowMs)
  page.setDefaultTimeout(slowMs / 2)
  await workbench.open()
  await workbench.execute(
    'create table visits as select g as id, g % 50 as page from generate_series(1, 20000) g',
  )
  await workbench.execute('create index visits_page on visits (page)')
  await workbench.execute('create index visits_page_again on visits (page)')
  await workbench.execute('select count(*) from visits where id = 7')
  await page.getByRole('button', { name: 'Dashboard' }).first().click()
  await page.getByRole('tab', { name: 'Tables' }).click()
  await page.getByRole('tabpanel').getByRole('button', { name: 'playground' }).click()
  await expect(page.getByRole('grid', { name: 'Tables' }).getByText('public.visits')).toBeVisible({
    timeout: slowMs,
  })
  await expect(page.getByText('Postgres does not know what is in public.visits')).toBeVisible()
  await expect(page.getByRole('region', { name: 'Health' })).toContainText('In buffers')
  await workbench.picture('insight-tables')

  await page.getByRole('tab', { name: 'Waits' }).click()
  await expect(page.getByText('Nobody runs anything')).toBeVisible({ timeout: slowMs })

  await page.getByRole('tab', { name: 'Statements' }).click()
  await page.getByText('select count(*) from visits where id = $1').first().click()
  await page.getByRole('button', { name: 'Explain' }).click()
  await expect(page.getByLabel('Plan').getByText('Seq Scan on')).toBeVisible({ timeout: slowMs })
  await workbench.picture('insight-plan')

  await page.getByRole('tab', { name: 'Indexes' }).click()
  const finding = page.getByRole('listitem').filter({ hasText: 'has the same columns as' })
  await expect(finding).toBeVisible({ timeout: slowMs })
  await workbench.picture('insight-indexes')
  await finding.getByRole('button', { name: 'Open in a console' }).click()
  await expect(page.getByText('-- To undo it:')).toBeVisible({ timeout: slowMs })
  await workbench.picture('insight-console')
})
