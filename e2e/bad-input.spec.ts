/**
 * Goal: what goes badly wrong under the console (engines that end, statements and results beyond all measure, disks
 * that are full, files that are damaged or forbidden) is told with what to do, and nothing acknowledged or typed is
 * lost. Method: the real thing each time; where the operating system has to refuse, it does, as for any program.
 */

import { chmodSync, chownSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { resultBytesMax } from '../src/contract/limits.ts'
import { expect, muchData, servedOnly, test } from './fixtures.ts'
import type { HostUnderTest } from './host-under-test.ts'
import { stubbornNotice, stubbornSql } from '../test/support/stubborn-sql.ts'

/** What a browser says of a host that is away, or that has another token since. */
const hostIsAway = /WebSocket|ERR_CONNECTION_REFUSED|status of 401/

/** Ends PGlite: recursion that Postgres's own check does not see uses up V8's stack. */
const crashing = 'select repeat(chr(91), 10000000)::json'

/** Moving hundreds of megabytes on a busy machine. */
const largeTimeoutMs = 90_000

/** 50 MB by hand, before a release: the driver of the browser makes it take a minute and more. */
const pastedCharacters = Number(process.env['WARDIAN_E2E_PASTE_MB'] ?? 10) * 1_000_000

test.describe.configure({ timeout: 4 * largeTimeoutMs })

/** The folder of the playground's files. */
function playground(server: HostUnderTest): string {
  const instances = join(server.dataDirectory, 'instances')
  const [name = ''] = readdirSync(instances)
  return join(instances, name)
}

/** nobody and nogroup, on every system that has them by this number. */
const nobody = { uid: 65_534, gid: 65_534 }

/** How to start a host on `directory` as a user whom permissions stop: root is none. */
function ownedByOrdinaryUser(directory: string): { readonly user?: typeof nobody } {
  if (process.getuid?.() !== 0) return {}
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    chownSync(join(directory, name), nobody.uid, nobody.gid)
  }
  chownSync(directory, nobody.uid, nobody.gid)
  return { user: nobody }
}

test('an engine that dies in the middle of a transaction is told, and started again with what was committed', async ({
  workbench,
}) => {
  await workbench.open()
  await workbench.execute('create table kept as select 42 as answer')
  await workbench.execute(`begin; insert into kept values (7); ${crashing}`)
  await expect(workbench.messages).toContainText('The database engine ended unexpectedly')
  await expect(workbench.messages).toContainText('What was committed is safe')
  await expect(workbench.runStatus).toContainText('statement 3 of 3 failed')
  await expect(workbench.messages.getByRole('listitem').last()).toContainText('The engine was restarted')
  await expect(workbench.resultTab(/^Result/)).toHaveCount(0)
  await expect.poll(() => workbench.readEditor()).toContain(crashing)
  await workbench.picture('engine-died')

  await workbench.execute('table kept')
  await workbench.expectCells(1, ['42'])
  await workbench.expectRowCount(1)
})

test('a statement that catches its cancel ends all the same, and the next one runs', async ({
  page,
  workbench,
}) => {
  await workbench.open()
  await workbench.execute('create table kept as select 42 as answer')
  await workbench.setSql(stubbornSql)
  await workbench.runScript()
  await expect(workbench.messages).toContainText(stubbornNotice)
  await workbench.editorText.click()
  await page.keyboard.press('Escape')
  await expect(workbench.cancelButton).toBeHidden({ timeout: largeTimeoutMs })
  await expect(workbench.runStatus).toContainText(/cancelled|failed/)
  await workbench.execute('table kept')
  await workbench.expectCells(1, ['42'])
})

test('a statement of 50 MB runs from a file', async ({ server, dataDirectory }) => {
  const file = join(dataDirectory, 'large.sql')
  writeFileSync(file, `select length('${'x'.repeat(50_000_000)}') as units`)
  const ended = await server.command(['query', 'playground', '--file', file, '--format', 'csv'])
  expect(ended).toMatchObject({ code: 0, stdout: 'units\r\n50000000\r\n' })
})

test(
  'a statement of many megabytes is pasted into the editor, runs, and is there after a reload',
  muchData,
  async ({ page, workbench, allowClipboard }) => {
    await allowClipboard()
    await workbench.open()
    await workbench.pasteRepeated({
      before: "select length('",
      unit: 'x',
      count: pastedCharacters,
      after: "') as units",
    })
    await workbench.runScript()
    await expect
      .poll(() => workbench.cells(1), { timeout: largeTimeoutMs })
      .toEqual([String(pastedCharacters)])
    await workbench.picture('many-megabytes')
    await workbench.expectStored(largeTimeoutMs)
    await page.reload()
    await workbench.expectReady()
    await workbench.runScript()
    await expect
      .poll(() => workbench.cells(1), { timeout: largeTimeoutMs })
      .toEqual([String(pastedCharacters)])
  },
)

/**
 * In the page: its requests ask for smaller results, and are met like any others. What arrives is told frame by frame
 * to whoever drives the browser, so that the whole budget takes minutes here that it takes nowhere else.
 */
function askForLess([usual, less]: readonly [number, number]): void {
  const send = WebSocket.prototype.send
  WebSocket.prototype.send = function (this: WebSocket, data) {
    const isText = typeof data === 'string'
    send.call(this, isText ? data.replace(`"resultBytesMax":${usual}`, `"resultBytesMax":${less}`) : data)
  }
}

const smallResultBytesMax = 6 << 20

test(
  'a result is cut at its budget, which is said, and the session goes on',
  muchData,
  async ({ page, workbench }) => {
    await page.addInitScript(askForLess, [resultBytesMax, smallResultBytesMax] as const)
    await workbench.open()
    await workbench.execute('begin; create temp table before as select 1 as n')
    await workbench.setSql("select generate_series(1, 1000000000) as n, repeat('x', 10000) as large")
    await workbench.runScript()
    await expect(workbench.runStatus).toContainText(/cut at \d(\.\d)? MB/, { timeout: largeTimeoutMs })
    await expect(workbench.results.getByText(/^Cut at/).first()).toContainText(
      'Add a LIMIT or choose fewer columns to see the rest',
    )
    await expect(workbench.resultTab(/^Result/)).toContainText('cut')
    await workbench.picture('result-cut')
    await workbench.clickFirstCell()
    await page.keyboard.press('ControlOrMeta+End')
    const rowCount = async (): Promise<number> =>
      Number(await workbench.grid.getAttribute('aria-rowcount')) - 1
    await expect.poll(rowCount).toBeGreaterThan(400)
    await expect.poll(async () => workbench.row(await rowCount()).isVisible()).toBe(true)
    // The transaction was not lost with the rows that were not wanted.
    await workbench.execute('table before')
    await workbench.expectCells(1, ['1'])
  },
)

const limits = servedOnly('the shell that starts the host sets the limits of its process')

test(
  'a full disk fails the statement that needs it, says so, and takes nothing that was committed',
  limits,
  async ({ server, workbench }) => {
    await server.stop()
    await server.start({ fileBytesMax: 20 << 20 })
    await workbench.open()
    await workbench.execute('create table kept as select 42 as answer')
    await workbench.execute(
      `create table large (t text); alter table large alter t set storage external;
     insert into large select repeat('x', 8000) from generate_series(1, 4000)`,
    )
    await expect(workbench.messages).toContainText(/could not (extend|write)/)
    await workbench.picture('disk-full')
    await workbench.execute(
      'insert into kept values (43); select sum(answer), (select count(*) from large) from kept',
    )
    await workbench.expectCells(1, ['85', '0'])
  },
)

test(
  'text that cannot be stored is said to be, kept, and stored when there is room',
  limits,
  async ({ page, server, workbench, expectErrors, allowClipboard }) => {
    expectErrors(hostIsAway)
    await allowClipboard()
    const environment = { WARDIAN_TOKEN: 'a-token-that-outlives-a-restart' }
    await server.stop()
    await server.start({ environment, fileBytesMax: 17 << 20 })
    await workbench.open()
    await workbench.setSql('select 1 as typed_before')
    await workbench.execute('select 1 as typed_before')
    const after = '\nselect 2 as typed_on_a_full_disk'
    await workbench.pasteRepeated({ before: '-- ', unit: 'x', count: 12_000_000, after })
    // It says so between two attempts, each of which sends it all again.
    await expect(workbench.status.getByText('text is not stored yet')).toHaveAttribute(
      'title',
      /see that it is there and has room/,
      { timeout: largeTimeoutMs },
    )
    await workbench.picture('text-not-stored')
    await workbench.runStatement()
    await workbench.expectCells(1, ['2'])
    await server.kill()
    await server.start({ environment })
    await workbench.reconnect()
    await expect(workbench.status).not.toContainText('not stored')
    await workbench.expectStored(largeTimeoutMs)
    await page.reload()
    await workbench.expectReady()
    await expect
      .poll(
        async () => {
          // The text may come after the editor.
          await page.keyboard.press('ControlOrMeta+End')
          return workbench.readEditor()
        },
        { timeout: largeTimeoutMs },
      )
      .toContain('select 2 as typed_on_a_full_disk')
  },
)

test('an instance whose files are damaged says so, and what to do', async ({
  server,
  workbench,
  allowClipboard,
}) => {
  await server.stop()
  const control = join(playground(server), 'data/global/pg_control')
  const whole = readFileSync(control)
  truncateSync(control, 100)
  await server.start()
  await workbench.show()
  const { page } = workbench
  const failure = page.getByRole('region', { name: 'playground could not be opened' })
  await expect(failure).toContainText(/pg_control.*restore the directory from a backup/)
  await expect(workbench.status).not.toContainText('auto-commit')
  await expect(workbench.results.getByRole('button', { name: 'Try to open and run' })).toBeVisible()
  await allowClipboard()
  await failure.getByRole('button', { name: 'Copy' }).click()
  const told = await failure.getByRole('paragraph').nth(1).textContent()
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toBe(`playground could not be opened: ${told}`)
  await workbench.setSql('select 1 as kept_meanwhile')
  await workbench.runStatement()
  await expect(workbench.messages).toContainText('restore the directory from a backup')
  await workbench.picture('instance-damaged')
  writeFileSync(control, whole)
  // Whoever needs it next opens it.
  await workbench.runStatement()
  await workbench.expectCells(1, ['1'])
  await workbench.expectReady()
})

test(
  'an instance whose files may not be written says so, and what to do',
  limits,
  async ({ page, server, workbench }) => {
    await server.stop()
    const user = ownedByOrdinaryUser(server.dataDirectory)
    const folder = join(playground(server), 'data')
    chmodSync(folder, 0o500)
    await server.start(user)
    await page.goto(server.ready.url)
    const failure = page.getByRole('region', { name: 'playground could not be opened' })
    await expect(failure).toContainText('Permission denied')
    await workbench.picture('instance-unwritable')
    chmodSync(folder, 0o700)
    await page.getByRole('button', { name: 'Try again' }).click()
    await workbench.expectReady()
    await workbench.execute('select count(*) from customers')
    await workbench.expectCells(1, ['2000'])
  },
)
