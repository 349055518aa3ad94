/**
 * What a window shows and must find again: its editor tabs with their unsaved text, its layout, the settings,
 * and the history of statements. No behaviour.
 */

import { historyPageMax, historyTextLengthMax, tabsMax, textBytesMax } from './limits.ts'
import { array, boolean, finite, integer, nullable, object, oneOf, string, type Infer } from './schema.ts'

export const tabSchema = object({
  id: string(64, 1),
  title: string(256, 1),
  /** Instance whose console it is; null when that instance is gone. */
  instanceId: nullable(string(64)),
  /** Length of its text in UTF-16 code units, and the number of the last edit that is stored. */
  textLength: integer(0),
  version: integer(0),
  cursorOffset: integer(0),
})
export type Tab = Infer<typeof tabSchema>

export const workspaceSchema = object({
  id: string(64, 1),
  tabs: array(tabSchema, tabsMax),
  activeTabId: nullable(string(64)),
  /** Sizes and open panels, as the renderer wrote them. */
  layout: string(65_536),
})
export type Workspace = Infer<typeof workspaceSchema>

/** One change of a tab's text: `deleted` code units at `offset` are replaced by `inserted`. */
export const textEditSchema = object({
  offset: integer(0, textBytesMax),
  deleted: integer(0, textBytesMax),
  inserted: string(262_144),
})
export type TextEdit = Infer<typeof textEditSchema>

export const settingsSchema = object({
  theme: oneOf('system', 'dark', 'light', 'high-contrast'),
  rowHeight: oneOf('compact', 'comfortable'),
  editorFontSizePx: integer(9, 32),
})
export type Settings = Infer<typeof settingsSchema>

export const historyEntrySchema = object({
  id: integer(1),
  text: string(historyTextLengthMax),
  isTextCut: boolean,
  instanceName: string(256),
  startedAtMs: integer(0),
  /** `running` while it runs; `interrupted` when the host ended before it did. */
  status: oneOf('running', 'ok', 'cut', 'failed', 'cancelled', 'interrupted'),
  durationMs: nullable(finite),
  rowCount: nullable(integer(0)),
  commandTag: nullable(string(64)),
  errorCode: nullable(string(64)),
  errorMessage: nullable(string(65_536)),
})
export type HistoryEntry = Infer<typeof historyEntrySchema>

export const historyFilterSchema = object({
  /** Every word must occur somewhere in the text, in any case; empty for all. */
  search: string(1_000),
  instanceName: nullable(string(256)),
  failedOnly: boolean,
  /** Entries older than this id; null for the newest. */
  beforeId: nullable(integer(1)),
  limit: integer(1, historyPageMax),
})
