/**
 * What the storage worker can be asked, as a table. Whatever is answered has been stored: on disk, synced.
 * No behaviour.
 */

import { call } from '../../contract/contract-table.ts'
import { endpointOptionsSchema, endpointPasswordLengthMax } from '../../contract/endpoint.ts'
import { tabsMax } from '../../contract/limits.ts'
import { statisticsCalls } from '../../contract/statistics-calls.ts'
import { statementExampleSchema } from '../../contract/statistics.ts'
import { array, boolean, integer, nothing, nullable, object, string } from '../../contract/schema.ts'
import {
  historyEntrySchema,
  historyFilterSchema,
  settingsSchema,
  tabSchema,
  textEditSchema,
  workspaceSchema,
} from '../../contract/workspace.ts'
import { historyFinishSchema, historyStartSchema } from './history-store.ts'
import { statementPartSchema, statementPartsMax } from './statistics-rows.ts'
import { chunkKeySchema } from './sample-store.ts'
import { webStoreCalls } from './web-store-calls.ts'

const id = string(64, 1)
const version = object({ version: integer(0) })
const tabKey = { workspaceId: id, tabId: id }
const tabFields = { title: string(256, 1), instanceId: nullable(id), index: integer(0, tabsMax) }

const endpointFields = { options: endpointOptionsSchema, password: string(endpointPasswordLengthMax, 1) }

/** Starts and finishes recorded in one transaction; a script makes many at once. */
export const historyBatchMax = 250

export const storageContract = {
  /** Where a damaged file was put when the store was opened; null if there was none. */
  'storage.open': call({ params: nothing, result: object({ setAsidePath: nullable(string(4096)) }) }),
  /** Checkpoints and closes the file. Nothing can be asked afterwards. */
  'storage.close': call({ params: nothing, result: nothing }),

  'workspace.open': call({
    params: object({ preferredId: nullable(id), takenIds: array(id, 1_000), nowMs: integer(0) }),
    result: workspaceSchema,
  }),
  'workspace.setLayout': call({
    params: object({ workspaceId: id, layout: string(65_536) }),
    result: nothing,
  }),
  'workspace.setActiveTab': call({
    params: object({ workspaceId: id, tabId: nullable(id) }),
    result: nothing,
  }),

  'tab.create': call({ params: object({ workspaceId: id, ...tabFields }), result: tabSchema }),
  /** The text is the answer's one buffer, as UTF-16LE. */
  'tab.read': call({ params: object(tabKey), result: tabSchema, buffersMax: 1 }),
  'tab.edit': call({
    params: object({
      ...tabKey,
      version: integer(0),
      edits: array(textEditSchema, 1_000),
      cursorOffset: integer(0),
    }),
    result: version,
  }),
  /** The text is the one buffer, as UTF-16LE. */
  'tab.replaceText': call({ params: object(tabKey), result: version, buffersMax: 1 }),
  'tab.update': call({ params: object({ ...tabKey, ...tabFields }), result: tabSchema }),
  'tab.close': call({ params: object({ ...tabKey, nowMs: integer(0) }), result: nothing }),
  'tab.reopen': call({ params: object({ workspaceId: id }), result: nullable(tabSchema) }),

  /** Answers the ids of the entries that changed. Starts are recorded before finishes. */
  'history.record': call({
    params: object({
      starts: array(historyStartSchema, historyBatchMax),
      finishes: array(historyFinishSchema, historyBatchMax),
    }),
    result: object({ entryIds: array(integer(1), historyBatchMax * 2) }),
  }),
  'history.search': call({
    params: historyFilterSchema,
    result: object({ entries: array(historyEntrySchema, 200), hasMore: boolean }),
  }),
  'history.remove': call({ params: object({ entryId: integer(1) }), result: nothing }),

  /** null: it was never set. */
  'endpoint.get': call({
    params: object({ endpointId: id }),
    result: nullable(object(endpointFields)),
  }),
  'endpoint.set': call({ params: object({ endpointId: id, ...endpointFields }), result: nothing }),

  ...webStoreCalls,

  /** The chunk is the one buffer. */
  'samples.append': call({ params: chunkKeySchema, result: nothing, buffersMax: 1 }),
  /** Chunks one after the other are the answer's one buffer; `nextMs` null: that was all. */
  'samples.read': call({
    params: object({ seriesId: id, fromMs: integer(0), beforeMs: integer(0) }),
    result: object({ nextMs: nullable(integer(0)) }),
    buffersMax: 1,
  }),
  'samples.oldest': call({
    params: object({ seriesId: id }),
    result: object({ oldestMs: nullable(integer(0)) }),
  }),
  /** As JSON; null: never set. */
  'samples.getSettings': call({ params: nothing, result: nullable(string(1 << 20)) }),
  'samples.setSettings': call({ params: object({ json: string(1 << 20) }), result: nothing }),

  'settings.get': call({ params: nothing, result: settingsSchema }),
  'settings.set': call({ params: settingsSchema, result: nothing }),

  /** The steps and counts of all parts are the one buffer, float64 each. */
  'statistics.add': call({
    params: object({ parts: array(statementPartSchema, statementPartsMax) }),
    result: nothing,
    buffersMax: 1,
  }),
  /** Forgets what is old; answers whether there is more to do. */
  'statistics.tidy': call({
    params: object({ nowMs: integer(0), retentionMs: integer(0) }),
    result: object({ hasMore: boolean }),
  }),
  'statistics.top': statisticsCalls['statistics.top'],
  'statistics.statement': statisticsCalls['statistics.statement'],
  'statistics.overTime': statisticsCalls['statistics.overTime'],
  'statistics.compare': statisticsCalls['statistics.compare'],
  'statistics.reset': statisticsCalls['statistics.reset'],
  'statistics.example': call({
    params: object({ instanceId: id, fingerprint: id }),
    result: nullable(statementExampleSchema),
  }),
  'statistics.settings': statisticsCalls['statistics.settings'],
  'statistics.setSettings': statisticsCalls['statistics.setSettings'],
} as const

export type StorageContract = typeof storageContract
