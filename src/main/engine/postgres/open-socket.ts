/**
 * Opens a connection to a server: TLS as its mode says, log-in by password or certificate, start-up settings. What
 * comes back is a socket on which nothing is read any more, with what the server has told of itself.
 */

import type { Socket } from 'node:net'
import { TLSSocket, type ConnectionOptions } from 'node:tls'
import { WorkbenchError } from '../../../contract/error.ts'
import type { RemoteConnection } from '../../../contract/remote-server.ts'
import { connectFailure } from './connection-failure.ts'
import { createClient, type PgInternals } from './pg-client.ts'
import { isSocketDirectory, tlsOptions } from './tls-options.ts'

/** Where and as whom. */
export interface ServerLogin {
  readonly connection: RemoteConnection
  readonly password: string | null
}

export interface OpenedSocket {
  readonly socket: Socket
  readonly processId: number
  readonly secretKey: number
  /** What the server reported at the start (ParameterStatus). */
  readonly parameters: ReadonlyMap<string, string>
  /** Such as `TLSv1.3`; null when it is not encrypted. */
  readonly encryption: string | null
  /** How another connection to the same server is to be encrypted. */
  readonly ssl: ConnectionOptions | false
  /** It is to be read-only, and nothing says that its transactions are: each has to be told. */
  readonly tellsReadOnly: boolean
}

/** People wait for it; a server in another continent that wakes up first (serverless ones do) takes some seconds. */
export const connectTimeoutMsDefault = 15_000

/** Routers forget silent connections after some minutes; a dead one is found out within a minute. */
const keepAliveDelayMs = 30_000

export interface OpenOptions {
  readonly applicationName: string
  readonly timeoutMs: number
  /** Ends it, whatever it waits for. */
  readonly signal?: AbortSignal
}

/**
 * Throws `unreachable`, `cancelled`, `sql-error` for what the server refuses, and what reading the TLS files throws.
 */
export async function openSocket(login: ServerLogin, options: OpenOptions): Promise<OpenedSocket> {
  const { connection } = login
  const ssl = (await tlsOptions(connection)) ?? false
  const attempt: Attempt = { login, options, ssl, withSettings: true }
  try {
    return await openWithSettings(attempt)
  } catch (error) {
    const mayBePlain = connection.tlsMode === 'prefer' && ssl !== false && offersNoTls(error)
    if (mayBePlain) return told(login, options, () => openWithSettings({ ...attempt, ssl: false }))
    throw connectFailure(error, connection, options.timeoutMs)
  }
}

interface Attempt {
  readonly login: ServerLogin
  readonly options: OpenOptions
  readonly ssl: ConnectionOptions | false
  /** Whether the start-up packet names settings. */
  readonly withSettings: boolean
}

async function told<T>(login: ServerLogin, { timeoutMs }: OpenOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw connectFailure(error, login.connection, timeoutMs)
  }
}

/** Poolers refuse settings that they do not know, or pass over them (pgbouncer.org/config.html). */
async function openWithSettings(attempt: Attempt): Promise<OpenedSocket> {
  try {
    return await logIn(attempt)
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('unsupported startup parameter')) throw error
    return logIn({ ...attempt, withSettings: false })
  }
}

const readOnly = ['default_transaction_read_only', 'on'] as const

async function logIn({ login, options, ssl, withSettings }: Attempt): Promise<OpenedSocket> {
  const { connection, password } = login
  const { host, port, user, database } = connection
  const client = createClient({
    ...{ host, port, ssl, keepAliveDelayMs, timeoutMs: options.timeoutMs },
    startup: {
      ...{ user, database, application_name: options.applicationName, client_encoding: 'UTF8' },
      ...(connection.isReadOnly && withSettings ? { [readOnly[0]]: readOnly[1] } : {}),
    },
    password: () => password ?? demandPassword(connection),
  })
  // What happens after the log-in is told by the socket; without a listener it would end the process.
  client.on('error', () => undefined)
  const parameters = new Map<string, string>()
  client.connection.on('parameterStatus', (status: { parameterName: string; parameterValue: string }) => {
    parameters.set(status.parameterName, status.parameterValue)
  })
  const cancel = (): void => void client.connection.stream.destroy(connectingWasCancelled())
  options.signal?.addEventListener('abort', cancel)
  try {
    if (options.signal?.aborted) throw connectingWasCancelled()
    await client.connect()
  } catch (error) {
    client.connection.stream.destroy()
    throw error
  } finally {
    options.signal?.removeEventListener('abort', cancel)
  }
  // Servers report it since version 14; older ones are told as well, which costs them a round trip a statement.
  const tellsReadOnly = connection.isReadOnly && parameters.get(readOnly[0]) !== readOnly[1]
  return { ...takeOver(client), parameters, encryption: encryptionOf(client), ssl, tellsReadOnly }
}

/** Nobody but us reads from the socket from now on. */
function takeOver(client: PgInternals): Pick<OpenedSocket, 'socket' | 'processId' | 'secretKey'> {
  const socket = client.connection.stream
  socket.pause()
  socket.removeAllListeners('data')
  return { socket, processId: client.processID ?? 0, secretKey: client.secretKey ?? 0 }
}

function encryptionOf({ connection: { stream } }: PgInternals): string | null {
  return stream instanceof TLSSocket ? (stream.getProtocol() ?? 'TLS') : null
}

function offersNoTls(error: unknown): boolean {
  return error instanceof Error && error.message.includes('does not support SSL')
}

export function connectingWasCancelled(): WorkbenchError {
  return new WorkbenchError('cancelled', 'Connecting to the server was cancelled')
}

function demandPassword({ host, user }: RemoteConnection): never {
  const server = isSocketDirectory(host) ? 'The server' : host
  throw new WorkbenchError('unauthorized', `${server} asks for the password of ${user}; enter it`)
}
