/** Goal: a database that was deleted by mistake is back with one press, its rows and its console with it. */

import { expect, test } from './fixtures.ts'

test('deleting a database can be undone', async ({ page, workbench }) => {
  await workbench.open()
  await workbench.execute('create table kept as select 42 as answer')
  await page.getByRole('button', { name: 'Database: playground' }).click()
  await page.getByRole('menuitem', { name: 'Move playground to the trash' }).click()
  await expect(page.getByRole('button', { name: 'Database: none' })).toBeVisible({ timeout: 120_000 })
  await workbench.picture('deleted')
  await page.getByRole('button', { name: 'Undo' }).click()
  await workbench.expectReady()
  await workbench.execute('select answer from kept')
  await workbench.expectCells(1, ['42'])
})

test('deleting the last database on the page of databases says only that', async ({ page, workbench }) => {
  await workbench.open()
  await page.getByRole('button', { name: 'Manage databases' }).click()
  const main = page.getByRole('main', { name: 'Databases' })
  await expect(main.getByText(/installed$/).first()).toBeVisible()
  await main.getByRole('button', { name: 'More actions of playground' }).click()
  await page.getByRole('menuitem', { name: 'Move playground to the trash' }).click()
  const said = page.getByRole('region', { name: 'Announcements' })
  await expect(said.getByRole('button', { name: 'Undo' })).toBeVisible({ timeout: 120_000 })
  await workbench.picture('deleted-last')
  await said.getByRole('button', { name: 'Undo' }).click()
  await expect(main.getByRole('rowheader', { name: 'playground' })).toBeVisible({ timeout: 120_000 })
  // Errors stay until they are dismissed, and everything has been answered by now.
  await expect(said.getByRole('alert')).toHaveCount(0)
})
