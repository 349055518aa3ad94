/**
 * What a page can ask of the desktop shell around it, over a port of its own. A served page has no such port. No
 * behaviour.
 */

import { call, event } from './contract-table.ts'
import {
  array,
  boolean,
  finite,
  integer,
  nothing,
  nullable,
  object,
  oneOf,
  optional,
  string,
  type Infer,
} from './schema.ts'
import { shellRequestSchema } from './shell-request.ts'

const path = string(4096, 1)

/** Requests that wait for one window; more are dropped, the oldest first. */
export const shellRequestsMax = 100

export const shellSettingsSchema = object({
  /** How the app itself reaches the network, which it does for its updates alone. */
  proxy: oneOf('system', 'direct', 'fixed'),
  /** As of `fixed`, such as `http://proxy.example:3128`. */
  proxyAddress: string(1_024),
  /** Draw with the graphics processor; counts from the next start on. */
  usesGpu: boolean,
  /** Stay in the tray, with the databases and endpoints, when the last window is closed. */
  staysInTray: boolean,
  /** Tell of long statements that end while no window is looked at. */
  notifies: boolean,
  /** Keep the machine awake while something long runs. */
  staysAwake: boolean,
  /** Get newer versions, where the app may replace itself. */
  updatesItself: boolean,
})
export type ShellSettings = Infer<typeof shellSettingsSchema>

export const shellContract = {
  'shell.describe': call({
    params: nothing,
    result: object({
      /** Which workspace this window had when the app was closed; null for a new window. */
      workspaceId: nullable(string(64, 1)),
      /** What the user must know of this start, such as that Chromium's sandbox is off. */
      notices: array(string(4096), 20),
    }),
  }),
  /** Remembered for this window, so that it has the same tabs after the next start. */
  'shell.keepWorkspace': call({ params: object({ workspaceId: string(64, 1) }), result: nothing }),
  /** What this window was asked to do since the last time, oldest first. */
  'shell.takeRequests': call({ params: nothing, result: array(shellRequestSchema, shellRequestsMax) }),
  /** There is something to take. */
  'shell.didGetRequests': event(nothing),
  /** Asks the user for files of SQL, which arrive as requests. */
  'shell.openSqlFiles': call({ params: nothing, result: nothing }),
  /** Asks the user for a path; null when nothing was chosen. */
  'shell.choosePath': call({
    params: object({
      purpose: oneOf('import', 'export', 'directory'),
      /** What is chosen unless something else is. */
      suggested: optional(path),
    }),
    result: nullable(path),
  }),
  /** A statement of this window has ended; the shell decides whether that is news. */
  'shell.didEndRun': call({
    params: object({
      title: string(256),
      durationMs: finite,
      outcome: oneOf('ok', 'failed', 'cancelled'),
      /** Such as `2,000 rows`, or what went wrong. */
      words: string(1_024),
    }),
    result: nothing,
  }),
  /** How many long things run for this window. */
  'shell.setJobCount': call({ params: object({ count: integer(0, 10_000) }), result: nothing }),
  'shell.getSettings': call({ params: nothing, result: shellSettingsSchema }),
  /** Throws `invalid-argument` for an address of a proxy that is none. */
  'shell.setSettings': call({ params: shellSettingsSchema, result: nothing }),
} as const

export type ShellContract = typeof shellContract
