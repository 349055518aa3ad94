/**
 * What the workbench tells of its endpoints, through which other programs connect: whether they listen, how they
 * are set, how one connects, and who is connected. No behaviour.
 */

import { errorCodes } from './error.ts'
import { endpointClientsMax } from './limits.ts'
import { array, boolean, integer, nullable, object, oneOf, string, type Infer } from './schema.ts'

const id = string(64, 1)
const portMax = 65_535
const pathLengthMax = 4_096

/** Shortest and longest bound of a transaction that idles while others wait, in milliseconds. */
export const idleTransactionMsMin = 1_000
export const idleTransactionMsMax = 86_400_000

/** Fewest and most clients at once: a window lists so many, and each costs a socket and the state of a session. */
export const connectionsMaxMin = 1
export const connectionsMaxMax = endpointClientsMax

/** Shortest and longest time in which a client may take nothing of its answers, in milliseconds. */
export const stalledClientMsMin = 1_000
export const stalledClientMsMax = 3_600_000

/** Of an endpoint's password, in UTF-16 code units. */
export const endpointPasswordLengthMax = 256

/** What is kept of an endpoint's statement in the list of clients; a longer one ends with an ellipsis. */
export const clientStatementLengthMax = 2_000

export const endpointModes = ['shared', 'fork'] as const
export type EndpointMode = (typeof endpointModes)[number]
/**
 * `shared`: all clients of an instance share it, one after the other. `fork`: each gets a copy of its own, in memory,
 * made when it logs in and thrown away when it leaves; nothing of it is seen by others, or left.
 */
const mode = oneOf(...endpointModes)

const tls = oneOf('off', 'offered', 'required')

/** PEM files of a certificate, with its chain behind it, and of its key. Absolute paths. */
const certificate = object({
  certificatePath: string(pathLengthMax, 1),
  keyPath: string(pathLengthMax, 1),
})

const clientCertificates = object({
  /** A PEM file of those who may sign them. Absolute. */
  authorityPath: string(pathLengthMax, 1),
  /**
   * `required`: whoever comes over TCP needs one, and the password all the same. `log-in`: its common name is the
   * role, and no password is asked for.
   */
  use: oneOf('required', 'log-in'),
})

export const endpointOptionsSchema = object({
  /** It is started with the app, and with `wardian serve`. */
  startsWithHost: boolean,
  /** null: a free one is taken at the first start, and kept. */
  port: nullable(integer(1, portMax)),
  /** Absolute; there is a Unix-domain socket in it, too. null: there is none. */
  socketDirectory: nullable(string(pathLengthMax, 1)),
  /** A transaction that idles for so long while others wait for its end is rolled back. For new connections. */
  idleTransactionMs: integer(idleTransactionMsMin, idleTransactionMsMax),
  /** `off`: no TLS. `offered`: whoever asks for it gets it. `required`: nobody gets in over TCP without it. */
  tls,
  /** null: one that the endpoint makes for itself. */
  certificate: nullable(certificate),
  /** null: none are asked for. */
  clientCertificates: nullable(clientCertificates),
  /** More clients at once are refused with 53300. */
  connectionsMax: integer(connectionsMaxMin, connectionsMaxMax),
  /** A client that takes nothing of its answers for so long is disconnected: others wait for it meanwhile. */
  stalledClientMs: integer(stalledClientMsMin, stalledClientMsMax),
  mode,
})
export type EndpointOptions = Infer<typeof endpointOptionsSchema>

export const endpointSchema = object({
  id,
  /** Postgres's wire protocol; the database in a connection string chooses the instance. */
  kind: oneOf('postgres'),
  state: oneOf('off', 'starting', 'listening', 'stopping', 'failed'),
  /** Why it does not listen; null unless the state is `failed`. */
  failure: nullable(object({ code: oneOf(...errorCodes), message: string(65_536) })),
  /** Where it listens; null while it does not. */
  address: nullable(string(256)),
  port: nullable(integer(1, portMax)),
  socketPath: nullable(string(pathLengthMax)),
  clientCount: integer(0),
  /** As it was started; as it is set while it does not listen. */
  mode,
  options: endpointOptionsSchema,
})
export type Endpoint = Infer<typeof endpointSchema>

/** How a start differs from what is kept, for this time alone. */
export const endpointStartSchema = object({
  endpointId: id,
  /** null: the one that is kept. 0: any free one, which is not kept. */
  port: nullable(integer(0, portMax)),
  /** null: the one that is kept. */
  socketDirectory: nullable(string(pathLengthMax, 1)),
  /** Whose roles are told that a database does not exist, as Postgres's are. null: the owner alone is. */
  roleInstanceId: nullable(id),
  /** null: the one that is kept. */
  mode: nullable(mode),
  tls: nullable(tls),
  certificate: nullable(certificate),
  clientCertificates: nullable(clientCertificates),
})
export type EndpointStart = Infer<typeof endpointStartSchema>

/** A start that differs in nothing from what is kept. */
export const startAsKept: Omit<EndpointStart, 'endpointId'> = {
  ...{ port: null, socketDirectory: null, roleInstanceId: null, mode: null },
  ...{ tls: null, certificate: null, clientCertificates: null },
}

export const connectionFormKinds = ['url', 'psql', 'jdbc', 'node', 'env', 'socket'] as const
export type ConnectionFormKind = (typeof connectionFormKinds)[number]

/** How one connects to an instance, ready to be pasted. Has the password: for the user alone, kept nowhere. */
export const endpointConnectionSchema = object({
  host: string(256),
  port: integer(1, portMax),
  role: string(256),
  password: string(endpointPasswordLengthMax),
  database: string(256),
  socketPath: nullable(string(pathLengthMax)),
  /** `socket` is there with a Unix-domain socket only. */
  forms: array(object({ kind: oneOf(...connectionFormKinds), text: string(16_384) }), 16),
})
export type EndpointConnection = Infer<typeof endpointConnectionSchema>

export const endpointClientSchema = object({
  id,
  /** As in pg_stat_activity; 0 while its session is opened. */
  processId: integer(0),
  role: string(256),
  database: string(256),
  applicationName: string(256),
  /** null, null on a Unix-domain socket. */
  address: nullable(string(256)),
  port: nullable(integer(0, portMax)),
  isEncrypted: boolean,
  /** Its database is a copy that nobody else sees. */
  isFork: boolean,
  connectedAtMs: integer(0),
  state: oneOf(
    'starting',
    'idle',
    'active',
    'waiting',
    'idle in transaction',
    'idle in transaction (aborted)',
  ),
  stateSinceMs: integer(0),
  /** The one that runs, or ran last. */
  statement: nullable(string(clientStatementLengthMax)),
  /** Who has the backend, while it waits. */
  waitingFor: nullable(string(1_024)),
})
export type EndpointClient = Infer<typeof endpointClientSchema>

export const endpointClientsSchema = object({ clients: array(endpointClientSchema, endpointClientsMax) })
