/**
 * THE table: everything a client (renderer, command line) can ask of a host, and everything a host announces.
 * Types, validators and handlers derive from it. No behaviour.
 */

import { cacheCalls } from './cache-calls.ts'
import { catalogPageSchema, catalogParentSchema, completionNamesSchema } from './catalog.ts'
import { call, event, stream } from './contract-table.ts'
import {
  endpointClientsSchema,
  endpointConnectionSchema,
  endpointOptionsSchema,
  endpointPasswordLengthMax,
  endpointSchema,
  endpointStartSchema,
} from './endpoint.ts'
import { instanceOptionsSchema } from './instance-options.ts'
import { instanceSchema, sessionStateSchema } from './instance.ts'
import { insightCalls } from './insight-calls.ts'
import { lifecycleCalls } from './lifecycle-calls.ts'
import { instanceNameLengthMax, tabsMax } from './limits.ts'
import { loanCalls } from './loan-calls.ts'
import { monitorCalls } from './monitor-calls.ts'
import { remoteCalls } from './remote-calls.ts'
import { array, boolean, integer, nothing, nullable, object, oneOf, optional, string } from './schema.ts'
import { snapshotCalls } from './snapshot-calls.ts'
import { statisticsCalls } from './statistics-calls.ts'
import { supervisionCalls } from './supervision-calls.ts'
import { runResultSchema, runStatementSchema, statementEventSchema } from './statement.ts'
import { transferCalls } from './transfer-calls.ts'
import { tryCalls } from './try-calls.ts'
import { webCalls } from './web-calls.ts'
import {
  historyEntrySchema,
  historyFilterSchema,
  settingsSchema,
  tabSchema,
  textEditSchema,
  workspaceSchema,
} from './workspace.ts'

const id = string(64, 1)

export const workbenchContract = {
  'host.describe': call({
    params: nothing,
    result: object({
      version: string(64),
      shell: oneOf('electron', 'serve', 'command'),
      dataDirectory: string(4096),
      processId: integer(1),
      nodeVersion: string(64),
      /** What happened at the start that the user must know, such as a damaged file that was set aside. */
      notices: array(string(4096), 20),
    }),
  }),
  /** Every two seconds while a client is attached. */
  'host.didSample': event(object({ rssBytes: integer(0), eventLoopDelayMaxMs: integer(0) })),

  'instance.list': call({ params: nothing, result: array(instanceSchema, 10_000) }),
  'instance.create': call({
    params: object({
      name: string(instanceNameLengthMax, 1),
      storage: oneOf('memory', 'directory'),
      /** Fill it with the sample web shop. */
      withSample: boolean,
      /** Unless given, those that a new instance has. */
      options: optional(instanceOptionsSchema),
      /** Made in it, by the names of CREATE EXTENSION. */
      extensions: optional(array(string(64, 1), 64)),
    }),
    result: instanceSchema,
  }),
  /** Starts the engine if it is not running; answers when it is ready. */
  'instance.start': call({ params: object({ instanceId: id }), result: instanceSchema }),
  'instance.stop': call({ params: object({ instanceId: id }), result: instanceSchema }),
  /** Ends its sessions and moves its directory to the trash; a memory instance is gone. */
  'instance.delete': call({ params: object({ instanceId: id }), result: nothing }),
  /** Takes it out of the trash again, stopped; `not-found` for what lived in memory or was removed for good. */
  'instance.restore': call({ params: object({ instanceId: id }), result: instanceSchema }),
  ...lifecycleCalls,
  ...remoteCalls,
  'instance.didChange': event(object({ instance: instanceSchema, isDeleted: boolean })),

  ...supervisionCalls,
  ...loanCalls,

  'session.open': call({
    params: object({ instanceId: id, title: string(1024) }),
    result: sessionStateSchema,
  }),
  /** Cancels what runs, rolls back an open transaction, forgets the session. */
  'session.close': call({ params: object({ sessionId: id }), result: nothing }),
  'session.rename': call({ params: object({ sessionId: id, title: string(1024) }), result: nothing }),
  /** Asks the running (or waiting) statement to end; answers when the request is with the engine. */
  'session.cancel': call({ params: object({ sessionId: id }), result: nothing }),
  'session.didChange': event(sessionStateSchema),

  /** One part of a long text, in its one buffer (UTF-8). Parts come in order; a text is used once. */
  'text.upload': call({
    params: object({ textId: id, partIndex: integer(0), isLast: boolean }),
    result: nothing,
    buffersMax: 1,
  }),
  'statement.run': stream({
    params: runStatementSchema,
    chunk: statementEventSchema,
    result: runResultSchema,
    buffersMax: 1,
  }),

  'catalog.list': call({ params: catalogParentSchema, result: catalogPageSchema }),
  'catalog.names': call({ params: object({ instanceId: id }), result: completionNamesSchema }),

  'history.search': call({
    params: historyFilterSchema,
    result: object({ entries: array(historyEntrySchema, 200), hasMore: boolean }),
  }),
  'history.remove': call({ params: object({ entryId: integer(1) }), result: nothing }),
  'history.didChange': event(object({ entryId: integer(1) })),

  /**
   * Attaches this client to a workspace: `preferredId` if no other client has it, else a left one, else a new
   * one. A workspace is let go when its client disconnects.
   */
  'workspace.claim': call({ params: object({ preferredId: nullable(id) }), result: workspaceSchema }),
  'workspace.setLayout': call({ params: object({ layout: string(65_536) }), result: nothing }),
  'workspace.setActiveTab': call({ params: object({ tabId: nullable(id) }), result: nothing }),
  'tab.create': call({
    params: object({ title: string(256, 1), instanceId: nullable(id), index: integer(0, tabsMax) }),
    result: tabSchema,
  }),
  /** The text, as UTF-16LE code units (exact, even when they are not well-formed), in the reply's one buffer. */
  'tab.read': call({ params: object({ tabId: id }), result: tabSchema, buffersMax: 1 }),
  /**
   * Stores edits made on `version`, and answers the new version once they are on disk; `conflict` when `version` is
   * not the last one.
   */
  'tab.edit': call({
    params: object({
      tabId: id,
      version: integer(0),
      edits: array(textEditSchema, 1_000),
      cursorOffset: integer(0),
    }),
    result: object({ version: integer(0) }),
  }),
  /** Replaces the whole text by an uploaded one (whose parts are UTF-16LE). */
  'tab.replaceText': call({
    params: object({ tabId: id, textId: id }),
    result: object({ version: integer(0) }),
  }),
  'tab.update': call({
    params: object({
      tabId: id,
      title: string(256, 1),
      instanceId: nullable(id),
      index: integer(0, tabsMax),
    }),
    result: tabSchema,
  }),
  /** Closed tabs are kept and can be reopened. */
  'tab.close': call({ params: object({ tabId: id }), result: nothing }),
  'tab.reopen': call({ params: nothing, result: nullable(tabSchema) }),

  'endpoint.list': call({ params: nothing, result: array(endpointSchema, 16) }),
  /** Answers when it listens; throws `in-use`, `permission-denied`, and `conflict` where it listens elsewhere. */
  'endpoint.start': call({ params: endpointStartSchema, result: endpointSchema }),
  /** Tells its clients 57P01 and closes their connections; answers when they are gone. */
  'endpoint.stop': call({ params: object({ endpointId: id }), result: endpointSchema }),
  /** Keeps the options; one that listens is stopped and started again where it has to be. */
  'endpoint.configure': call({
    params: object({ endpointId: id, options: endpointOptionsSchema }),
    result: endpointSchema,
  }),
  /** For log-ins from now on. null: a new one is made up. */
  'endpoint.setPassword': call({
    params: object({ endpointId: id, password: nullable(string(endpointPasswordLengthMax, 1)) }),
    result: nothing,
  }),
  /** `conflict` while it does not listen. */
  'endpoint.connection': call({
    params: object({ endpointId: id, instanceId: id }),
    result: endpointConnectionSchema,
  }),
  /** All clients, again after each change, until the stream is ended. */
  'endpoint.watchClients': stream({
    params: object({ endpointId: id }),
    chunk: endpointClientsSchema,
    result: nothing,
  }),
  /** Asks the statement that runs or waits to end with 57014; answers when the request is with the engine. */
  'endpoint.cancelClient': call({ params: object({ endpointId: id, clientId: id }), result: nothing }),
  /** Tells it 57P01 and closes its connection; what is open in a transaction is rolled back. */
  'endpoint.disconnectClient': call({ params: object({ endpointId: id, clientId: id }), result: nothing }),
  /** Its state, its options, or how many clients it has. */
  'endpoint.didChange': event(endpointSchema),
  ...webCalls,

  ...cacheCalls,
  ...transferCalls,
  ...snapshotCalls,
  ...tryCalls,
  ...statisticsCalls,
  ...insightCalls,
  ...monitorCalls,

  'settings.get': call({ params: nothing, result: settingsSchema }),
  'settings.set': call({ params: settingsSchema, result: nothing }),
  'settings.didChange': event(settingsSchema),
} as const

export type WorkbenchContract = typeof workbenchContract
