/**
 * Goal: other programs are let in from the page, seen there with what they do, cancelled and disconnected, and kept
 * out again. Method: the page as a person uses it, node-postgres with the connection string that the page copied.
 */

import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { Locator, Page } from '@playwright/test'
import pg from 'pg'
import { expect, test as base } from './fixtures.ts'

/** Opening an engine, and getting on in a queue, on a busy machine. */
const slowMs = 120_000

interface Fixtures {
  readonly endpoints: EndpointsPage
}

/** The page of the endpoint, and the programs that connect to it. */
class EndpointsPage {
  readonly page: Page
  readonly main: Locator
  readonly state: Locator
  readonly clients: Locator
  readonly #programs: pg.Client[] = []

  constructor(page: Page) {
    this.page = page
    this.main = page.getByRole('main', { name: 'Endpoints' })
    this.state = this.main.getByRole('region', { name: 'Postgres' }).getByRole('status')
    this.clients = this.main.getByRole('grid', { name: 'Clients' })
  }

  button(name: string | RegExp): Locator {
    return this.main.getByRole('button', { name, exact: true })
  }

  async start(): Promise<void> {
    await this.button('Start').click()
    await expect(this.state).toContainText('Listening on 127.0.0.1:', { timeout: slowMs })
  }

  /** What the button has put on the clipboard. */
  async copied(button: string): Promise<string> {
    await this.page.evaluate(() => navigator.clipboard.writeText(''))
    await this.button(button).click()
    const read = (): Promise<string> => this.page.evaluate(() => navigator.clipboard.readText())
    await expect.poll(read, { timeout: slowMs }).not.toBe('')
    return read()
  }

  async connect(connectionString: string, name: string): Promise<pg.Client> {
    const program = new pg.Client({ connectionString, application_name: name })
    program.on('error', () => undefined)
    this.#programs.push(program)
    await program.connect()
    return program
  }

  client(name: string): Locator {
    return this.clients.getByRole('row').filter({ has: this.page.getByRole('rowheader', { name }) })
  }

  async endPrograms(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.end().catch(() => undefined)))
  }
}

const test = base.extend<Fixtures>({
  endpoints: async ({ page, workbench, allowClipboard }, provide) => {
    await allowClipboard()
    await workbench.open()
    await page.getByRole('button', { name: 'Endpoints' }).click()
    const endpoints = new EndpointsPage(page)
    await expect(endpoints.state).toContainText('Off')
    await provide(endpoints)
    await endpoints.endPrograms()
  },
})

test.slow()

/** The error with which the server has ended the connection. */
function endOf(program: pg.Client): Promise<{ readonly code?: string }> {
  return new Promise((resolve) => program.once('error', resolve))
}

function failureOf(query: Promise<unknown>): Promise<{ readonly code?: string } | null> {
  return query.then(
    () => null,
    (error: { readonly code?: string }) => error,
  )
}

test('programs connect, are seen at work, cancelled, disconnected, and kept out again', async ({
  endpoints,
  workbench,
}) => {
  await endpoints.start()
  await expect(endpoints.main.getByText('Nobody is connected')).toBeVisible()
  await expect(workbench.status).toContainText('0 clients')
  await workbench.picture('endpoints-empty')
  const url = await endpoints.copied('Copy connection string')
  expect(url).toMatch(/^postgres:\/\/postgres:[\w-]{32}@127\.0\.0\.1:\d+\/playground$/)
  const { password } = new URL(url)
  await expect(endpoints.main.getByText(password)).toHaveCount(0)
  expect(await endpoints.copied('Copy .env')).toBe(`DATABASE_URL="${url}"`)
  expect(await endpoints.copied('Copy psql')).toContain(`PGPASSWORD=${password} psql -h 127.0.0.1`)

  const holder = await endpoints.connect(url, 'migration')
  await holder.query('begin')
  const waiter = await endpoints.connect(url, 'shop')
  const sleeping = failureOf(waiter.query('select pg_sleep(600)'))
  await expect(endpoints.client('migration')).toContainText('idle in transaction', { timeout: slowMs })
  await expect(endpoints.client('migration')).toContainText('begin')
  const shop = endpoints.client('shop')
  await expect(shop).toContainText('waiting', { timeout: slowMs })
  await expect(shop).toContainText('select pg_sleep(600)')
  await expect(shop).toContainText('migration (postgres')
  await expect(workbench.status).toContainText('2 clients')
  await workbench.picture('endpoints-clients')

  // Disconnecting undoes work, so it asks first.
  await endpoints.button(/^Disconnect migration \d+$/).click()
  const question = endpoints.page.getByRole('dialog', { name: /^Disconnect migration/ })
  await expect(question.getByRole('button', { name: 'Keep it' })).toBeFocused()
  await endpoints.page.keyboard.press('Escape')
  await expect(question).toBeHidden()
  await expect(endpoints.client('migration')).toBeVisible()
  await endpoints.button(/^Disconnect migration \d+$/).click()
  const ended = endOf(holder)
  await question.getByRole('button', { name: /^Disconnect migration/ }).click()
  expect(await ended).toMatchObject({ code: '57P01' })
  await expect(endpoints.client('migration')).toHaveCount(0)

  await expect(shop).toContainText('active', { timeout: slowMs })
  const cancel = shop.getByRole('button', { name: /^Cancel the statement of shop/ })
  let failure: { readonly code?: string } | null = null
  void sleeping.then((error) => (failure = error))
  const cancelled = async (): Promise<unknown> => {
    // As Postgres: a request that comes before the statement has nothing to cancel.
    if (failure === null && (await cancel.isEnabled())) await cancel.click()
    return failure
  }
  await expect.poll(cancelled, { timeout: slowMs }).toMatchObject({ code: '57014' })
  await expect(shop).toContainText('idle', { timeout: slowMs })
  expect((await waiter.query('select 1 as one')).rows).toEqual([{ one: 1 }])

  const stopped = endOf(waiter)
  await endpoints.button('Stop').click()
  await endpoints.page.getByRole('button', { name: 'Stop and disconnect 1 client' }).click()
  expect(await stopped).toMatchObject({ code: '57P01' })
  await expect(endpoints.state).toContainText('Off', { timeout: slowMs })
  await expect(workbench.status).not.toContainText('client')
  await expect(endpoints.connect(url, 'late')).rejects.toMatchObject({ code: 'ECONNREFUSED' })

  await endpoints.start()
  // The address is good again, and after another password it is not.
  await endpoints.connect(url, 'again')
  await endpoints.button('New password…').click()
  await endpoints.page.getByRole('button', { name: 'Replace the password' }).click()
  await expect(endpoints.page.getByText('has another password')).toBeVisible()
  await expect(endpoints.connect(url, 'old')).rejects.toMatchObject({ code: '28P01' })
  await endpoints.connect(await endpoints.copied('Copy URL'), 'new')
})

test('a port in use is named, with what to do about it', async ({ endpoints, workbench, page }) => {
  const other = createServer()
  await once(other.listen(0, '127.0.0.1'), 'listening')
  const { port } = other.address() as AddressInfo
  const field = endpoints.main.getByRole('textbox', { name: 'Port' })
  await field.fill('70000')
  await expect(endpoints.main.getByText('A whole number from 1 to 65535')).toBeVisible()
  await expect(endpoints.button('Save')).toBeDisabled()
  await field.fill(String(port))
  await endpoints.button('Save').click()
  await expect(endpoints.button('Discard')).toBeHidden()
  await endpoints.button('Start').click()
  await expect(endpoints.state).toContainText(`Could not listen on port ${port}`, { timeout: slowMs })
  await expect(endpoints.main.getByRole('alert')).toContainText(`port ${port}`)
  await expect(workbench.status).toContainText('endpoint failed')
  await workbench.picture('endpoints-port-in-use')
  await endpoints.button('Try again').click()
  await expect(endpoints.state).toContainText('Could not listen')
  await endpoints.button('Use a free port').click()
  await expect(endpoints.state).toContainText('Listening on 127.0.0.1:', { timeout: slowMs })
  const url = await endpoints.copied('Copy connection string')
  expect(new URL(url).port).not.toBe(String(port))
  await expect(field).toHaveValue(new URL(url).port)
  const program = await endpoints.connect(url, 'program')
  expect((await program.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  other.close()

  // Set to the port that is free by now, it moves there.
  await field.fill(String(port))
  await expect(endpoints.main.getByText('restarts the endpoint, which disconnects 1 client')).toBeVisible()
  const ended = endOf(program)
  await endpoints.button('Save and restart').click()
  expect(await ended).toMatchObject({ code: '57P01' })
  await expect(endpoints.state).toContainText(`Listening on 127.0.0.1:${port}`, { timeout: slowMs })
  await page.reload()
  await expect(endpoints.state).toContainText(`Listening on 127.0.0.1:${port}`, { timeout: slowMs })
})

test('the page is reached and left by keys, and says the same in every window', async ({
  endpoints,
  workbench,
  page,
  newWindow,
}) => {
  await endpoints.button('Start').focus()
  await page.keyboard.press('Escape')
  await expect(endpoints.main).toBeHidden()
  await workbench.typeSql('\nselect 42 as answer;')
  await page.keyboard.press('Alt+P')
  await expect(endpoints.main).toBeVisible()
  await page.keyboard.press('Alt+E')
  await expect(endpoints.main).toBeHidden()
  await workbench.runStatement()
  await workbench.expectCells(1, ['42'])

  await page.keyboard.press('F1')
  await page.getByRole('searchbox', { name: 'Command' }).fill('start the endpoint')
  await page.keyboard.press('Enter')
  await expect(endpoints.state).toContainText('Listening', { timeout: slowMs })
  const second = await newWindow()
  await expect(second.status).toContainText('0 clients')
  await endpoints.button('Stop').focus()
  await page.keyboard.press('Enter')
  await expect(endpoints.state).toContainText('Off', { timeout: slowMs })
  // The button has gone; the keyboard is still on the page.
  await expect(endpoints.main.locator(':focus')).toHaveCount(1)
  await expect(second.status).not.toContainText('clients')
})

test('each connection gets a copy of the database where it is set so', async ({
  endpoints,
  workbench,
  page,
}) => {
  await endpoints.main.getByRole('radio', { name: /^Gets a copy/ }).check({ force: true })
  await endpoints.button('Save').click()
  await expect(endpoints.button('Discard')).toBeHidden()
  await endpoints.start()
  await expect(endpoints.main.getByText('Each connection gets a copy of it')).toBeVisible()
  const url = await endpoints.copied('Copy connection string')
  const programs = [await endpoints.connect(url, 'first'), await endpoints.connect(url, 'second')]
  for (const program of programs) await program.query('begin')
  for (const program of programs) await program.query('create table made_here as select 1 as one')
  for (const name of ['first', 'second']) {
    await expect(endpoints.client(name)).toContainText('playground (copy)', { timeout: slowMs })
    await expect(endpoints.client(name)).toContainText('idle in transaction', { timeout: slowMs })
  }
  await page.emulateMedia({ colorScheme: 'dark' })
  await workbench.picture('endpoints-copies')
  for (const program of programs) await program.query('commit')
  const third = await endpoints.connect(url, 'third')
  await expect(third.query('table made_here')).rejects.toMatchObject({ code: '42P01' })
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 560, height: 900 })
  await workbench.picture('endpoints-copies-narrow')
})

test('settings that cannot work are refused with the reason, and nothing of them is kept', async ({
  endpoints,
  workbench,
  page,
}) => {
  const { main } = endpoints
  await main.getByText('Certificates and limits').click()
  await main.getByRole('textbox', { name: 'Certificate (PEM)' }).fill('server.crt')
  await main.getByRole('radio', { name: /^Required beside the password/ }).check({ force: true })
  await main.getByRole('textbox', { name: 'Clients at once' }).fill('0')
  await main.getByRole('textbox', { name: 'Stalled client (s)' }).fill('x')
  await expect(main.getByText('A path from the root, such as /etc/wardian/server.crt')).toBeVisible()
  await expect(main.getByText('A certificate needs its key')).toBeVisible()
  await expect(main.getByText('The file of those who sign them')).toBeVisible()
  await expect(main.getByText('A whole number from 1 to 1000')).toBeVisible()
  await expect(endpoints.button('Save')).toBeDisabled()
  await workbench.picture('endpoints-settings-wrong')
  await page.setViewportSize({ width: 560, height: 1100 })
  await page.emulateMedia({ colorScheme: 'light' })
  await workbench.picture('endpoints-settings-wrong-narrow')
  await endpoints.button('Discard').click()
  await main.getByRole('textbox', { name: 'Certificate (PEM)' }).fill('/nowhere/server.crt')
  await main.getByRole('textbox', { name: 'Its key (PEM)' }).fill('/nowhere/server.key')
  await endpoints.button('Save').click()
  await expect(page.getByText('The certificate /nowhere/server.crt does not exist')).toBeVisible()
  await workbench.picture('endpoints-settings-refused')
  await endpoints.button('Discard').click()
  await expect(main.getByRole('textbox', { name: 'Certificate (PEM)' })).toHaveValue('')
})
