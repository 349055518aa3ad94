/**
 * The seam between a connection and how its client proves who it is: what a log-in is given, and what it answers. The
 * rules that hold for every way to log in are here, too. Knows no secret.
 */

import type { Disposable } from '../../../base/disposable.ts'
import type { ClientCarrier } from './client-carrier.ts'
import type { ClientSocket } from './client-socket.ts'
import type { EarlySession } from './early-sessions.ts'
import type { StartUpSettings } from './start-up-settings.ts'
import type { TlsAcceptor } from './tls-acceptor.ts'
import type { WireBackend, WireRole, WireSessionOptions } from './wire-backend.ts'
import { refusal } from './wire-failure.ts'

/** A client that has said who it is, and what it wants. */
export interface LogInRequest {
  readonly client: ClientSocket
  readonly carrier: ClientCarrier
  readonly settings: StartUpSettings
  /** As of the beginning of the connection; null where there is no TLS inside of the carrier. */
  readonly acceptor: TlsAcceptor | null
  /**
   * What `work` answers. An instance that is being started, or recovers, takes its time; that is not the client's.
   * Throws `disconnected` when the client goes away.
   */
  awaitHost<T>(work: Promise<T>): Promise<T>
  /** For a session of this client. */
  sessionOptions(role: string, systemUser: string): WireSessionOptions
}

/** Who has proved it. */
export interface LoggedIn {
  /** What the database's name stands for; null when there is none of it. */
  readonly backend: WireBackend | null
  /** The name of the role, and what is known of it there. */
  readonly user: string
  readonly role: WireRole | null
  /** For SYSTEM_USER. */
  readonly systemUser: string
  /** A session that has begun meanwhile; it is disposed by whoever gets this. */
  readonly early: EarlySession | null
  /** Called when the client is let in: ends it by `stop` when what it has shown is worth nothing any more. */
  readonly watch?: (stop: (error: Error) => void) => Disposable
}

/** Makes sure of it; null when the client went away. Throws 28P01, 28000. */
export type LogIn = (request: LogInRequest) => Promise<LoggedIn | null>

/** Somebody whom the database takes. */
export interface Admitted extends LoggedIn {
  readonly backend: WireBackend
  readonly role: WireRole
}

/** Throws what Postgres tells those who have proved who they are and may not come in all the same. */
export function admit(loggedIn: LoggedIn, database: string): Admitted {
  const { backend, role, user } = loggedIn
  if (backend === null) throw refusal('3D000', `database "${database}" does not exist`)
  if (role === null) throw refusal('28000', `role "${user}" does not exist`)
  if (!role.canLogin) throw refusal('28000', `role "${user}" is not permitted to log in`)
  if (!role.canConnect) {
    throw refusal('42501', `permission denied for database "${database}"`, {
      detail: 'User does not have CONNECT privilege.',
    })
  }
  return { ...loggedIn, backend, role }
}
