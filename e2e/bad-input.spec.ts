/**
 * Goal: what goes badly wrong under the console (engines that end, statements and results beyond all measure, disks
 * that are full, files that are damaged or forbidden) is told with what to do, and nothing acknowledged or typed is
 * lost. Method: the real thing each time; where the operating system has to refuse, it does, as for any program.
 */

import { chmodSync, chownSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from './fixtures.ts'
import type { WardianServer } from './wardian-server.ts'

/** Ends PGlite: recursion that Postgres's own check does not see uses up V8's stack. */
const crashing = 'select repeat(chr(91), 1000000)::json'

/** Catches every cancel. */
const stubborn = `do $$ begin raise notice 'it runs'; loop
  begin loop end loop; exception when query_canceled then null; end;
end loop; end $$`

/** Moving hundreds of megabytes on a busy machine. */
const largeTimeoutMs = 90_000

test.describe.configure({ timeout: 2 * largeTimeoutMs })

/** The folder of the playground's files. */
function playground(server: WardianServer): string {
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
  await expect(workbench.messages).toContainText('what was committed is safe')
  expect(await workbench.readEditor()).toContain(crashing)
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
  await workbench.setSql(stubborn)
  await workbench.runScript()
  await expect(workbench.messages).toContainText('it runs')
  await workbench.editorText.click()
  await page.keyboard.press('Escape')
  await expect(workbench.cancelButton).toBeHidden()
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

test('a full disk fails the statement that needs it, says so, and takes nothing that was committed', async ({
  server,
  workbench,
}) => {
  await server.stop()
  await server.start({ fileBytesMax: 20 << 20 })
  await workbench.open()
  await workbench.execute('create table kept as select 42 as answer')
  await workbench.execute(
    "create table large (t text); alter table large alter t set storage external; insert into large select repeat('x', 8000) from generate_series(1, 4000)",
  )
  await expect(workbench.messages).toContainText(/could not (extend|write)/)
  await workbench.picture('disk-full')
  await workbench.execute(
    'insert into kept values (43); select sum(answer), (select count(*) from large) from kept',
  )
  await workbench.expectCells(1, ['85', '0'])
})

test('an instance whose files are damaged says so, and what to do', async ({ page, server, workbench }) => {
  await server.stop()
  const control = join(playground(server), 'data/global/pg_control')
  const whole = readFileSync(control)
  truncateSync(control, 100)
  await server.start()
  await page.goto(server.ready.url)
  await expect(page.getByText('playground could not be opened')).toBeVisible()
  await expect(page.getByText(/restore the directory from a backup/).first()).toBeVisible()
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

test('an instance whose files may not be written says so, and what to do', async ({
  page,
  server,
  workbench,
}) => {
  await server.stop()
  const user = ownedByOrdinaryUser(server.dataDirectory)
  const folder = join(playground(server), 'data')
  chmodSync(folder, 0o500)
  await server.start(user)
  await page.goto(server.ready.url)
  await expect(page.getByText('playground could not be opened')).toBeVisible()
  await expect(page.getByText(/Permission denied/).first()).toBeVisible()
  await workbench.picture('instance-unwritable')
  chmodSync(folder, 0o700)
  await page.getByRole('button', { name: 'Try again' }).click()
  await workbench.expectReady()
  await workbench.execute('select count(*) from customers')
  await workbench.expectCells(1, ['2000'])
})
