/**
 * One connection from its first byte to its last: start-up, log-in, a session, and the errors that are told on the
 * way. Knows no listener.
 */

import type { Socket } from 'node:net'
import type { Clock } from '../../../base/clock.ts'
import { onDispose, type Disposable } from '../../../base/disposable.ts'
import { WorkbenchError } from '../../../contract/error.ts'
import type { AttemptLimiter } from './attempt-limiter.ts'
import { authenticate, scramSystemUser, usableVerifier, verifierHint } from './authentication.ts'
import {
  authenticationOk,
  backendKeyData,
  errorResponse,
  negotiateProtocolVersion,
  parameterStatus,
  readyForQuery,
} from './backend-message.ts'
import type { ClientRegistry, ClientState, RegisteredClient } from './client-registry.ts'
import { ClientSocket, closeGraceMs } from './client-socket.ts'
import { ClientTraffic } from './client-traffic.ts'
import type { RenewableTls } from './renewable-tls.ts'
import { connectionEncryption } from './connection-encryption.ts'
import { readVerifier } from './scram-verifier.ts'
import type { EarlySession, EarlySessions } from './early-sessions.ts'
import type { OutputAllowance } from './output-allowance.ts'
import { protocolLatest, unsupportedMessage, type StartUpMessage } from './start-up-packet.ts'
import { startUpSettings, type StartUpSettings } from './start-up-settings.ts'
import { readFirstWord } from './start-up.ts'
import type { TappedClient, WireTap } from './wire-tap.ts'
import type { TrafficMeter } from './traffic-meter.ts'
import type { TlsAcceptor } from './tls-acceptor.ts'
import type { WireBackend, WireRole, WireSession, WireSessionOptions } from './wire-backend.ts'
import { failureFields, refusal } from './wire-failure.ts'

/**
 * From connecting to the end of authentication. Clients need milliseconds; 400 of them at once on a busy machine
 * need seconds. Postgres's authentication_timeout is 60 s by default.
 */
export const startUpTimeMaxMs = 30_000

/** Whose endpoint it is: logs in with a verifier of the endpoint's, not of pg_authid. */
export interface EndpointOwner {
  readonly role: string
  /** As pg_authid would store it; see `makeVerifier`. */
  readonly verifier: string
}

/** What all connections of an endpoint have in common. */
export interface ConnectionContext {
  readonly clock: Clock
  readonly owner: EndpointOwner
  readonly tls: RenewableTls | null
  readonly mockSecret: Uint8Array
  readonly limiter: AttemptLimiter
  readonly registry: ClientRegistry
  readonly meter: TrafficMeter
  readonly tap: (client: TappedClient) => WireTap | null
  readonly stalledClientMs: number
  readonly allowance: OutputAllowance
  readonly early: EarlySessions
  /** The instance of that name; null if there is none. */
  readonly resolveDatabase: (name: string) => Promise<WireBackend | null>
  readonly roleBackend: WireBackend | null
  /** Hears of defects: what clients are told as XX000. */
  readonly onFailure: (error: unknown) => void
}

export class ClientConnection {
  readonly #context: ConnectionContext
  readonly #client: ClientSocket
  readonly #isLocal: boolean
  readonly #address: string | null
  readonly #port: number | null
  /** As of its beginning; null on a Unix-domain socket. */
  #acceptor: TlsAcceptor | null = null
  /** Of a client that has not logged in. */
  #patience: Disposable | null = null
  #isStopped = false
  #hasLoggedIn = false

  /** `isLocal`: over a Unix-domain socket, where there is no TLS. */
  constructor(context: ConnectionContext, socket: Socket, isLocal: boolean) {
    this.#context = context
    this.#client = new ClientSocket(socket)
    this.#isLocal = isLocal
    this.#address = isLocal ? null : (socket.remoteAddress ?? null)
    this.#port = isLocal ? null : (socket.remotePort ?? null)
  }

  /** Whether the registry has it, and tells it when the endpoint closes. */
  get hasLoggedIn(): boolean {
    return this.#hasLoggedIn
  }

  /** Resolves when the connection is closed; never rejects. */
  async run(): Promise<void> {
    const open = onDispose('wire-connection', () => undefined)
    try {
      await this.#converse()
    } catch (error) {
      this.#report(error)
      await this.#refuse(error)
    } finally {
      this.#client.destroy()
      open.dispose()
    }
  }

  /** Ends a connection that has not logged in; those that have are told by the registry. */
  cut(): void {
    this.#isStopped = true
    this.#client.destroy()
  }

  async #converse(): Promise<void> {
    const { registry } = this.#context
    this.#awaitClient()
    let login: Login | null
    try {
      if (!this.#isLocal) this.#acceptor = (await this.#context.tls?.current()) ?? null
      const word = await readFirstWord(this.#client, this.#acceptor)
      if (word === null) return
      if (word.kind === 'unsupported') {
        await this.#hangUp(unsupportedText(word.version))
        return
      }
      if (word.kind === 'cancel') {
        registry.cancelByKey(word.processId, word.key)
        return
      }
      login = await this.#logIn(word)
    } finally {
      this.#patience?.dispose()
    }
    try {
      if (login !== null && !this.#isStopped) await this.#serve(login)
    } finally {
      login?.early?.dispose()
    }
  }

  /** From now on it is the client who is waited for, and not for long. */
  #awaitClient(): void {
    this.#patience = this.#context.clock.after(startUpTimeMaxMs, () => this.cut())
  }

  /** Who has logged in; null when the client went away. */
  async #logIn(message: StartUpMessage): Promise<Login | null> {
    const { clock, limiter, mockSecret, owner, resolveDatabase, roleBackend } = this.#context
    if (this.#acceptor?.options.isRequired === true && this.#client.tls === null) {
      throw refusal('28000', 'this endpoint takes encrypted connections only', {
        hint: 'Use sslmode=require.',
      })
    }
    if (message.version > protocolLatest || message.unknownOptions.length > 0) {
      const version = Math.min(message.version, protocolLatest)
      this.#client.write(negotiateProtocolVersion(version, message.unknownOptions))
    }
    const settings = startUpSettings(message.parameters)
    const { user, database } = settings
    limiter.check(user, this.#address)
    // An instance that is being started, or recovers, takes its time; that is not the client's.
    this.#patience?.dispose()
    const backend = await this.#client.untilClosed(resolveDatabase(database))
    const roles = backend ?? roleBackend
    const role = roles === null ? null : await this.#client.untilClosed(roles.findRole(user))
    this.#awaitClient()
    const verifier = user === owner.role ? readVerifier(owner.verifier) : usableVerifier(role, clock.nowMs())
    const hint = user === owner.role ? null : verifierHint(role)
    const options = { user, verifier, hint, mockSecret, acceptor: this.#acceptor }
    // The client is asked first, and has something to do meanwhile.
    const proof = authenticate(this.#client, options)
    // Of other roles nobody is to learn by the time it takes whether they exist.
    const early = user === owner.role && role?.canLogin ? this.#beginEarly(backend, settings) : null
    try {
      const systemUser = await proof
      if (systemUser === null) {
        early?.dispose()
        return null
      }
      this.#client.write(authenticationOk())
      if (backend === null) throw refusal('3D000', `database "${database}" does not exist`)
      if (role === null) throw refusal('28000', `role "${user}" does not exist`)
      if (!role.canLogin) throw refusal('28000', `role "${user}" is not permitted to log in`)
      if (!role.canConnect) {
        throw refusal('42501', `permission denied for database "${database}"`, {
          detail: 'User does not have CONNECT privilege.',
        })
      }
      return { message, settings, backend, role, systemUser, early }
    } catch (error) {
      early?.dispose()
      if (error instanceof WorkbenchError && error.sql?.code === '28P01') limiter.didFail(user, this.#address)
      throw error
    }
  }

  /** A copy is too much for somebody who may be nobody, and a certificate is looked at without waiting. */
  #beginEarly(backend: WireBackend | null, settings: StartUpSettings): EarlySession | null {
    const isCheap =
      backend?.isForking !== true && (this.#acceptor?.options.clientCertificates ?? null) === null
    if (!backend || !isCheap) return null
    const systemUser = scramSystemUser(settings.user)
    return this.#context.early.begin(() => backend.openSession(this.#sessionOptions(settings, systemUser)))
  }

  async #serve(login: Login): Promise<void> {
    const { registry } = this.#context
    const { user, database, settings } = login.settings
    const applicationName = settings.get('application_name') ?? ''
    const identity = {
      ...{ user, database, applicationName, address: this.#address, port: this.#port },
      isEncrypted: this.#client.tls !== null,
      protocolVersion: login.message.version,
      backend: login.backend,
      role: login.role,
    }
    const entry = registry.register(identity)
    entry.stop = () => this.cut()
    this.#hasLoggedIn = true
    let session: WireSession | null = null
    try {
      session = await this.#openSession(login)
      entry.session = session
      if (!this.#isStopped && !this.#client.socket.destroyed)
        await this.#talk(entry, { session, database, user })
    } finally {
      session?.dispose()
      entry.dispose()
    }
  }

  async #openSession({ early, backend, settings, systemUser }: Login): Promise<WireSession> {
    try {
      const opening = early?.take() ?? backend.openSession(this.#sessionOptions(settings, systemUser))
      return await this.#client.untilClosed(opening, (session) => session.dispose())
    } catch (error) {
      if (!(error instanceof WorkbenchError) || error.code !== 'limit-exceeded') throw error
      throw refusal('53300', error.message, { cause: error })
    }
  }

  #sessionOptions({ user, database, settings }: StartUpSettings, systemUser: string): WireSessionOptions {
    const applicationName = settings.get('application_name') ?? ''
    const where = this.#isLocal ? 'local' : `${this.#address}:${this.#port}`
    const title = `${applicationName === '' ? 'client' : applicationName} (${user}, ${where})`
    const { localAddress, localPort } = this.#client.socket
    const server = this.#isLocal ? {} : { serverAddress: localAddress ?? null, serverPort: localPort ?? null }
    const encryption = this.#client.tls && connectionEncryption(this.#client.tls)
    const place = { address: this.#address, port: this.#port, systemUser, encryption, ...server }
    return { role: user, database, settings, title, ...place }
  }

  async #talk(
    entry: RegisteredClient,
    {
      session,
      database,
      user,
    }: Pick<StartUpSettings, 'database' | 'user'> & { readonly session: WireSession },
  ): Promise<void> {
    const { allowance, clock, meter, stalledClientMs } = this.#context
    const traffic = new ClientTraffic({
      socket: this.#client.socket,
      session,
      clock,
      stalledClientMs,
      allowance,
      meter: meter.open(database),
      tap: this.#context.tap({ user, database, address: this.#address, port: this.#port }),
      onChange: () => {
        entry.state = stateOf(traffic)
        entry.changed()
      },
      onParameter: (name, value) => {
        if (name !== 'application_name') return
        entry.applicationName = value
        entry.changed()
      },
      onFailure: (error) => this.#report(error),
    })
    entry.stop = (error) => traffic.stop(error)
    entry.state = 'idle'
    entry.changed()
    const parameters = [...session.parameters].map(([name, value]) => parameterStatus(name, value))
    const key = backendKeyData(session.processId, entry.cancelKey)
    this.#client.write(Buffer.concat([...parameters, key, readyForQuery()]))
    this.#client.sendGathered()
    this.#client.release()
    await traffic.run()
  }

  /** Tells why, and waits until the client has closed its side or its time is over. */
  async #refuse(error: unknown): Promise<void> {
    await this.#hangUp(errorResponse(failureFields(error, 'FATAL')))
  }

  async #hangUp(lastWords: Uint8Array): Promise<void> {
    const { socket } = this.#client
    if (socket.destroyed) return
    this.#client.release()
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    const timer = this.#context.clock.after(closeGraceMs, () => socket.destroy())
    socket.on('end', () => socket.destroy())
    socket.end(lastWords)
    // What still comes is read and forgotten; unread bytes would reset the connection before the error is read.
    socket.on('data', () => undefined)
    socket.resume()
    await closed
    timer.dispose()
  }

  #report(error: unknown): void {
    if (!(error instanceof WorkbenchError) || error.code === 'internal') this.#context.onFailure(error)
  }
}

interface Login {
  readonly message: StartUpMessage
  readonly settings: StartUpSettings
  readonly backend: WireBackend
  readonly role: WireRole
  readonly systemUser: string
  readonly early: EarlySession | null
}

/** An error as protocol 2 had them: no length, no fields, ended by a NUL. */
function unsupportedText(version: number): Uint8Array {
  return Buffer.from(`EFATAL:  ${unsupportedMessage(version)}\n\0`)
}

function stateOf(traffic: ClientTraffic): ClientState {
  if (traffic.isActive) return 'active'
  if (traffic.transaction === 'idle') return 'idle'
  return traffic.transaction === 'open' ? 'idle in transaction' : 'idle in transaction (aborted)'
}
