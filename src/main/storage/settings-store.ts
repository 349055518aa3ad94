/**
 * The settings, one row each, checked when read: a value that this version does not allow gives way to the
 * default. Synchronous, for the storage worker.
 */

import type Database from 'better-sqlite3'
import { settingsSchema, type Settings } from '../../contract/workspace.ts'

export const defaultSettings: Settings = { theme: 'system', rowHeight: 'compact', editorFontSizePx: 13 }

export class SettingsStore {
  readonly #database: Database.Database

  constructor(database: Database.Database) {
    this.#database = database
  }

  get(): Settings {
    const rows = this.#database
      .prepare<[], { name: string; value: string }>('SELECT name, value FROM setting')
      .all()
    let settings = defaultSettings
    for (const { name, value } of rows) {
      const parsed: unknown = JSON.parse(value)
      settings = withSetting(settings, name, parsed)
    }
    return settings
  }

  set(settings: Settings): void {
    const statement = this.#database.prepare('INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)')
    for (const [name, value] of Object.entries(settings)) statement.run(name, JSON.stringify(value))
  }
}

function withSetting(settings: Settings, name: string, value: unknown): Settings {
  try {
    return settingsSchema.parse({ ...settings, [name]: value }, 'settings')
  } catch {
    return settings
  }
}
