/**
 * Editor tabs and their text. Every edit is a row of a journal before it is answered; the journal is folded
 * into the text now and then. Synchronous, for the storage worker. Knows no window.
 */

import { randomUUID } from 'node:crypto'
import type Database from 'better-sqlite3'
import { WorkbenchError } from '../../contract/error.ts'
import { tabsMax, textBytesMax } from '../../contract/limits.ts'
import { array } from '../../contract/schema.ts'
import { textEditSchema, type Tab, type TextEdit } from '../../contract/workspace.ts'
import { lengthAfter, TabText } from './tab-text.ts'

/** A tab as its client names it. */
export interface TabKey {
  readonly workspaceId: string
  readonly tabId: string
}

interface TabRow {
  readonly id: string
  readonly title: string
  readonly instance_id: string | null
  readonly cursor_offset: number
  readonly text_length: number
  readonly version: number
  readonly journal_bytes: number
  readonly position: number
}

/** Closed tabs that can be reopened, per workspace; the oldest are forgotten. More than anybody reopens by hand. */
const closedTabsMax = 100

/** The longest text, in code units: what UTF-16 leaves of `textBytesMax`. */
const textLengthMax = textBytesMax / 2

/**
 * The journal of a tab is folded once it is this large and no smaller than its text: folding costs what the
 * text costs, so that typing in a long text is not paid for with rewriting it all the time.
 */
const journalBytesMin = 256 << 10

/** But never longer than this many bytes of edits, so that reading a tab stays quick. */
const journalBytesMax = 8 << 20

/** What one journal row weighs besides its text. */
const editOverheadBytes = 64

const storedEditsSchema = array(textEditSchema, Number.MAX_SAFE_INTEGER)

const tabColumns = 'id, title, instance_id, cursor_offset, text_length, version, journal_bytes, position'

export class TabStore {
  readonly #database: Database.Database

  constructor(database: Database.Database) {
    this.#database = database
  }

  /** The open tabs of a workspace, from left to right. */
  list(workspaceId: string): Tab[] {
    return this.#open(workspaceId).map(toTab)
  }

  /** An empty tab at `index` (or last). Throws `limit-exceeded` when the workspace is full. */
  create(workspaceId: string, tab: { title: string; instanceId: string | null; index: number }): Tab {
    const id = randomUUID()
    this.#checkRoom(workspaceId)
    this.#database
      .prepare(
        `INSERT INTO tab (id, workspace_id, position, title, instance_id, cursor_offset, text_length, version,
           journal_bytes) VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0)`,
      )
      .run(id, workspaceId, tabsMax, tab.title, tab.instanceId)
    this.#database
      .prepare('INSERT INTO tab_text (tab_id, version, utf16) VALUES (?, 0, ?)')
      .run(id, Buffer.alloc(0))
    this.#place({ workspaceId, tabId: id }, tab.index)
    return toTab(this.#row({ workspaceId, tabId: id }))
  }

  /** The tab and its text, whose buffer the caller owns. */
  read(key: TabKey): { readonly tab: Tab; readonly utf16: Buffer<ArrayBuffer> } {
    const row = this.#row(key)
    return { tab: toTab(row), utf16: this.#text(key.tabId).toBuffer() }
  }

  /** Appends `edits`, each made on the text that the one before has left, and answers the new version. */
  edit(key: TabKey, change: { version: number; edits: readonly TextEdit[]; cursorOffset: number }): number {
    const row = this.#row(key)
    if (change.version !== row.version) {
      throw new WorkbenchError(
        'conflict',
        `The tab was changed elsewhere (its version is ${row.version}, not ${change.version}); read it again`,
      )
    }
    const textLength = change.edits.reduce(lengthAfter, row.text_length)
    checkLength(textLength)
    const journal = JSON.stringify(change.edits)
    const version = row.version + 1
    this.#database
      .prepare('INSERT INTO tab_edit (tab_id, version, edits) VALUES (?, ?, ?)')
      .run(key.tabId, version, journal)
    this.#database
      .prepare(
        `UPDATE tab SET version = ?, text_length = ?, cursor_offset = ?, journal_bytes = journal_bytes + ?
         WHERE id = ?`,
      )
      .run(version, textLength, change.cursorOffset, journal.length + editOverheadBytes, key.tabId)
    return version
  }

  /** Whether the journal has grown so far that `fold` is worth its price. */
  needsFolding(key: TabKey): boolean {
    const { journal_bytes: journal, text_length: length } = this.#row(key)
    return journal > journalBytesMax || (journal > journalBytesMin && journal > length * 2)
  }

  /** Writes the text anew, with the edits in it, and empties the journal. */
  fold({ tabId }: TabKey): void {
    this.#replace(tabId, this.#text(tabId).toBuffer())
  }

  /** Replaces the whole text and answers the new version. */
  replaceText(key: TabKey, utf16: Buffer): number {
    const row = this.#row(key)
    if (utf16.length % 2 !== 0) {
      throw new WorkbenchError('invalid-argument', 'The text has half a UTF-16 code unit at its end')
    }
    checkLength(utf16.length / 2)
    this.#database
      .prepare('UPDATE tab SET version = version + 1, text_length = ? WHERE id = ?')
      .run(utf16.length / 2, key.tabId)
    this.#replace(key.tabId, utf16)
    return row.version + 1
  }

  update(key: TabKey, tab: { title: string; instanceId: string | null; index: number }): Tab {
    this.#row(key)
    this.#database
      .prepare('UPDATE tab SET title = ?, instance_id = ? WHERE id = ?')
      .run(tab.title, tab.instanceId, key.tabId)
    this.#place(key, tab.index)
    return toTab(this.#row(key))
  }

  /** Closes a tab, which can be reopened until many others have been closed after it. */
  close(key: TabKey, nowMs: number): void {
    this.#row(key)
    const { last } = this.#database
      .prepare<[string], { last: number | null }>(
        'SELECT max(closed_at_ms) AS last FROM tab WHERE workspace_id = ?',
      )
      .get(key.workspaceId) ?? { last: null }
    // The time is also the order in which they are reopened, so no two may be the same.
    this.#database
      .prepare('UPDATE tab SET closed_at_ms = ? WHERE id = ?')
      .run(Math.max(nowMs, (last ?? 0) + 1), key.tabId)
    this.#renumber(this.#open(key.workspaceId))
    this.#database
      .prepare(
        `DELETE FROM tab WHERE id IN (SELECT id FROM tab WHERE workspace_id = ? AND closed_at_ms IS NOT NULL
           ORDER BY closed_at_ms DESC LIMIT -1 OFFSET ?)`,
      )
      .run(key.workspaceId, closedTabsMax)
  }

  /** Opens the tab that was closed last, where it was; null if there is none. */
  reopen(workspaceId: string): Tab | null {
    const row = this.#database
      .prepare<[string], TabRow>(
        `SELECT ${tabColumns} FROM tab WHERE workspace_id = ? AND closed_at_ms IS NOT NULL
         ORDER BY closed_at_ms DESC LIMIT 1`,
      )
      .get(workspaceId)
    if (!row) return null
    this.#checkRoom(workspaceId)
    this.#database.prepare('UPDATE tab SET closed_at_ms = NULL WHERE id = ?').run(row.id)
    this.#place({ workspaceId, tabId: row.id }, row.position)
    return toTab(row)
  }

  #open(workspaceId: string): TabRow[] {
    return this.#database
      .prepare<[string], TabRow>(
        `SELECT ${tabColumns} FROM tab WHERE workspace_id = ? AND closed_at_ms IS NULL ORDER BY position`,
      )
      .all(workspaceId)
  }

  #row({ workspaceId, tabId }: TabKey): TabRow {
    const row = this.#database
      .prepare<[string, string], TabRow>(
        `SELECT ${tabColumns} FROM tab WHERE id = ? AND workspace_id = ? AND closed_at_ms IS NULL`,
      )
      .get(tabId, workspaceId)
    if (row) return row
    throw new WorkbenchError('not-found', 'This window has no such tab; it was closed, or reload the window')
  }

  #checkRoom(workspaceId: string): void {
    if (this.#open(workspaceId).length < tabsMax) return
    throw new WorkbenchError('limit-exceeded', `A window has at most ${tabsMax} tabs; close one first`)
  }

  /** Moves a tab to `index` among the open ones. */
  #place({ workspaceId, tabId }: TabKey, index: number): void {
    const rows = this.#open(workspaceId)
    const moved = rows.filter((row) => row.id === tabId)
    const others = rows.filter((row) => row.id !== tabId)
    this.#renumber(others.toSpliced(index, 0, ...moved))
  }

  #renumber(rows: readonly TabRow[]): void {
    const statement = this.#database.prepare('UPDATE tab SET position = ? WHERE id = ?')
    rows.forEach((row, position) => {
      if (row.position !== position) statement.run(position, row.id)
    })
  }

  #text(tabId: string): TabText {
    const base = this.#database
      .prepare<[string], { utf16: Buffer }>('SELECT utf16 FROM tab_text WHERE tab_id = ?')
      .get(tabId)
    if (!base) throw new WorkbenchError('corrupt', 'The text of this tab is missing from the store')
    const text = new TabText(base.utf16)
    const journal = this.#database
      .prepare<[string], { edits: string }>('SELECT edits FROM tab_edit WHERE tab_id = ? ORDER BY version')
      .all(tabId)
    for (const { edits } of journal) {
      for (const edit of storedEditsSchema.parse(JSON.parse(edits), 'tab_edit.edits')) text.apply(edit)
    }
    return text
  }

  #replace(tabId: string, utf16: Buffer): void {
    this.#database
      .prepare(
        `UPDATE tab_text SET utf16 = ?, version = (SELECT version FROM tab WHERE id = tab_id)
         WHERE tab_id = ?`,
      )
      .run(utf16, tabId)
    this.#database.prepare('DELETE FROM tab_edit WHERE tab_id = ?').run(tabId)
    this.#database.prepare('UPDATE tab SET journal_bytes = 0 WHERE id = ?').run(tabId)
  }
}

function checkLength(length: number): void {
  if (length <= textLengthMax) return
  throw new WorkbenchError(
    'limit-exceeded',
    `The text of a tab may have ${textLengthMax} characters, this one would have ${length}`,
  )
}

function toTab(row: TabRow): Tab {
  return {
    id: row.id,
    title: row.title,
    instanceId: row.instance_id,
    textLength: row.text_length,
    version: row.version,
    cursorOffset: row.cursor_offset,
  }
}
