/** Goal: from a keystroke to rows: statements, scripts, errors, cancelling, large results, hostile text. */

import type { Locator, Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'

/** Runs for hours, and nobody waits for it. */
const endless = 'select count(*) from generate_series(1, 100000000000) n'

async function pressTimes(page: Page, key: string, count: number): Promise<void> {
  for (let step = 0; step < count; step += 1) await page.keyboard.press(key)
}

test('the statement under the caret runs, and no other', async ({ page, workbench }) => {
  await workbench.open()
  await workbench.setSql("select 'first' as a;\nselect 'second' as b, 2 as c;\nselect 'third' as d")
  await page.keyboard.press('ControlOrMeta+Home')
  await page.keyboard.press('ArrowDown')
  await workbench.runStatement()
  await workbench.expectRowCount(1)
  await workbench.expectCells(1, ['second', '2'])
  await expect(workbench.runStatus).toContainText('1 row')
  await page.keyboard.press('F5')
  await workbench.expectCells(1, ['second', '2'])
})

test('a selection runs instead, when there is one', async ({ page, workbench }) => {
  await workbench.open()
  await workbench.setSql("select 'all of it' as a, 'selected' as b")
  await page.keyboard.press('Home')
  await pressTimes(page, 'Shift+ArrowRight', "select 'all of it'".length)
  await workbench.runStatement()
  await workbench.expectCells(1, ['all of it'])
})

test('a script has a result for each statement, and stops at its first error', async ({ workbench }) => {
  await workbench.open()
  await workbench.execute(
    "select 'one' as x;\nselect 'two' as y;\nselect * from nowhere;\nselect 'never' as z",
  )
  await expect(workbench.messages).toContainText('relation "nowhere" does not exist')
  await expect(workbench.messages).toContainText('42P01')
  await expect(workbench.resultTab(/^Result \d/)).toHaveCount(2)
  await workbench.resultTab(/^Result 2/).click()
  await workbench.expectCells(1, ['two'])
  await workbench.resultTab(/^Result 1/).click()
  await workbench.expectCells(1, ['one'])
  await workbench.picture('script-stopped')
})

test('NULL, the empty text and the text NULL are told apart', async ({ workbench }) => {
  await workbench.open()
  await workbench.execute(
    "select null::text as a, '' as b, 'NULL' as c, 9007199254740993 as d, 1e400::numeric > 0 as e",
  )
  await workbench.expectCells(1, ['NULL', 'empty text', 'NULL', '9007199254740993', 'true'])
  for (const [column, description] of ['no value', 'no characters', ''].entries()) {
    const cell = workbench.row(1).getByRole('gridcell').nth(column)
    await expect(cell).toHaveAccessibleDescription(description)
  }
  await workbench.picture('null-empty-text')
})

test('the error marker sits on the token', async ({ page, workbench }) => {
  await workbench.open()
  await workbench.setSql("select 'é😀' as x,\n       nonsense\nfrom customers")
  await workbench.runStatement()
  await expect(workbench.messages).toContainText('column "nonsense" does not exist')
  const marker = page.locator('.squiggly-error').first()
  await expect(marker).toBeVisible()
  await expect.poll(() => distanceOf(marker, 'nonsense')).toBeLessThan(2)
  await workbench.picture('error-marker')
  await workbench.execute('select 1 as fixed')
  await expect(marker).toBeHidden()
})

/** Pixels between the sides of `marker` and those of `word` in the editor. */
async function distanceOf(marker: Locator, word: string): Promise<number> {
  const mark = await marker.boundingBox()
  const token = await marker.page().evaluate((wanted) => {
    const line = [...document.querySelectorAll('.view-line')].find((each) =>
      each.textContent.includes(wanted),
    )
    const walker = document.createTreeWalker(line ?? document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.textContent?.indexOf(wanted) ?? -1
      if (at < 0) continue
      const range = document.createRange()
      range.setStart(node, at)
      range.setEnd(node, at + wanted.length)
      const { left, right } = range.getBoundingClientRect()
      return { left, right }
    }
    return null
  }, word)
  if (!mark || !token) return Infinity
  return Math.max(Math.abs(mark.x - token.left), Math.abs(mark.x + mark.width - token.right))
}

test('a million rows arrive, down to the last one', async ({ page, workbench }) => {
  await workbench.open()
  await workbench.execute(
    "select n, 'row ' || n as label, n / 7.0::float8 as f from generate_series(1, 1000000) n",
  )
  await workbench.expectRowCount(1_000_000)
  await expect(workbench.runStatus).toContainText('1,000,000 rows')
  await workbench.expectCells(1, ['1', 'row 1', '0.14285714285714285'])
  await workbench.clickFirstCell()
  await page.keyboard.press('ControlOrMeta+End')
  await workbench.expectCells(1_000_000, ['1000000', 'row 1000000', '142857.14285714287'])
  await workbench.picture('million-rows')
})

test('cells are copied as text with tabs', async ({ page, workbench, allowClipboard }) => {
  await allowClipboard()
  await workbench.open()
  await workbench.execute("select n, 'x' || n as t from generate_series(1, 3) n")
  await workbench.clickFirstCell()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.press('ControlOrMeta+C')
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toContain('1\tx1\n2\tx2\n3\tx3')
})

test('Escape cancels, the text stays editable meanwhile, and the session goes on', async ({
  page,
  workbench,
}) => {
  await workbench.open()
  await workbench.execute("set application_name to 'kept'")
  await workbench.setSql(endless)
  await workbench.runStatement()
  await expect(workbench.results.getByRole('timer')).toContainText(/\d/)
  await workbench.typeSql(' -- typed while it runs')
  await expect.poll(() => workbench.readEditor()).toContain('typed while it runs')
  await workbench.picture('running')
  await page.keyboard.press('Escape')
  await expect(workbench.cancelButton).toBeHidden()
  await expect(workbench.runStatus).toContainText('cancelled')
  await workbench.execute("select current_setting('application_name') as name")
  await workbench.expectCells(1, ['kept'])
})

test('a billion rows can be cancelled on their way, and what came is there', async ({ page, workbench }) => {
  await workbench.open()
  // In the target list the function's rows are not collected first.
  await workbench.setSql('select generate_series(1, 1000000000) as n')
  await workbench.runStatement()
  await expect
    .poll(async () => Number(await workbench.grid.getAttribute('aria-rowcount')))
    .toBeGreaterThan(1_000)
  await workbench.editorText.click()
  await page.keyboard.press('Escape')
  await expect(workbench.cancelButton).toBeHidden()
  await workbench.expectCells(1, ['1'])
  await workbench.execute('select 5 as five')
  await workbench.expectCells(1, ['5'])
})

test('binary garbage is an error of Postgres, and nothing else', async ({ workbench }) => {
  await workbench.open()
  const bytes = Array.from({ length: 4_096 }, (_, index) => String.fromCharCode((index * 7 + 1) % 256)).join(
    '',
  )
  await workbench.setSql(bytes)
  await workbench.runScript()
  await expect(workbench.messages).toContainText(/syntax|unterminated|invalid|not.*allowed/i)
  await workbench.execute('select 1 as fine')
  await workbench.expectCells(1, ['1'])
})

test('completion knows tables and columns', async ({ page, workbench }) => {
  await workbench.open()
  await workbench.setSql('select * from cust')
  await page.keyboard.press('Control+Space')
  await expect(workbench.suggestion(/^customers/)).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(workbench.suggestion(/^customers/)).toBeHidden()
  await workbench.setSql('select coun from customers')
  await page.keyboard.press('Home')
  await pressTimes(page, 'ArrowRight', 'select coun'.length)
  await page.keyboard.press('Control+Space')
  await expect(workbench.suggestion(/^country/)).toBeVisible()
})

test('completion waits for no parser', async ({ page, workbench }) => {
  await page.route(/parser-web-worker/, () => undefined)
  await workbench.open()
  await workbench.setSql("select ';'; select coun from customers; select 1")
  await page.keyboard.press('Home')
  await pressTimes(page, 'ArrowRight', "select ';'; select coun".length)
  await page.keyboard.press('Control+Space')
  await expect(workbench.suggestion(/^country/)).toBeVisible()
})

test('names that cannot be read at once come into the completion list that is open', async ({
  page,
  workbench,
  newWindow,
}) => {
  await workbench.open()
  const other = await newWindow()
  await other.execute('begin; create table cucumbers (n int)')
  // Reading names waits for the transaction.
  await workbench.setSql('select * from cu')
  await page.keyboard.press('Control+Space')
  await expect(page.getByText('Loading...').first()).toBeVisible()
  await other.execute('commit')
  await expect(workbench.suggestion(/^cucumbers/)).toBeVisible()
  await page.keyboard.press('Escape')

  await workbench.execute('create table vacuum_plan (n int)')
  await other.execute('begin')
  await workbench.setSql('select vacu')
  await page.keyboard.press('Control+Space')
  await expect(workbench.suggestion(/^vacuum/)).toBeVisible()
  await expect(workbench.suggestion(/^vacuum_plan/)).toBeHidden()
  await other.execute('commit')
  await expect(workbench.suggestion(/^vacuum_plan/)).toBeVisible()
})

test('the tree opens to columns, and filters', async ({ page, workbench }) => {
  await workbench.open()
  await page.getByRole('searchbox', { name: /Filter tables/ }).fill('custom')
  await expect(workbench.tree.getByRole('row', { name: /customers/ }).first()).toBeVisible()
  await expect(workbench.tree.getByRole('row', { name: /^products/ })).toHaveCount(0)
  await workbench.tree
    .getByRole('row', { name: /^customers/ })
    .first()
    .click()
  await page.keyboard.press('ArrowRight')
  await workbench.picture('tree')
})
