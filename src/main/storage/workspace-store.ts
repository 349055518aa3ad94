/**
 * Workspaces: what one window shows and finds again. Synchronous, for the storage worker. Which of them are
 * taken by a client is for its caller to say.
 */

import { randomUUID } from 'node:crypto'
import type Database from 'better-sqlite3'
import { WorkbenchError } from '../../contract/error.ts'

export interface WorkspaceRow {
  readonly id: string
  readonly activeTabId: string | null
  readonly layout: string
}

const columns = 'id, active_tab_id AS activeTabId, layout'

/** Workspaces that nobody uses and that have no open tab are forgotten beyond this many. */
const emptyWorkspacesMax = 20

export class WorkspaceStore {
  readonly #database: Database.Database

  constructor(database: Database.Database) {
    this.#database = database
  }

  /**
   * The workspace `preferredId` if it is there and not among `takenIds`; else the one used last of those that
   * are not; else a new one.
   */
  open(choice: { preferredId: string | null; takenIds: readonly string[]; nowMs: number }): WorkspaceRow {
    const free = this.#database
      .prepare<[], WorkspaceRow>(`SELECT ${columns} FROM workspace ORDER BY used_at_ms DESC, id`)
      .all()
      .filter((row) => !choice.takenIds.includes(row.id))
    const chosen = free.find((row) => row.id === choice.preferredId) ?? free[0] ?? this.#create()
    this.#database.prepare('UPDATE workspace SET used_at_ms = ? WHERE id = ?').run(choice.nowMs, chosen.id)
    this.#forgetEmpty(new Set([...choice.takenIds, chosen.id]))
    return chosen
  }

  setLayout(workspaceId: string, layout: string): void {
    this.#update('UPDATE workspace SET layout = ? WHERE id = ?', layout, workspaceId)
  }

  setActiveTab(workspaceId: string, tabId: string | null): void {
    this.#update('UPDATE workspace SET active_tab_id = ? WHERE id = ?', tabId, workspaceId)
  }

  #create(): WorkspaceRow {
    const row: WorkspaceRow = { id: randomUUID(), activeTabId: null, layout: '' }
    this.#database
      .prepare('INSERT INTO workspace (id, layout, active_tab_id, used_at_ms) VALUES (?, ?, NULL, 0)')
      .run(row.id, row.layout)
    return row
  }

  #update(sql: string, value: string | null, workspaceId: string): void {
    const { changes } = this.#database.prepare(sql).run(value, workspaceId)
    if (changes === 0)
      throw new WorkbenchError('not-found', 'This workspace does not exist; reload the window')
  }

  #forgetEmpty(used: ReadonlySet<string>): void {
    const empty = this.#database
      .prepare<[], { id: string }>(
        `SELECT id FROM workspace WHERE NOT EXISTS (SELECT 1 FROM tab WHERE workspace_id = workspace.id)
         ORDER BY used_at_ms DESC`,
      )
      .all()
      .filter((row) => !used.has(row.id))
    const remove = this.#database.prepare('DELETE FROM workspace WHERE id = ?')
    for (const row of empty.slice(emptyWorkspacesMax)) remove.run(row.id)
  }
}
