/** What the workbench tells of an instance and of the sessions on it. No behaviour. */

import { instanceOptionsSchema } from './instance-options.ts'
import { instanceNameLengthMax } from './limits.ts'
import { remoteServerSchema } from './remote-server.ts'
import { boolean, integer, nullable, object, oneOf, string, type Infer } from './schema.ts'
import { transactionStateSchema } from './statement.ts'

export const instanceSchema = object({
  /** Never changes; the name may. */
  id: string(64, 1),
  name: string(instanceNameLengthMax, 1),
  engine: oneOf('pglite', 'postgres'),
  /** `remote`: on a server elsewhere. */
  storage: oneOf('memory', 'directory', 'remote'),
  /** `failed`: the engine could not be opened or ended too often; `failure` says why. */
  state: oneOf('stopped', 'starting', 'ready', 'restarting', 'failed'),
  failure: nullable(string(65_536)),
  /** Such as `18.6`; null until first opened. */
  serverVersion: nullable(string(64)),
  engineVersion: nullable(string(64)),
  /** Bytes on disk (directory) or in the engine's memory; null while unknown. */
  sizeBytes: nullable(integer(0)),
  createdAtMs: integer(0),
  /** Where it lies; null in memory. */
  directory: nullable(string(4096)),
  /** null where the engine is a server elsewhere. */
  options: nullable(instanceOptionsSchema),
  /** It runs with other options than these, which count from its next start on. */
  needsRestart: boolean,
  /** Where the server is; null where the engine runs here. */
  remote: nullable(remoteServerSchema),
})
export type Instance = Infer<typeof instanceSchema>

export const sessionStateSchema = object({
  sessionId: string(64, 1),
  instanceId: string(64, 1),
  title: string(1024),
  activity: oneOf('idle', 'waiting', 'running'),
  transaction: transactionStateSchema,
  /** Title of the session that holds the backend, when this one waits. */
  waitingFor: nullable(string(1024)),
  /** Whether the engine was restarted under this session, which lost its settings and transaction. */
  wasReset: boolean,
  /** Why, as a sentence without its full stop; null where it is the engine that was restarted. */
  resetReason: nullable(string(4096)),
})
export type SessionState = Infer<typeof sessionStateSchema>
