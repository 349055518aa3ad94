/** Goal: a database that was deleted by mistake is back with one press, its rows and its console with it. */

import { expect, test } from './fixtures.ts'

test('deleting a database can be undone', async ({ page, workbench }) => {
  await workbench.open()
  await workbench.execute('create table kept as select 42 as answer')
  await page.getByRole('button', { name: 'Database: playground' }).click()
  await page.getByRole('menuitem', { name: 'Move playground to the trash' }).click()
  await expect(page.getByRole('button', { name: 'Database: none' })).toBeVisible()
  await workbench.picture('deleted')
  await page.getByRole('button', { name: 'Undo' }).click()
  await workbench.expectReady()
  await workbench.execute('select answer from kept')
  await workbench.expectCells(1, ['42'])
})
