/**
 * Goal: nothing that was acknowledged or typed is lost, whatever ends: a tab, a page, a window, the host. Method: ends
 * of every kind in the middle of work, then a look at what is there.
 */

import type { Page } from '@playwright/test'
import { expect, servedOnly, test } from './fixtures.ts'

/** What a browser says of a host that is away, or that has another token since. */
const hostIsAway = /WebSocket|ERR_CONNECTION_REFUSED|status of 401/

const endless = 'select count(*) from generate_series(1, 100000000000) n'

/** How many edits of text were sent and have not been acknowledged; to be called before the page is opened. */
function watchEdits(page: Page): { underWay(): Promise<number> } {
  const sent = new Set<string | undefined>()
  const idOf = (frame: string | Buffer): string | undefined => /"id":(\d+)/.exec(frame.toString())?.[1]
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      if (payload.includes('"tab.edit"')) sent.add(idOf(payload))
    })
    socket.on('framereceived', ({ payload }) => sent.delete(idOf(payload)))
  })
  return {
    async underWay(): Promise<number> {
      // The answer to one request has the next one sent.
      await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)))
      return sent.size
    },
  }
}

test('history is found again after a restart', async ({ server, workbench, expectErrors }) => {
  expectErrors(hostIsAway)
  await workbench.open()
  await workbench.execute("select 'a needle in the haystack' as found")
  await workbench.expectCells(1, ['a needle in the haystack'])
  await workbench.execute('select 1/0')
  await expect(workbench.messages).toContainText('division by zero')
  await server.stop()
  await server.start()
  await workbench.open()
  const history = await workbench.openHistory('needle haystack')
  await expect(history.getByRole('option')).toHaveCount(1)
  await expect(history.getByRole('option').first()).toContainText('a needle in the haystack')
  await workbench.page.getByRole('searchbox', { name: 'Search history' }).fill('')
  await expect(history.getByRole('option', { name: /1\/0/ })).toBeVisible()
  await workbench.picture('history')
})

test('tabs and their unsaved text outlive kill -9 of the host', async ({
  page,
  server,
  workbench,
  expectErrors,
}) => {
  expectErrors(hostIsAway)
  const edits = watchEdits(page)
  await workbench.open()
  await workbench.setSql("-- never saved: 'quotes', ünïcode, 😀\nselect 1")
  await page.keyboard.press('Alt+T')
  await expect(workbench.consoleTab(/console/)).toHaveCount(2)
  await workbench.typeSql('the second one')
  await expect.poll(edits.underWay).toBe(0)
  await workbench.expectStored()
  await server.kill()
  await server.start()
  await workbench.open()
  await expect(workbench.consoleTab(/console/)).toHaveCount(2)
  await expect.poll(() => workbench.readEditor()).toContain('the second one')
  await workbench.consoleTab(/console 1/).click()
  await expect.poll(() => workbench.readEditor()).toContain("-- never saved: 'quotes', ünïcode, 😀\nselect 1")
})

const restarts = servedOnly('the desktop app starts its host again as soon as it has ended')

test(
  'what is typed while the host is away is kept, and sent when it is back',
  restarts,
  async ({ page, server, workbench, expectErrors }) => {
    expectErrors(hostIsAway)
    // With a token of its own the browser stays logged in over the restart.
    const environment = { WARDIAN_TOKEN: 'a-token-that-outlives-a-restart' }
    await server.stop()
    await server.start({ environment })
    await workbench.open()
    await workbench.setSql('select 1')
    await server.kill()
    await expect(workbench.hostIsAway).toBeVisible()
    await workbench.typeSql(' -- typed in the dark')
    await workbench.picture('host-away')
    await server.start({ environment })
    await workbench.reconnect()
    await workbench.runStatement()
    await workbench.expectCells(1, ['1'])
    await workbench.expectStored()
    await page.reload()
    await workbench.expectReady()
    await expect.poll(() => workbench.readEditor()).toContain('select 1 -- typed in the dark')
  },
)

test('a reload in the middle of a query ends that query, and the page comes back as it was', async ({
  page,
  workbench,
}) => {
  await workbench.open()
  await workbench.setSql(endless)
  await workbench.runStatement()
  await expect(workbench.cancelButton).toBeVisible()
  page.on('dialog', (dialog) => void dialog.accept())
  await page.reload()
  await workbench.expectReady()
  await expect.poll(() => workbench.readEditor()).toContain(endless)
  await workbench.execute('select 6 as six')
  await workbench.expectCells(1, ['6'])
})

test('closing a tab in the middle of a query ends that query, and the tab can be had again', async ({
  page,
  workbench,
}) => {
  await workbench.open()
  await page.keyboard.press('Alt+T')
  await expect(workbench.consoleTab(/console/)).toHaveCount(2)
  await workbench.setSql(endless)
  await workbench.runStatement()
  await expect(workbench.cancelButton).toBeVisible()
  await page.keyboard.press('Alt+W')
  await expect(workbench.consoleTab(/console/)).toHaveCount(1)
  await workbench.execute('select 7 as seven')
  await workbench.expectCells(1, ['7'])
  await page.keyboard.press('Alt+Shift+T')
  await expect(workbench.consoleTab(/console/)).toHaveCount(2)
  await expect.poll(() => workbench.readEditor()).toContain(endless)
})

test('closing the window in the middle of a transaction rolls it back', async ({ workbench, newWindow }) => {
  const other = await newWindow()
  await other.execute('create table gone (n int); begin; insert into gone values (1)')
  await expect(other.status).toContainText('transaction open')
  await other.page.close()
  await workbench.open()
  await workbench.execute('select count(*) from gone')
  await workbench.expectCells(1, ['0'])
})

test('two windows work side by side, and who waits is told for whom', async ({ workbench, newWindow }) => {
  await workbench.open()
  const other = await newWindow()
  await workbench.setSql('-- the first window')
  await other.setSql('-- the second window')
  await workbench.execute('begin; create table pair (n int)')
  await other.setSql('select count(*) from customers')
  await other.runStatement()
  await expect(other.results.getByRole('timer')).toContainText(/Waiting for console 1/i)
  await other.picture('waiting')
  await workbench.execute('commit')
  await other.expectCells(1, ['2000'])
  await expect(other.tree).toBeVisible()
  await other.execute('select count(*) from pair')
  await other.expectCells(1, ['0'])
})

test('a reload keeps the workspace of each window', async ({ workbench, newWindow }) => {
  await workbench.open()
  const other = await newWindow()
  await workbench.setSql('-- mine')
  await other.setSql('-- yours')
  await workbench.expectStored()
  await other.expectStored()
  await workbench.page.reload()
  await other.page.reload()
  await workbench.expectReady()
  await other.expectReady()
  await expect.poll(() => workbench.readEditor()).toBe('-- mine')
  await expect.poll(() => other.readEditor()).toBe('-- yours')
})
