/**
 * Goal: whoever has made an index sees what it has done to a statement. Method: the dashboard as a person uses it, on a
 * real table that is searched without an index and with one.
 */

import type { Locator, Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'
import type { Workbench } from './workbench.ts'

/** Counting, and reading what was counted, on a busy machine. */
const slowMs = 120_000
/** The shortest part in which calls are kept. */
const partMs = 10_000

const sql = 'select count(*) as straws from hay where straw = 7'

const narrow = { width: 720, height: 900 }
const wide = { width: 1440, height: 900 }

/** Shows the dashboard, or the consoles where it is shown. */
async function turn(page: Page): Promise<void> {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Dashboard' }).click()
}

async function takePictures(workbench: Workbench, name: string, section: Locator): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await workbench.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await section.evaluate((element) => element.scrollIntoView({ block: 'end' }))
    await workbench.picture(`${name}-${colorScheme}`)
  }
}

/** As the field takes it, in the time of this place. */
function fieldText(atMs: number): string {
  const at = new Date(atMs - new Date(atMs).getTimezoneOffset() * 60_000)
  return at.toISOString().slice(0, 19)
}

test('what an index has done to a statement is shown before and after it was made', async ({
  page,
  workbench,
}) => {
  test.setTimeout(5 * slowMs)
  page.setDefaultTimeout(slowMs / 2)
  await workbench.open()
  await workbench.execute(
    'create table hay as select g as id, g % 997 as straw from generate_series(1, 300000) g',
  )
  await turn(page)
  const main = page.getByRole('main', { name: 'Dashboard' })
  await main.getByRole('button', { name: 'What is measured and kept' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'In parts of (seconds)' }).fill(String(partMs / 1_000))
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()
  await turn(page)
  for (let count = 0; count < 3; count += 1) await workbench.execute(sql)

  await turn(page)
  await main.getByRole('tab', { name: 'Statements' }).click()
  await main.getByRole('searchbox', { name: 'Search statements' }).fill('straws')
  const rows = main.getByRole('grid', { name: 'Statements' }).getByRole('row')
  const row = rows.filter({ hasText: 'as straws from hay' })
  await expect(row).toBeVisible({ timeout: slowMs })
  // With its head. Until then it may move from under the pointer, and the click be lost.
  await expect(rows).toHaveCount(2, { timeout: slowMs })
  // Calls are dated when the host collects them, up to a second later: for this answer it has.
  const ranMs = Date.now()
  await row.click()
  const section = main.getByRole('region', { name: 'Before and after' })
  const moment = section.getByLabel('Change made at')
  const compare = section.getByRole('button', { name: 'Compare' })
  await section.scrollIntoViewIfNeeded()
  await expect(moment).toBeVisible({ timeout: slowMs })
  await compare.click()
  await expect(section).toContainText('It did not run before.')
  await takePictures(workbench, 'compare-empty', section)
  await moment.fill('2001-02-03T04:05:06')
  await expect(section).toContainText('Choose a moment within the time that is shown')
  await expect(compare).toBeDisabled()
  await expect(section).not.toContainText('It did not run before.')
  await workbench.picture('compare-wrong')

  // The index is made in a part of its own, behind the one of the last call.
  const changedMs = Math.ceil((ranMs + 1) / partMs) * partMs
  await expect.poll(() => Date.now(), { timeout: 3 * partMs }).toBeGreaterThan(changedMs)
  await turn(page)
  await workbench.execute('create index on hay (straw, id)')
  for (let count = 0; count < 5; count += 1) await workbench.execute(sql)
  await turn(page)
  await expect(moment).toBeVisible({ timeout: slowMs })
  // Whoever comes back sees how the statement fared, too.
  const latency = main.getByRole('figure', { name: 'Latency', exact: true })
  await expect(latency.getByRole('button', { name: /^p50 [\d.]+ \S+$/ })).toBeVisible()
  await moment.fill(fieldText(changedMs))
  const table = section.getByRole('table', { name: 'Before and after' })
  await expect(async () => {
    await compare.click()
    await expect(table.getByRole('row', { name: 'Calls' })).toContainText('5', { timeout: 2_000 })
  }).toPass({ timeout: slowMs })
  await expect(section).toContainText(/The 5 calls since then took [\d.]+ \S+: [\d.]+ m?s saved\./)
  await expect(table.getByRole('row', { name: 'Calls' })).toContainText('3')
  await expect(table.getByRole('row', { name: 'Mean' })).toContainText(/−\d+(\.\d)? %/)
  await takePictures(workbench, 'compare', section)
  await page.setViewportSize(narrow)
  await takePictures(workbench, 'compare-narrow', section)
  await page.setViewportSize(wide)
})
