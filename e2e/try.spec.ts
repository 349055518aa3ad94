/** Goal: a script is tried before it is run: what it would change is seen, then applied or thrown away. */

import { expect, test } from './fixtures.ts'
import type { Workbench } from './workbench.ts'

/** A trial starts two engines, which takes a busy machine a while. */
const trialTimeoutMs = 120_000

const script = `alter table customers add column mail text default 'none';
create index customers_by_country on customers (country);
update orders set status = 'paid' where order_id < 4;
delete from order_items where order_id = 1;
insert into categories values (99, 'Greenhouses');`

async function tryScript(workbench: Workbench, text: string): Promise<void> {
  await workbench.setSql(text)
  await workbench.page.keyboard.press('ControlOrMeta+Alt+Enter')
}

test('a script is tried on a copy, and applied', async ({ page, workbench }) => {
  await workbench.open()
  await tryScript(workbench, script)
  await expect(workbench.results.getByText('It would succeed: 5 statements')).toBeVisible({
    timeout: trialTimeoutMs,
  })
  const counts = workbench.results.getByRole('row', { name: /public\.orders\b/ })
  await expect(counts).toContainText('3')
  await workbench.picture('try-summary')
  await workbench.resultTab(/^Schema/).click()
  await expect(workbench.results.getByText(`+  mail text default 'none'::text,`)).toBeVisible()
  await workbench.picture('try-schema')
  await workbench.resultTab(/^Rows/).click()
  const orders = workbench.results.getByRole('region', { name: 'Rows of public.orders', exact: true })
  await expect(orders.getByRole('row')).toHaveCount(4)
  await workbench.picture('try-rows')
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.setViewportSize({ width: 900, height: 700 })
  await workbench.picture('try-rows-narrow-dark')
  await workbench.resultTab(/^Summary/).click()
  await workbench.picture('try-summary-narrow-dark')
  await page.setViewportSize({ width: 1600, height: 900 })
  await workbench.resultTab(/^Statements/).click()
  await workbench.results.getByRole('button', { name: /UPDATE 3/ }).click()
  await expect(workbench.results.getByText(/Update on orders .*actual time/)).toBeVisible()
  await workbench.picture('try-statements')
  await workbench.results.getByRole('button', { name: 'Apply', exact: true }).click()
  await expect(workbench.results.getByText(/^Applied as one transaction: 5 statements/)).toBeVisible({
    timeout: trialTimeoutMs,
  })
  await workbench.picture('try-applied')
  await workbench.results.getByRole('button', { name: 'Close' }).click()
  await workbench.execute(`select count(mail)::int > 0 as has_mail from customers`)
  await workbench.expectCells(1, ['true'])
  await page.keyboard.press('Escape')
})

test('the first error is shown with its place, and nothing has happened', async ({ workbench }) => {
  await workbench.open()
  await tryScript(
    workbench,
    `insert into categories values (99, 'Roof');\n\nselect *\n  from nowhere;\nselect 1`,
  )
  await expect(workbench.results.getByText('It would fail at statement 2 of 3')).toBeVisible({
    timeout: trialTimeoutMs,
  })
  await expect(workbench.results.getByText('Line 4, column 8')).toBeVisible()
  await expect(workbench.results.getByText('relation "nowhere" does not exist')).toBeVisible()
  await workbench.picture('try-failed')
  await workbench.results.getByRole('button', { name: 'Discard' }).click()
  await expect(workbench.resultTab('Try')).toBeHidden()
  await workbench.execute(`select count(*)::int as n from categories where name = 'Roof'`)
  await workbench.expectCells(1, ['0'])
})

test('a trial that runs is cancelled with Escape', async ({ page, workbench }) => {
  await workbench.open()
  await tryScript(workbench, 'select count(*) from generate_series(1, 100000000000) n')
  await expect(workbench.results.getByText(/Running the script on the copy/)).toBeVisible({
    timeout: trialTimeoutMs,
  })
  await workbench.picture('try-running')
  await workbench.results.getByRole('button', { name: 'Cancel' }).click()
  await expect(workbench.results.getByText('The trial was cancelled')).toBeVisible()
  await workbench.execute(`select 'still here' as a`)
  await workbench.expectCells(1, ['still here'])
  await page.keyboard.press('Escape')
})
