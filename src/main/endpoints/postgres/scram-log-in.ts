/**
 * How clients of the Postgres endpoint log in: by SCRAM with the owner's password or a role's, or by certificate. The
 * owner's session begins meanwhile. Knows no message but through `authenticate`.
 */

import type { Clock } from '../../../base/clock.ts'
import { WorkbenchError } from '../../../contract/error.ts'
import type { AttemptLimiter } from './attempt-limiter.ts'
import { authenticate, scramSystemUser, usableVerifier, verifierHint } from './authentication.ts'
import { authenticationOk } from './backend-message.ts'
import type { EarlySession, EarlySessions } from './early-sessions.ts'
import type { LoggedIn, LogInRequest } from './log-in.ts'
import { readVerifier, type ScramVerifier } from './scram-verifier.ts'
import type { StartUpSettings } from './start-up-settings.ts'
import type { WireBackend } from './wire-backend.ts'

/** Whose endpoint it is: logs in with a verifier of the endpoint's, not of pg_authid. */
export interface EndpointOwner {
  readonly role: string
  /** As pg_authid would store it; see `makeVerifier`. */
  readonly verifier: string
}

export interface ScramLogInOptions {
  readonly clock: Clock
  readonly owner: EndpointOwner
  readonly mockSecret: Uint8Array
  readonly limiter: AttemptLimiter
  readonly early: EarlySessions
  /** The instance of that name; null if there is none. */
  readonly resolveDatabase: (name: string) => Promise<WireBackend | null>
  readonly roleBackend: WireBackend | null
}

export class ScramLogIn {
  readonly #options: ScramLogInOptions
  #ownersVerifier: { readonly text: string; readonly verifier: ScramVerifier | null } | null = null

  constructor(options: ScramLogInOptions) {
    this.#options = options
  }

  /** As `LogIn`. */
  async logIn(request: LogInRequest): Promise<LoggedIn | null> {
    const { clock, limiter, mockSecret, owner } = this.#options
    const { client, acceptor, settings } = request
    const { user } = settings
    const { address } = request.carrier.place
    limiter.check(user, address)
    const { backend, role } = await request.awaitHost(this.#find(settings))
    const verifier = user === owner.role ? this.#verifierOfOwner() : usableVerifier(role, clock.nowMs())
    const hint = user === owner.role ? null : verifierHint(role)
    // The client is asked first, and has something to do meanwhile.
    const proof = authenticate(client, { user, verifier, hint, mockSecret, acceptor })
    // Of other roles nobody is to learn by the time it takes whether they exist.
    const early = user === owner.role && role?.canLogin ? this.#beginEarly(backend, request) : null
    try {
      const systemUser = await proof
      if (systemUser === null) {
        early?.dispose()
        return null
      }
      client.write(authenticationOk())
      return { backend, user, role, systemUser, early }
    } catch (error) {
      early?.dispose()
      if (error instanceof WorkbenchError && error.sql?.code === '28P01') limiter.didFail(user, address)
      throw error
    }
  }

  /** Read once, and again when the owner has another password. */
  #verifierOfOwner(): ScramVerifier | null {
    const { verifier: text } = this.#options.owner
    if (this.#ownersVerifier?.text !== text) this.#ownersVerifier = { text, verifier: readVerifier(text) }
    return this.#ownersVerifier.verifier
  }

  async #find({ user, database }: StartUpSettings): Promise<Pick<LoggedIn, 'backend' | 'role'>> {
    const { resolveDatabase, roleBackend } = this.#options
    const backend = await resolveDatabase(database)
    return { backend, role: (await (backend ?? roleBackend)?.findRole(user)) ?? null }
  }

  /** A copy is too much for somebody who may be nobody, and a certificate is looked at without waiting. */
  #beginEarly(backend: WireBackend | null, request: LogInRequest): EarlySession | null {
    const { acceptor, settings } = request
    const isCheap = backend?.isForking !== true && (acceptor?.options.clientCertificates ?? null) === null
    if (!backend || !isCheap) return null
    const options = request.sessionOptions(settings.user, scramSystemUser(settings.user))
    return this.#options.early.begin(() => backend.openSession(options))
  }
}
