/**
 * The workbench as a person meets it: by roles, names and keys, never by class names. One object for each window.
 */

import { expect, type Locator, type Page } from '@playwright/test'
import type { HostUnderTest } from './host-under-test.ts'

/** Starting the engine on a busy machine and disk: recovery syncs each of a thousand files. */
const startTimeoutMs = 180_000

/** One attempt of several. */
const attemptTimeoutMs = 2_000

/** Tens of megabytes on their way into the editor of a busy machine. */
const pasteTimeoutMs = 60_000

/** A long text, told in few words. */
export interface RepeatedText {
  readonly before: string
  readonly unit: string
  readonly count: number
  readonly after: string
}

export class Workbench {
  #page: Page
  readonly #host: HostUnderTest

  constructor(page: Page, host: HostUnderTest) {
    this.#page = page
    this.#host = host
  }

  /** The window that it is in; after a restart of a desktop app, another one. */
  get page(): Page {
    return this.#page
  }

  /** The lines of text; the editor's own text box has no size, so it is never visible. */
  get editorText(): Locator {
    return this.page.locator('.view-lines').first()
  }

  get results(): Locator {
    return this.page.getByRole('region', { name: 'Results' })
  }

  get messages(): Locator {
    return this.results.getByRole('log', { name: 'Messages' })
  }

  get grid(): Locator {
    return this.results.getByRole('grid')
  }

  get tree(): Locator {
    return this.page.getByRole('treegrid', { name: 'Database objects' })
  }

  get status(): Locator {
    return this.page.getByRole('contentinfo', { name: 'Status' })
  }

  get consoles(): Locator {
    return this.page.getByRole('tablist', { name: 'Consoles' })
  }

  /** Shows the page, and waits until the database can be used. */
  async open(): Promise<void> {
    await this.show()
    await this.expectReady()
  }

  /** Shows the page, whatever state the database is in. */
  async show(): Promise<void> {
    this.#page = await this.#host.show(this.#page)
  }

  async expectReady(timeout = startTimeoutMs): Promise<void> {
    await expect(this.editorText).toBeVisible({ timeout })
    await expect(this.tree.getByRole('row', { name: 'public', exact: true })).toBeVisible({ timeout })
  }

  /** Told while the host is away. */
  get hostIsAway(): Locator {
    return this.page.getByRole('alert').filter({ hasText: /kept in this window/ })
  }

  /** The host is back: presses the button that connects at once, unless the window has connected by itself. */
  async reconnect(): Promise<void> {
    const connect = this.page.getByRole('button', { name: 'Connect now' })
    await expect(async () => {
      if (await connect.isVisible()) await connect.click({ timeout: attemptTimeoutMs })
      await expect(this.hostIsAway).toBeHidden({ timeout: attemptTimeoutMs })
    }).toPass()
  }

  /** Replaces what the editor has, as pasting does. */
  async setSql(text: string): Promise<void> {
    await this.editorText.click()
    await this.page.keyboard.press('ControlOrMeta+A')
    await this.page.keyboard.insertText(text)
  }

  /** Pastes a text so long that it opens as console 2, and waits until it is there; the page must be allowed to. */
  async pasteRepeated(text: RepeatedText): Promise<void> {
    // Made in the page: sending it there would take longer than pasting it.
    await this.page.evaluate(
      ({ before, unit, count, after }) => navigator.clipboard.writeText(before + unit.repeat(count) + after),
      text,
    )
    await this.editorText.click()
    await this.page.keyboard.press('ControlOrMeta+A')
    await this.page.keyboard.press('ControlOrMeta+V')
    await expect(this.consoleTab('console 2')).toHaveAttribute('aria-selected', 'true', {
      timeout: pasteTimeoutMs,
    })
    await expect.poll(() => this.readEditor(), { timeout: pasteTimeoutMs }).toContain(text.before)
  }

  /** Adds text at the end, key by key, as typing does. */
  async typeSql(text: string): Promise<void> {
    await this.editorText.click()
    await this.page.keyboard.press('ControlOrMeta+End')
    await this.page.keyboard.type(text)
  }

  /** The visible lines of the editor; it draws spaces as no-break spaces. */
  async readEditor(): Promise<string> {
    const lines = await this.editorText.locator('.view-line').all()
    const placed = await Promise.all(
      lines.map(async (line) => {
        const [box, text] = await Promise.all([line.boundingBox(), line.textContent()])
        return { top: box?.y ?? 0, text: (text ?? '').replaceAll('\u00a0', ' ') }
      }),
    )
    return placed
      .sort((one, other) => one.top - other.top)
      .map(({ text }) => text)
      .join('\n')
  }

  /** Waits until nothing that was typed would be lost by leaving: the page does not ask about it. */
  async expectStored(timeout?: number): Promise<void> {
    const mayLeave = (): Promise<boolean> =>
      this.page.evaluate(() => dispatchEvent(new Event('beforeunload', { cancelable: true })))
    await expect.poll(mayLeave, timeout === undefined ? {} : { timeout }).toBe(true)
  }

  /** Runs the selection or the statement under the caret. */
  async runStatement(): Promise<void> {
    await this.page.keyboard.press('ControlOrMeta+Enter')
  }

  async runScript(): Promise<void> {
    await this.page.keyboard.press('ControlOrMeta+Shift+Enter')
  }

  /** Replaces the text, runs all of it, and waits until it has ended. */
  async execute(text: string): Promise<void> {
    await this.setSql(text)
    await this.runScript()
    // The engine may have to be started first.
    await expect(this.runStatus).toBeVisible({ timeout: startTimeoutMs })
    await expect(this.cancelButton).toBeHidden()
  }

  get cancelButton(): Locator {
    return this.results.getByRole('button', { name: 'Cancel' })
  }

  /** How the last run went, in the status bar; not there while one runs. */
  get runStatus(): Locator {
    return this.status.getByRole('status')
  }

  resultTab(name: string | RegExp): Locator {
    return this.results.getByRole('tab', { name })
  }

  /** The row of the result with this number, counted from 1, when it is on the screen. */
  row(number: number): Locator {
    // Row 1 of the grid is its header.
    return this.grid.locator(`[role=row][aria-rowindex="${number + 1}"]`)
  }

  async cells(row: number): Promise<readonly string[]> {
    return this.row(row).getByRole('gridcell').allTextContents()
  }

  async expectCells(row: number, cells: readonly string[]): Promise<void> {
    // The engine may have to be started first, or to recover.
    await expect.poll(() => this.cells(row), { timeout: startTimeoutMs }).toEqual(cells)
  }

  /** Rows that the grid has, on the screen or not. */
  async expectRowCount(count: number): Promise<void> {
    await expect(this.grid).toHaveAttribute('aria-rowcount', String(count + 1))
  }

  /** Below the header, right of the row numbers. */
  async clickFirstCell(): Promise<void> {
    await this.grid.click({ position: { x: 100, y: 40 } })
  }

  /** An entry of the completion list. */
  suggestion(name: RegExp): Locator {
    return this.page.getByRole('option', { name }).first()
  }

  consoleTab(name: string | RegExp): Locator {
    return this.consoles.getByRole('tab', { name })
  }

  async openHistory(search = ''): Promise<Locator> {
    await this.page.getByRole('button', { name: 'History' }).click()
    await this.page.getByRole('searchbox', { name: 'Search history' }).fill(search)
    return this.page.getByRole('listbox', { name: 'History' })
  }

  /** Keeps a picture for people to look at. */
  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: `out/screenshots/${name}.png` })
  }
}
