/**
 * Goal: what was removed comes back. A statement that removes much is preceded by a snapshot, of which one is told; the
 * timeline shows it, goes back to it, undoes that, labels and forks it. Method: the window as a person uses it.
 */

import { expect, test } from './fixtures.ts'

/** Opening an engine on a busy machine. */
const slowMs = 120_000

test('a dropped table is had back from the timeline, and what it was forked into', async ({
  page,
  workbench,
}) => {
  test.setTimeout(4 * slowMs)
  page.setDefaultTimeout(slowMs / 2)
  await workbench.open()
  await workbench.execute('create table keepsake as select 42 as answer')
  await workbench.execute('drop table keepsake')
  const toast = page.getByText('Snapshot taken before DROP TABLE keepsake')
  await expect(toast).toBeVisible({ timeout: slowMs })
  await workbench.picture('timeline-toast')
  await page.getByRole('button', { name: 'Manage databases' }).click()
  const timeline = page.getByRole('region', { name: 'Timeline' })
  const rows = timeline.getByRole('list').getByRole('listitem')
  await expect(rows.first()).toContainText('Before DROP TABLE keepsake')
  await workbench.picture('timeline')

  await rows.first().getByRole('button', { name: 'Rewind…' }).click()
  await workbench.picture('timeline-rewind')
  await page.getByRole('dialog').getByRole('button', { name: 'Rewind', exact: true }).click()
  await expect(page.getByText('playground is back')).toBeVisible({ timeout: slowMs })
  await expect(rows.first()).toContainText('Before going back')

  // What is told would lie above what is clicked next.
  const dismiss = page.getByRole('button', { name: 'Dismiss' })
  await expect(async () => {
    if (await dismiss.first().isVisible()) await dismiss.first().click({ timeout: 2_000 })
    await expect(dismiss).toHaveCount(0, { timeout: 1_000 })
  }).toPass({ timeout: slowMs })
  await rows
    .nth(1)
    .getByRole('button', { name: /^More actions/ })
    .click()
  await page.getByRole('menuitem', { name: 'Label…' }).click()
  await page.getByRole('textbox', { name: 'Label' }).fill('with the keepsake')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await expect(rows.nth(1)).toContainText('with the keepsake')

  await timeline.getByRole('button', { name: 'When snapshots are taken' }).click()
  await workbench.picture('timeline-policy')
  await timeline.getByRole('textbox', { name: 'Also every (minutes)' }).fill('60')
  await timeline.getByRole('button', { name: 'Save' }).click()
  await expect(timeline.getByRole('form')).toBeHidden()

  await rows
    .nth(1)
    .getByRole('button', { name: /^More actions/ })
    .click()
  await page.getByRole('menuitem', { name: 'Fork from here…' }).click()
  await page.getByRole('textbox', { name: 'Name of the new database' }).fill('second')
  await page.getByRole('dialog').getByRole('button', { name: 'Fork', exact: true }).click()
  await page.getByRole('button', { name: 'Open', exact: true }).click({ timeout: slowMs })
  await workbench.execute('select answer from keepsake')
  await workbench.expectCells(1, ['42'])
})
