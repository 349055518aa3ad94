/** Goal: a moment in the session's zone can be read in UTC, without a query. */

import { expect, test } from './fixtures.ts'

test('a timestamptz says on hover what it is in UTC, to its last digit', async ({ page, workbench }) => {
  await workbench.open()
  await workbench.execute(
    "set timezone = 'Asia/Kolkata'; select timestamptz '2024-01-01 00:00:00.123456Z' as at, 'other' as t",
  )
  await workbench.expectCells(1, ['2024-01-01 05:30:00.123456+05:30', 'other'])
  const told = page.getByTitle(/^2024-01-01 00:00:00\.123456 UTC · \d+ years ago$/)
  await expect(async () => {
    await page.mouse.move(0, 0)
    await workbench.grid.hover({ position: { x: 120, y: 40 } })
    await expect(told).toHaveCount(1, { timeout: 1_000 })
  }).toPass()
  await workbench.clickFirstCell()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('complementary', { name: 'Value of at' })).toContainText(
    '2024-01-01 00:00:00.123456 UTC',
  )
  await workbench.picture('moment')
})
