/**
 * What can be asked of servers elsewhere: trying one, keeping it as an instance, changing how it is reached. Rows of
 * the contract; starting, stopping and deleting are those of any instance.
 */

import { call } from './contract-table.ts'
import { instanceSchema } from './instance.ts'
import { instanceNameLengthMax } from './limits.ts'
import { remoteConnectionSchema } from './remote-server.ts'
import { boolean, finite, nothing, nullable, object, string, type Infer } from './schema.ts'

const id = string(64, 1)
const password = nullable(string(4096))

/** What a connection that was made to try it has found. */
export const remoteTrialSchema = object({
  /** Such as `18.0`; null where the server does not say. */
  serverVersion: nullable(string(64)),
  /** What answers there, such as `PostgreSQL` or `CockroachDB CCL`. */
  product: string(64),
  /** From the first packet to the end of the log-in. */
  connectMs: finite,
  /** Of one small statement, there and back. */
  roundTripMs: finite,
  /** Such as `TLSv1.3`; null when nothing is encrypted. */
  encryption: nullable(string(64)),
  /** The server has shown who it is: its certificate was checked. */
  isVerified: boolean,
})
export type RemoteTrial = Infer<typeof remoteTrialSchema>

export const remoteCalls = {
  /**
   * Connects once and keeps nothing. Without a password, that of `instanceId` is used if it is given. Throws
   * `unreachable`, `sql-error`, `unauthorized`, and what is wrong with the files of TLS.
   */
  'remote.test': call({
    params: object({ connection: remoteConnectionSchema, password, instanceId: nullable(id) }),
    result: remoteTrialSchema,
  }),
  /** Keeps a server as an instance, whether it can be reached or not. `already-exists`, `invalid-argument`. */
  'remote.create': call({
    params: object({
      name: string(instanceNameLengthMax, 1),
      connection: remoteConnectionSchema,
      password,
    }),
    result: instanceSchema,
  }),
  /** Whether the system's keyring seals passwords here; else they lie in a file that only their owner can read. */
  'remote.protection': call({ params: nothing, result: object({ isSealed: boolean }) }),
  /** How it is reached. Its password is never told. */
  'remote.get': call({
    params: object({ instanceId: id }),
    result: object({ connection: remoteConnectionSchema, hasPassword: boolean }),
  }),
  /** Ends its sessions' connections, which are made anew. null: the password stays; empty: there is none. */
  'remote.update': call({
    params: object({ instanceId: id, connection: remoteConnectionSchema, password }),
    result: instanceSchema,
  }),
} as const
