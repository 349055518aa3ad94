/**
 * Who is connected to an endpoint: what people see of each client, and what they can do to it. Owns the cancel keys
 * and the limits of connections. Knows no byte of a conversation.
 */

import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'
import type { Disposable } from '../../../base/disposable.ts'
import { Emitter, type Event } from '../../../base/event.ts'
import { protocolWithLongKeys } from './start-up-packet.ts'
import type { WireBackend, WireRole, WireSession } from './wire-backend.ts'
import { refusal } from './wire-failure.ts'

/** Changes are announced at most this often: clients change state thousands of times a second. */
const announcementMs = 100
/** A cancel key of protocol 3.0 is an Int32. */
const shortKeyBytes = 4
/** MAX_CANCEL_KEY_LENGTH (PostgreSQL, libpq/pqcomm.h) is what Postgres sends with protocol 3.2. */
const longKeyBytes = 32

/** As pg_stat_activity names them; `starting` while the session is opened. */
export type ClientState =
  'starting' | 'idle' | 'active' | 'idle in transaction' | 'idle in transaction (aborted)'

/** One client, for people. */
export interface ConnectedClient {
  readonly id: string
  readonly processId: number
  readonly user: string
  readonly database: string
  readonly applicationName: string
  /** null, null on a Unix-domain socket. */
  readonly address: string | null
  readonly port: number | null
  readonly isEncrypted: boolean
  readonly isFork: boolean
  readonly connectedAtMs: number
  readonly state: ClientState
  readonly stateSinceMs: number
  readonly statement: string | null
  readonly waitingFor: string | null
}

/** What is known of a client when it logs in. */
export interface ClientIdentity {
  readonly user: string
  readonly database: string
  readonly applicationName: string
  readonly address: string | null
  readonly port: number | null
  readonly isEncrypted: boolean
  readonly protocolVersion: number
  readonly backend: WireBackend
  readonly role: WireRole
}

interface Registration {
  readonly identity: ClientIdentity
  readonly clock: Clock
  readonly onChange: () => void
  readonly onDispose: () => void
}

/** One client's place in the registry; disposing it gives the place back. */
export class RegisteredClient implements Disposable {
  readonly identity: ClientIdentity
  readonly cancelKey: Buffer
  readonly connectedAtMs: number
  readonly #registration: Registration
  #state: ClientState = 'starting'
  #stateSinceMs: number
  applicationName: string
  session: WireSession | null = null
  /** Ends the connection with a FATAL error. */
  stop: (error: unknown) => void = () => undefined

  constructor(registration: Registration) {
    const { identity, clock } = registration
    const keyBytes = identity.protocolVersion >= protocolWithLongKeys ? longKeyBytes : shortKeyBytes
    this.#registration = registration
    this.identity = identity
    this.cancelKey = randomBytes(keyBytes)
    this.applicationName = identity.applicationName
    this.connectedAtMs = clock.nowMs()
    this.#stateSinceMs = this.connectedAtMs
  }

  get state(): ClientState {
    return this.#state
  }

  set state(state: ClientState) {
    if (state === this.#state) return
    this.#state = state
    this.#stateSinceMs = this.#registration.clock.nowMs()
  }

  /** Since when it is in that state. */
  get stateSinceMs(): number {
    return this.#stateSinceMs
  }

  changed(): void {
    this.#registration.onChange()
  }

  dispose(): void {
    this.#registration.onDispose()
  }
}

export class ClientRegistry {
  /** Somebody came, went, or changed; look with `list`. */
  readonly onDidChange: Event<void>
  readonly #clients = new Map<string, RegisteredClient>()
  readonly #emitter = new Emitter<void>()
  readonly #clock: Clock
  readonly #connectionsMax: number
  #announcement: Disposable | null = null

  constructor(clock: Clock, connectionsMax: number) {
    this.#clock = clock
    this.#connectionsMax = connectionsMax
    this.onDidChange = this.#emitter.event
  }

  get size(): number {
    return this.#clients.size
  }

  has(id: string): boolean {
    return this.#clients.has(id)
  }

  list(): ConnectedClient[] {
    return [...this.#clients].map(([id, client]) => {
      const { identity, connectedAtMs, applicationName, state, stateSinceMs, session } = client
      const { user, database, address, port, isEncrypted } = identity
      const { statement, waitingFor } = session?.activity ?? { statement: null, waitingFor: null }
      const isFork = identity.backend.isForking === true
      const processId = session?.processId ?? 0
      const about = { id, processId, user, database, applicationName, address, port, isFork }
      return { ...about, isEncrypted, connectedAtMs, state, stateSinceMs, statement, waitingFor }
    })
  }

  /** Asks a client's statement to end with 57014; nothing when it is gone or idle. */
  cancel(id: string): void {
    this.#clients.get(id)?.session?.cancel()
  }

  /** Tells a client 57P01 and closes its connection. */
  disconnect(id: string): void {
    this.#clients.get(id)?.stop(stoppedByUser())
  }

  /** Disconnects everybody. */
  disconnectAll(): void {
    for (const id of [...this.#clients.keys()]) this.disconnect(id)
  }

  /** A CancelRequest: only the right key does anything, and nobody is told which was right. */
  cancelByKey(processId: number, key: Buffer): void {
    for (const { session, cancelKey } of this.#clients.values()) {
      if (session?.processId !== processId || cancelKey.length !== key.length) continue
      if (timingSafeEqual(cancelKey, key)) session.cancel()
    }
  }

  /** Gives a place to a client that has been authenticated; throws 53300 when there is none. */
  register(identity: ClientIdentity): RegisteredClient {
    this.#checkLimits(identity)
    const id = randomUUID()
    const client = new RegisteredClient({
      ...{ identity, clock: this.#clock },
      onChange: () => this.#announce(),
      onDispose: () => {
        if (this.#clients.delete(id)) this.#announce()
      },
    })
    this.#clients.set(id, client)
    this.#announce()
    return client
  }

  /** Ends the announcements. */
  dispose(): void {
    this.#announcement?.dispose()
    this.#announcement = null
    this.#emitter.dispose()
  }

  #checkLimits({ user, role, backend, database }: ClientIdentity): void {
    if (this.#clients.size >= this.#connectionsMax) {
      throw refusal('53300', 'sorry, too many clients already', {
        hint: `This endpoint takes ${this.#connectionsMax} clients at once; close some, or use a pool.`,
      })
    }
    if (role.isSuperuser || role.connectionLimit < 0) return
    const others = [...this.#clients.values()].filter(
      // What stands behind a token is made anew for each client; its database has the same name.
      ({ identity }) =>
        identity.user === user && (identity.backend === backend || identity.database === database),
    )
    if (others.length < role.connectionLimit) return
    throw refusal('53300', `too many connections for role "${user}"`)
  }

  #announce(): void {
    this.#announcement ??= this.#clock.after(announcementMs, () => {
      this.#announcement = null
      this.#emitter.fire()
    })
  }
}

/** What Postgres says to clients of a server that is stopped, and to those whom somebody terminates. */
export function stoppedByUser(): Error {
  return refusal('57P01', 'terminating connection due to administrator command')
}
