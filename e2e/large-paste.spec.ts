/** Goal: tens of megabytes on the clipboard neither stop the window nor lose a character. */

import type { Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'

/** 20 MB in lines, with a last line that is found by its number and its words. */
const line = "insert into orders values (1, 'some text of a customer', 2.50, now());\n"
const lineCount = 280_000

async function paste(page: Page): Promise<void> {
  await page.evaluate(
    ([text, count]) => navigator.clipboard.writeText(`${text.repeat(count)}select 'the end'`),
    [line, lineCount] as const,
  )
  await page.keyboard.press('ControlOrMeta+V')
}

/** Pixels between the edge of the editor and its longest line number. */
function freeLeftOfNumber(page: Page): Promise<number> {
  return page.locator('.line-numbers', { hasText: String(lineCount + 1) }).evaluate((number) => {
    const text = document.createRange()
    text.selectNodeContents(number)
    const editor = number.closest('.monaco-editor')
    return text.getBoundingClientRect().left - (editor?.getBoundingClientRect().left ?? 0)
  })
}

test('a long text that is pasted has a console of its own, and leaves the one in front alone', async ({
  page,
  workbench,
  allowClipboard,
}) => {
  await allowClipboard()
  await workbench.open()
  await workbench.setSql("select 'written here'")
  await paste(page)
  await expect(workbench.consoleTab('console 2')).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('ControlOrMeta+End')
  await expect(page.locator('.line-numbers', { hasText: String(lineCount + 1) })).toBeVisible()
  await expect.poll(() => freeLeftOfNumber(page)).toBeGreaterThan(4)
  await workbench.runStatement()
  await workbench.expectCells(1, ['the end'])
  await workbench.consoleTab('console 1').click()
  await expect.poll(() => workbench.readEditor()).toBe("select 'written here'")
})

test('a console that nothing was written in makes room for what was pasted', async ({
  page,
  workbench,
  allowClipboard,
}) => {
  await allowClipboard()
  await workbench.open()
  await workbench.setSql('')
  await page.keyboard.press('Delete')
  await paste(page)
  await expect(workbench.consoleTab('console 2')).toHaveAttribute('aria-selected', 'true')
  await expect(workbench.consoleTab('console 1')).toHaveCount(0)
  await page.keyboard.press('ControlOrMeta+End')
  await expect(page.locator('.line-numbers', { hasText: String(lineCount + 1) })).toBeVisible()
})
