/** Goal: the first minute. On a machine that has never seen Wardian there is something to query, and it looks right. */

import { expect, firstStartTimeoutMs, test } from './fixtures.ts'
import { Workbench } from './workbench.ts'

test('the first start has a playground with a web shop in it, and the window can be used meanwhile', async ({
  page,
  newServer,
}) => {
  test.setTimeout(firstStartTimeoutMs)
  const server = await newServer({ isFresh: true })
  const workbench = new Workbench(page, server)
  await workbench.show()
  await expect(workbench.editorText).toBeVisible({ timeout: firstStartTimeoutMs })
  await workbench.setSql('select count(*) from orders')
  await workbench.expectReady(firstStartTimeoutMs)
  await workbench.runStatement()
  await workbench.expectCells(1, ['40000'])
  await expect(workbench.status).toContainText('Postgres 18')
  for (const part of ['tables', 'views', 'functions']) {
    await expect(workbench.tree.getByRole('row', { name: part, exact: true }).first()).toBeVisible()
  }
  await workbench.picture('first-start')
})

test('it looks right in dark, light and high contrast', async ({ page, workbench }) => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await workbench.open()
  await workbench.setSql(
    'select o.order_id, c.name, c.country, o.status, o.ordered_at, c.preferences\n' +
      'from orders o join customers c using (customer_id)\norder by o.order_id limit 500;\n\n' +
      "select null as nothing, '' as empty, 'NULL' as word, 12345678901234567890.123 as amount",
  )
  await page.keyboard.press('ControlOrMeta+Home')
  await workbench.runStatement()
  await workbench.expectRowCount(500)
  await expect(workbench.row(1)).toBeVisible()
  await workbench.picture('console-dark')
  await page.emulateMedia({ colorScheme: 'light' })
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light')
  await workbench.picture('console-light')
  await page.emulateMedia({ colorScheme: 'dark', contrast: 'more' })
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'high-contrast')
  await workbench.picture('console-high-contrast')
})
