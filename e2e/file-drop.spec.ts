/** Files that are dropped on the window: SQL is opened and not run, an export is offered, anything else is refused. */

import type { Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'

/** As a browser reports it when files are let go over the editor. */
async function drop(page: Page, name: string, bytes: readonly number[]): Promise<void> {
  await page.evaluate(
    (given) => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([new Uint8Array(given.bytes)], given.name))
      const editor = document.querySelector('.monaco-editor') ?? document.body
      editor.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
    },
    { name, bytes },
  )
}

const text = "select 'dropped ß' as said"

test('a file of SQL that is dropped opens in a tab of its name, and is run by nobody but the user', async ({
  page,
  workbench,
}) => {
  await workbench.open()
  await workbench.setSql("select 'written here'")
  await drop(page, 'Report.SQL', [...new TextEncoder().encode(text)])
  await expect(workbench.consoleTab('Report.SQL')).toHaveAttribute('aria-selected', 'true')
  await expect.poll(() => workbench.readEditor()).toBe(text)
  await expect(workbench.runStatus).toBeHidden()
  await workbench.runStatement()
  await workbench.expectCells(1, ['dropped ß'])
  await workbench.consoleTab('console 1').click()
  await expect.poll(() => workbench.readEditor()).toBe("select 'written here'")
})

test('what is no text, or no file of ours, is refused by name; an export is offered to be imported', async ({
  page,
  workbench,
}) => {
  await workbench.open()
  for (const [name, bytes, why] of [
    ['latin.sql', [0xe9, 0x20], 'latin.sql was not opened: it is not UTF-8'],
    ['zero.sql', [0x73, 0x00], 'zero.sql was not opened: it is not a text'],
    ['cat.png', [0x89], 'cat.png was not opened: it is neither SQL nor an export of Wardian'],
  ] as const) {
    await drop(page, name, bytes)
    await expect(page.getByText(why)).toBeVisible()
  }
  await expect(workbench.consoleTab('console 1')).toHaveAttribute('aria-selected', 'true')
  await drop(page, 'shop.wardian', [1, 2, 3])
  await expect(page.getByRole('dialog')).toContainText(/import/i)
  await page.screenshot({ path: 'out/screenshots/dropped-export.png' })
})
