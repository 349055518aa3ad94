/**
 * One connection from its first byte to its last: start-up, log-in, a session, and the errors that are told on the
 * way. Knows no listener.
 */

import type { Clock } from '../../../base/clock.ts'
import { onDispose, type Disposable } from '../../../base/disposable.ts'
import { WorkbenchError } from '../../../contract/error.ts'
import {
  backendKeyData,
  errorResponse,
  negotiateProtocolVersion,
  parameterStatus,
  readyForQuery,
} from './backend-message.ts'
import type { ClientCarrier } from './client-carrier.ts'
import type { ClientRegistry, ClientState, RegisteredClient } from './client-registry.ts'
import { ClientSocket, closeGraceMs } from './client-socket.ts'
import { ClientTraffic } from './client-traffic.ts'
import { connectionEncryption } from './connection-encryption.ts'
import { admit, type Admitted, type LogIn } from './log-in.ts'
import type { OutputAllowance } from './output-allowance.ts'
import type { RenewableTls } from './renewable-tls.ts'
import { protocolLatest, unsupportedMessage, type StartUpMessage } from './start-up-packet.ts'
import { startUpSettings, type StartUpSettings } from './start-up-settings.ts'
import { readFirstWord } from './start-up.ts'
import type { TlsAcceptor } from './tls-acceptor.ts'
import type { TrafficMeter } from './traffic-meter.ts'
import type { WireSession, WireSessionOptions } from './wire-backend.ts'
import { failureFields, refusal } from './wire-failure.ts'
import type { TappedClient, WireTap } from './wire-tap.ts'

/**
 * From connecting to the end of authentication. Clients need milliseconds; 400 of them at once on a busy machine
 * need seconds. Postgres's authentication_timeout is 60 s by default.
 */
export const startUpTimeMaxMs = 30_000

/** What all connections of an endpoint have in common. */
export interface ConnectionContext {
  readonly clock: Clock
  readonly tls: RenewableTls | null
  readonly logIn: LogIn
  readonly registry: ClientRegistry
  readonly meter: TrafficMeter
  readonly tap: (client: TappedClient) => WireTap | null
  readonly stalledClientMs: number
  readonly allowance: OutputAllowance
  /** Hears of defects: what clients are told as XX000. */
  readonly onFailure: (error: unknown) => void
}

export class ClientConnection {
  readonly #context: ConnectionContext
  readonly #carrier: ClientCarrier
  readonly #client: ClientSocket
  /** As of its beginning; null where there is no TLS inside of its carrier. */
  #acceptor: TlsAcceptor | null = null
  /** Of a client that has not logged in. */
  #patience: Disposable | null = null
  #isStopped = false
  #hasLoggedIn = false

  constructor(context: ConnectionContext, carrier: ClientCarrier) {
    this.#context = context
    this.#carrier = carrier
    this.#client = new ClientSocket(carrier.stream)
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
    let login: LoggedInClient | null
    try {
      if (this.#carrier.mayEncrypt) this.#acceptor = (await this.#context.tls?.current()) ?? null
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

  /** What `work` answers; the client is not waited for meanwhile. */
  async #awaitHost<T>(work: Promise<T>): Promise<T> {
    this.#patience?.dispose()
    try {
      return await this.#client.untilClosed(work)
    } finally {
      this.#awaitClient()
    }
  }

  /** Who has logged in; null when the client went away. */
  async #logIn(message: StartUpMessage): Promise<LoggedInClient | null> {
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
    const loggedIn = await this.#context.logIn({
      ...{ client: this.#client, carrier: this.#carrier, settings, acceptor: this.#acceptor },
      awaitHost: (work) => this.#awaitHost(work),
      sessionOptions: (role, systemUser) => this.#sessionOptions(settings, role, systemUser),
    })
    if (loggedIn === null) return null
    try {
      return { ...admit(loggedIn, settings.database), version: message.version, settings }
    } catch (error) {
      loggedIn.early?.dispose()
      throw error
    }
  }

  async #serve(login: LoggedInClient): Promise<void> {
    const { registry } = this.#context
    const { user } = login
    const { database, settings } = login.settings
    const { encryption, place } = this.#carrier
    const applicationName = settings.get('application_name') ?? ''
    const identity = {
      ...{ user, database, applicationName, address: place.address, port: place.port },
      isEncrypted: this.#client.tls !== null || encryption !== null,
      protocolVersion: login.version,
      backend: login.backend,
      role: login.role,
    }
    const entry = registry.register(identity)
    entry.stop = () => this.cut()
    this.#hasLoggedIn = true
    const watch = login.watch?.((error) => entry.stop(error))
    let session: WireSession | null = null
    try {
      session = await this.#openSession(login)
      entry.session = session
      if (!this.#isStopped && !this.#client.socket.destroyed)
        await this.#talk(entry, { session, database, user })
    } finally {
      session?.dispose()
      entry.dispose()
      watch?.dispose()
    }
  }

  async #openSession(login: LoggedInClient): Promise<WireSession> {
    const { early, backend, settings, systemUser, user } = login
    try {
      const opening = early?.take() ?? backend.openSession(this.#sessionOptions(settings, user, systemUser))
      return await this.#client.untilClosed(opening, (session) => session.dispose())
    } catch (error) {
      if (!(error instanceof WorkbenchError) || error.code !== 'limit-exceeded') throw error
      throw refusal('53300', error.message, { cause: error })
    }
  }

  #sessionOptions(start: StartUpSettings, role: string, systemUser: string): WireSessionOptions {
    const { database, settings } = start
    const { place, encryption: below } = this.#carrier
    const where = place.address === null ? 'local' : `${place.address}:${place.port}`
    const title = clientTitle(settings.get('application_name') ?? '', role, where)
    const encryption = this.#client.tls ? connectionEncryption(this.#client.tls) : below
    return { role, database, settings, title, ...place, systemUser, encryption }
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
    const { address, port } = this.#carrier.place
    const traffic = new ClientTraffic({
      socket: this.#client.socket,
      session,
      clock,
      stalledClientMs,
      allowance,
      meter: meter.open(database),
      tap: this.#context.tap({ user, database, address, port }),
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

interface LoggedInClient extends Admitted {
  /** Of the protocol, as the client asked. */
  readonly version: number
  readonly settings: StartUpSettings
}

/** Who a client is, for those who wait for it. */
export function clientTitle(applicationName: string, user: string, where: string): string {
  return `${applicationName === '' ? 'client' : applicationName} (${user}, ${where})`
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
