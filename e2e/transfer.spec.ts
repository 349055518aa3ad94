/**
 * Goal: a database is dumped to a file, restored from one and copied on its page, with words for what has been done or
 * what went wrong. Method: the page as a person uses it, and the files of a real browser.
 */

import { readFile } from 'node:fs/promises'
import type { Locator, Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'

/** Engines start, and dumps are made, on a busy machine. */
const slowMs = 120_000

/** The part of the page that moves the database that is shown. */
function moveSection(page: Page): Locator {
  return page.getByRole('main', { name: 'Databases' }).getByRole('region', { name: 'Move' })
}

test('a database is dumped, restored and copied', async ({ page, workbench }) => {
  test.setTimeout(4 * slowMs)
  await workbench.open()
  await workbench.execute('create table moved as select generate_series(1, 3) as answer')
  await page.keyboard.press('ControlOrMeta+Shift+P')
  await page.keyboard.type('Dump database')
  await page.keyboard.press('Enter')
  const section = moveSection(page)
  await expect(section.getByRole('form', { name: 'Dump' })).toBeVisible()
  await workbench.picture('dump form')
  const downloading = page.waitForEvent('download', { timeout: slowMs })
  await section.getByRole('button', { name: 'Dump playground' }).click()
  const download = await downloading
  expect(download.suggestedFilename()).toBe('playground.sql')
  const dump = await readFile(await download.path(), 'utf8')
  expect(dump).toContain('COPY public.moved (answer) FROM stdin;\n1\n2\n3\n')
  await expect(section.getByRole('status')).toContainText('Dumped')
  await workbench.picture('dumped')

  await section.getByRole('button', { name: 'Copy to…' }).click()
  await section.getByRole('textbox', { name: 'To' }).fill('second')
  await expect(section).toContainText('A new database, made for the copy.')
  await workbench.picture('copy form')
  await section.getByRole('button', { name: 'Begin the copy' }).click()
  await expect(section).toContainText('Copied to second', { timeout: slowMs })
  await workbench.picture('copied')

  await section.getByRole('button', { name: 'Restore…' }).click()
  const choosing = page.waitForEvent('filechooser')
  await section.getByRole('button', { name: 'Choose a file…' }).click()
  await (
    await choosing
  ).setFiles({
    ...{ name: 'bad.sql', mimeType: 'text/plain' },
    buffer: Buffer.from('create table half ();\nselect 1/0;\n'),
  })
  await workbench.picture('restore form')
  await section.getByRole('button', { name: 'Restore into playground' }).click()
  await expect(section.getByRole('alert')).toContainText('line 2: ERROR:  division by zero', {
    timeout: slowMs,
  })
  await workbench.picture('restore failed')
})
