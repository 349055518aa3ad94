/**
 * Goal: a database whose engine ends again and again stays down, says so with what was logged, and each way out that
 * its page offers works: a copy in one file, a dump, an older snapshot, another start. Method: an engine that really
 * ends, in the window as a person uses it; what an offer has made is read back.
 */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { expect, test as base } from './fixtures.ts'
import type { Workbench } from './workbench.ts'

/** Ends PGlite: recursion that Postgres's own check does not see uses up V8's stack. */
const crashing = 'select repeat(chr(91), 10000000)::json'

/** Engines start, and files are written, on a busy machine. */
const slowMs = 120_000

/** The page of a database that stays down. */
class DownPage {
  readonly page: Page
  readonly main: Locator
  readonly card: Locator

  constructor(page: Page) {
    this.page = page
    this.main = page.getByRole('main', { name: 'Databases' })
    this.card = this.main.getByRole('alert').filter({ hasText: 'times within a minute' })
  }

  offer(name: string): Locator {
    return this.card.getByRole('button', { name, exact: true })
  }

  get detail(): Locator {
    return this.main.getByRole('region', { name: 'playground', exact: true })
  }
}

/** Ends the engine until it is not started again; on a slow machine the first end may be a minute ago by then. */
async function bringDown(workbench: Workbench): Promise<void> {
  await workbench.setSql(crashing)
  await expect(async () => {
    await workbench.runScript()
    await expect(workbench.runStatus).toBeVisible({ timeout: slowMs })
    // It is said before the run has ended. Four ends must fall within a minute, so that no time is lost here.
    await expect(workbench.messages).toContainText('avoid this statement', { timeout: 200 })
  }).toPass({ timeout: 2 * slowMs, intervals: [100] })
}

const test = base.extend<{ readonly down: DownPage }>({
  down: async ({ page, workbench }, provide) => {
    await workbench.open()
    await workbench.execute('create table kept as select 42 as answer')
    // What is removed is preceded by a snapshot.
    await workbench.execute('drop table kept')
    await workbench.execute('create table later as select 7 as answer')
    await bringDown(workbench)
    await page.getByRole('button', { name: 'Manage databases' }).click()
    await provide(new DownPage(page))
  },
})

test.describe.configure({ timeout: 4 * slowMs })

test('says why it stays down; its copy and its dump have what was committed', async ({
  page,
  down,
  workbench,
  server,
  dataDirectory,
}) => {
  await expect(down.card).toContainText('What was committed is safe')
  await expect(down.detail).toContainText('could not be opened')
  await down.card.getByText('What it logged last').click()
  await expect(down.card.locator('pre')).toContainText('Maximum call stack size exceeded')
  for (const offer of ['Start again', 'Copy text']) await expect(down.offer(offer)).toBeEnabled()
  await workbench.picture('failure')
  await page.emulateMedia({ colorScheme: 'dark' })
  await workbench.picture('failure-dark')
  await page.setViewportSize({ width: 720, height: 900 })
  await workbench.picture('failure-narrow-dark')
  await page.emulateMedia({ colorScheme: 'light' })
  await workbench.picture('failure-narrow')

  const file = join(dataDirectory, 'rescued.wardian')
  await down.offer('Save a copy…').click()
  const exporting = page.getByRole('dialog', { name: 'Export playground' })
  await expect(exporting.getByRole('textbox', { name: 'File' })).toHaveValue(/playground-.*\.wardian$/)
  await exporting.getByRole('textbox', { name: 'File' }).fill(file)
  await exporting.getByRole('button', { name: 'Export', exact: true }).click()
  await expect(page.getByText('playground was exported')).toBeVisible({ timeout: slowMs })
  // Nobody has asked for the engine.
  await expect(down.card).toBeVisible()
  expect(await server.command(['import', file, 'rescued'])).toMatchObject({ code: 0 })
  const found = await server.command(['query', 'rescued', 'table later', '--format', 'csv'])
  expect(found).toMatchObject({ code: 0, stdout: 'answer\r\n7\r\n' })

  await down.offer('Dump…').click()
  const move = down.main.getByRole('region', { name: 'Move' })
  const downloading = page.waitForEvent('download', { timeout: slowMs })
  await move.getByRole('button', { name: 'Dump playground' }).click()
  const dump = await readFile(await (await downloading).path(), 'utf8')
  expect(dump).toContain('COPY public.later (answer) FROM stdin;\n7\n')
  // It had to be started for that, and goes on.
  await expect(down.card).toBeHidden()
})

test('starts again when it is asked to, and goes back to its last snapshot', async ({
  page,
  down,
  workbench,
}) => {
  await down.offer('Start again').click()
  await expect(down.card).toBeHidden({ timeout: slowMs })
  await page.getByRole('button', { name: 'Open console' }).click()
  await workbench.execute('table later')
  await workbench.expectCells(1, ['7'])
  await bringDown(workbench)
  await page.getByRole('button', { name: 'Manage databases' }).click()

  await down.offer('Rewind to the last snapshot…').click()
  const question = page.getByRole('dialog', { name: 'Rewind playground?' })
  await expect(question).toContainText('Before DROP TABLE kept')
  await workbench.picture('failure-rewind')
  await question.getByRole('button', { name: 'Rewind', exact: true }).click()
  await expect(page.getByText('playground is back')).toBeVisible({ timeout: slowMs })
  await expect(down.card).toBeHidden()
  const rows = page.getByRole('region', { name: 'Timeline' }).getByRole('listitem')
  await expect(rows.first()).toContainText('Before going back')
  await page.getByRole('button', { name: 'Open console' }).click()
  await workbench.execute("select answer, to_regclass('later') is null as is_gone from kept")
  await workbench.expectCells(1, ['42', 'true'])
})
